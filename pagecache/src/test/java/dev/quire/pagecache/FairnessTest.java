package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Readers and writers that want more frames than there are: each gets on. */
class FairnessTest extends CacheFixture {
    private static final int PAGES = 20 * FRAMES;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.dirtyPercent(20, 50);
    }

    private static MemoryBacking table() {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.put(PAGES - 1, 1);
        return store;
    }

    private static void scan(PagedFile table, int times) {
        try (PageCursor c = table.cursor()) {
            for (int i = 0; i < times * PAGES; i++) {
                c.read(i % PAGES);
            }
        }
    }

    @Test
    void shouldLeaveReadersTheirFramesWhileAWriterIsHeldBack() throws Exception {
        CountDownLatch gate = gate();
        backing.beforeWrite = page -> Running.await(gate);
        AtomicInteger written = new AtomicInteger();
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            for (int page = 0; page < 2 * FRAMES; page++) {
                                write(page, 1, 0);
                                written.incrementAndGet();
                            }
                        });
        Running.until("writer is stopped", () -> cache.stats().dirtyPages() >= FRAMES / 2);
        PagedFile table = cache.map("table", table());
        scan(table, 3); // does not end if the writer has the frames
        assertThat(writer.isDone()).isFalse();
        assertThat(written).hasValueLessThan(FRAMES);
        gate.countDown();
        writer.get();
        assertThat(cache.stats().writeThrottles()).isPositive();
        assertThat(cache.stats().writeThrottleNanos()).isPositive();
        table.close();
    }

    @Test
    void shouldLetAWriterOnWhileReadersTakeEveryFrame() throws Exception {
        PagedFile table = cache.map("table", table());
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger scans = new AtomicInteger();
        List<Running<Boolean>> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            readers.add(
                    Running.run(
                            () -> {
                                while (!end.get()) {
                                    scan(table, 1);
                                    scans.incrementAndGet();
                                }
                            }));
        }
        Running<Boolean> writer = Running.run(() -> write(0, 20 * FRAMES, 3));
        writer.get();
        end.set(true);
        for (Running<Boolean> reader : readers) {
            reader.get();
        }
        assertThat(scans.get()).isPositive();
        for (long page = 0; page < 20 * FRAMES; page += 7) {
            assertThat(read(page)).isEqualTo(page + 3);
        }
        table.close();
    }
}
