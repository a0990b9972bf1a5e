package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.Random;

/** Several caches share what there is. */
class CacheBudgetTest extends CacheFixture {
    private static final long MIB = 1L << 20;
    private static final int MIB_PAGES = (int) (MIB / PAGE_BYTES);

    private final CacheBudget budget = new CacheBudget(8 * MIB);
    private final MemoryBacking otherBacking = new MemoryBacking(PAGE_BYTES);
    private PageCache other;
    private PagedFile otherFile;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.memoryBytes(8 * MIB);
    }

    @BeforeEach
    void openOther() throws IOException {
        other = PageCache.create(configure(config()).build());
        otherFile = other.map("other", otherBacking);
    }

    @AfterEach
    @Override
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closeCache() throws IOException {
        other.verify();
        other.close();
        super.closeCache();
    }

    private static long used(PageCache of) {
        return of.stats().totalFrames() - of.stats().freeFrames();
    }

    private static void fill(PagedFile file, int pages) throws IOException {
        file.truncate((long) pages * PAGE_BYTES);
        try (PageCursor c = file.cursor()) {
            for (int page = 0; page < pages; page++) {
                c.read(page);
            }
        }
    }

    @Test
    void shouldMoveTheRightToUseMemory() throws IOException {
        budget.join(cache, 6 * MIB, MIB);
        budget.join(other, 2 * MIB, MIB);
        fill(file, 8 * MIB_PAGES);
        fill(otherFile, 8 * MIB_PAGES);
        assertThat(used(cache)).isLessThanOrEqualTo(6 * MIB_PAGES);
        assertThat(used(other)).isLessThanOrEqualTo(2 * MIB_PAGES);
        budget.move(cache, other, 5 * MIB);
        assertThat(budget.bytesOf(cache)).isEqualTo(MIB);
        assertThat(budget.bytesOf(other)).isEqualTo(7 * MIB);
        Running.until("one gives", () -> used(cache) <= MIB_PAGES);
        fill(otherFile, 8 * MIB_PAGES);
        assertThat(used(other)).as("the other one takes").isGreaterThan(6 * MIB_PAGES);
    }

    @Test
    void shouldMoveMemoryToTheCacheThatMissesItsPages() throws IOException {
        budget.join(cache, 4 * MIB, MIB);
        budget.join(other, 4 * MIB, MIB);
        fill(otherFile, MIB_PAGES);
        assertThat(budget.rebalance()).as("nobody misses a page").isFalse();
        file.truncate(6 * MIB);
        Random random = new Random(1);
        readAtRandom(random);
        int rounds = 0;
        while (budget.bytesOf(cache) < 7 * MIB && rounds++ < 200) {
            readAtRandom(random);
            try (PageCursor c = otherFile.cursor()) {
                c.read(rounds % MIB_PAGES);
            }
            budget.rebalance();
        }
        assertThat(budget.bytesOf(cache)).isGreaterThan(4 * MIB);
        assertThat(budget.bytesOf(cache) + budget.bytesOf(other)).isEqualTo(8 * MIB);
        assertThat(cache.limitBytes()).isEqualTo(budget.bytesOf(cache));
    }

    /** A cache that has nothing of its own still has what it cannot do without. */
    @Test
    void shouldLeaveACacheThatNeedsNothingTheLeastThatACacheCanHave() throws IOException {
        long leastBytes = 64 * PAGE_BYTES;
        CacheBudget budget = new CacheBudget(4 * MIB + leastBytes + 1);
        budget.join(cache, 4 * MIB, 0);
        budget.join(other, leastBytes + 1, 0);
        file.truncate(8 * MIB);
        Random random = new Random(1);
        for (int round = 0; round < 10; round++) {
            readAtRandom(random);
            budget.rebalance();
        }
        assertThat(budget.bytesOf(other)).isEqualTo(leastBytes + 1);
        assertThatThrownBy(() -> budget.move(other, cache, 2))
                .hasMessageContaining("0..1 bytes")
                .hasMessageContaining("bytes=2");
    }

    @Test
    void shouldGiveWhatNobodyHasToTheCacheThatMissesItsPages() throws IOException {
        budget.join(cache, 4 * MIB, MIB);
        budget.join(other, 4 * MIB, MIB);
        budget.leave(other);
        file.truncate(6 * MIB);
        Random random = new Random(1);
        for (int round = 0; round < 64 && budget.freeBytes() > 2 * MIB; round++) {
            readAtRandom(random);
            budget.rebalance();
        }
        assertThat(budget.bytesOf(cache)).isGreaterThanOrEqualTo(6 * MIB);
        assertThat(budget.freeBytes()).isEqualTo(8 * MIB - budget.bytesOf(cache));
        assertThat(cache.limitBytes()).isEqualTo(budget.bytesOf(cache));
    }

    /** More pages than it may have, of which it could have all. */
    private void readAtRandom(Random random) {
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 4 * MIB_PAGES; i++) {
                c.read(random.nextInt(6 * MIB_PAGES));
            }
        }
    }

    @Test
    void shouldGiveNoMoreThanThereIs() {
        budget.join(cache, 6 * MIB, MIB);
        assertThatThrownBy(() -> budget.join(other, 3 * MIB, 0))
                .hasMessageContaining("8388608 bytes has 2097152 left: bytes=3145728");
        assertThat(other.limitBytes()).isEqualTo(8 * MIB);
        assertThatThrownBy(() -> budget.join(cache, MIB, 0)).hasMessageContaining("already");
        assertThatThrownBy(() -> budget.join(other, MIB, 2 * MIB))
                .hasMessageContaining("leastBytes=2097152");
        budget.join(other, 2 * MIB, MIB);
        assertThatThrownBy(() -> budget.move(other, cache, 2 * MIB))
                .hasMessageContaining("0..1048576 bytes")
                .hasMessageContaining("bytes=2097152");
        assertThatThrownBy(() -> budget.move(other, cache, -1)).hasMessageContaining("bytes=-1");
        assertThat(budget.freeBytes()).isZero();
        budget.leave(cache);
        assertThat(budget.freeBytes()).isEqualTo(6 * MIB);
        assertThatThrownBy(() -> budget.bytesOf(cache)).hasMessageContaining("not in this budget");
        assertThatThrownBy(() -> new CacheBudget(0)).hasMessageContaining("totalBytes=0");
    }
}
