package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What is remembered of pages that left is bounded by the cache, not by the file. */
@ParameterizedClass
@EnumSource(ReplacementPolicy.class)
class ShadowSweepTest extends CacheFixture {
    private static final int PAGES = 400 * Chunk.PAGES;

    @Parameter
    @SuppressWarnings("NullAway.Init") // by the test engine
    ReplacementPolicy policy;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.replacement(policy);
    }

    private int shadows(long from, long to) {
        int shadows = 0;
        for (long page = from; page < to; page++) {
            shadows += Slot.isShadow(slot(page)) ? 1 : 0;
        }
        return shadows;
    }

    private int chunks() {
        int chunks = 0;
        for (long page = 0; page < PAGES; page += Chunk.PAGES) {
            chunks += file.space().translation().find(page) == null ? 0 : 1;
        }
        return chunks;
    }

    // A shadow is of use for 4 times the frames, and one walk takes as many evictions.
    @Test
    void shouldForgetPagesThatLeftLongAgoAndGiveTheirChunksBack() throws Exception {
        file.truncate((long) PAGES * PAGE_BYTES);
        sweep(0, 64 * Chunk.PAGES);
        assertThat(shadows(0, 60 * Chunk.PAGES)).as("of long ago").isZero();
        assertThat(shadows(0, 64 * Chunk.PAGES)).as("in all").isBetween(1, 20 * FRAMES);
        assertThat(chunks()).isLessThan(5);
    }

    // The worst case: every page has a chunk of its own.
    @Test
    void shouldForgetPagesOfASparseFile() throws Exception {
        file.truncate((long) PAGES * PAGE_BYTES);
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            for (int i = 0; i < 40 * FRAMES; i++) {
                c.read((long) i * Chunk.PAGES * 7 % PAGES + i % Chunk.PAGES);
            }
        }
        long remembered = 0;
        for (long page = 0; page < PAGES; page++) {
            remembered += Slot.isShadow(slot(page)) ? 1 : 0;
        }
        assertThat(remembered).isLessThan(20 * FRAMES);
    }

    @Test
    void shouldRememberPagesThatLeftJustNow() throws Exception {
        file.truncate((long) PAGES * PAGE_BYTES);
        sweep(0, 20 * Chunk.PAGES);
        assertThat(shadows(20 * Chunk.PAGES - 2 * FRAMES, 20 * Chunk.PAGES))
                .as("about what is not cached")
                .isBetween(FRAMES / 2, 2 * FRAMES);
    }
}
