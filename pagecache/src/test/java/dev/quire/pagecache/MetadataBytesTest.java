package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/** What memory a frame costs beside itself, as docs/operations.md says for sizing. */
class MetadataBytesTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 1 << 18;

    /** What does not grow with the frames: queues, counters, a page cache's own objects. */
    private static final double FIXED_BYTES = 0.5;

    // Its memory is only reserved: no page of it is touched but one.
    private final PageCache cache =
            PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes((long) FRAMES * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .threading(Threading.embedded())
                            .build());

    @AfterEach
    void verifyAndClose() throws IOException {
        cache.verify();
        cache.close();
    }

    private double bytesAFrame() {
        return (double) cache.stats().metadataBytes() / cache.stats().totalFrames();
    }

    @Test
    void shouldDescribeAFrameWith43Bytes() {
        assertThat(bytesAFrame()).isBetween(43 - FIXED_BYTES, 43 + FIXED_BYTES);
    }
}
