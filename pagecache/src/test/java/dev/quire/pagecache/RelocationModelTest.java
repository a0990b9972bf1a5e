package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.backing.RelocationOutcome;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Threads read, pin, write, evict, sync, move and compact the pages of one small file at random: a
 * read that begins after a write has returned sees it, or a later one (thread S3).
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RelocationModelTest {
    private static final int PAGE_BYTES = 4096;
    private static final int STEPS = Integer.getInteger("relocation.steps", 60_000);

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private final AtomicLong moved = new AtomicLong();

    @SuppressWarnings("NullAway.Init") // before each test
    private PageCache cache;

    @SuppressWarnings("NullAway.Init") // before each test
    private PagedFile file;

    private int pages;

    /** By page: the last value whose write has returned. */
    private AtomicLongArray written = new AtomicLongArray(0);

    @AfterEach
    void close() throws IOException {
        cache.close();
    }

    @ParameterizedTest
    @CsvSource({"2, 16", "3, 32", "4, 64"})
    void shouldReadWhatWasWrittenWhereverThePageIs(int threads, int hotPages) throws Exception {
        System.out.println(
                "RelocationModelTest "
                        + threads
                        + " threads, "
                        + hotPages
                        + " pages, "
                        + STEPS
                        + " operations: -Dseed="
                        + seed);
        pages = hotPages;
        written = new AtomicLongArray(pages);
        cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes(64L * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .readAheadBytes(0)
                                .dirtyAge(Duration.ofMillis(5))
                                .build());
        file = cache.map("store", backing);
        file.truncate((long) pages * PAGE_BYTES);
        List<Running<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Random random = new Random(seed + i);
            running.add(Running.run(() -> work(random)));
        }
        for (Running<Boolean> thread : running) {
            thread.join();
        }
        cache.verify();
        assertThat(moved).as("pages moved").hasValueGreaterThan(STEPS / 10);
        file.sync();
        for (int page = 0; page < pages; page++) {
            assertThat(read(page)).isEqualTo(written.get(page));
        }
        assertThat(cache.stats().callbackErrors()).isZero();
    }

    private void work(Random random) throws Exception {
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < STEPS; i++) {
                int page = random.nextInt(pages);
                switch (random.nextInt(16)) {
                    case 0, 1, 2, 3 -> {
                        long before = written.get(page);
                        assertThat(read(page)).isGreaterThanOrEqualTo(before);
                    }
                    case 4, 5 -> pin(c, page);
                    case 6, 7, 8 -> write(c, page);
                    case 9 -> file.tryInvalidate(page, 1 + random.nextInt(4));
                    case 10 -> {
                        if (random.nextInt(20) == 0) {
                            file.sync();
                        }
                    }
                    case 11 -> {
                        if (random.nextInt(20) == 0) {
                            moved.addAndGet(
                                    cache.compact(1 + random.nextInt(5), 1 + random.nextInt(3))
                                            .pagesMoved());
                        }
                    }
                    default -> {
                        if (file.relocate(page) == RelocationOutcome.MOVED) {
                            moved.incrementAndGet();
                        }
                    }
                }
            }
        }
    }

    private void pin(PageCursor c, int page) {
        long before = written.get(page);
        c.pin(page);
        long first;
        long last;
        do {
            first = c.getLong(0);
            last = c.getLong(PAGE_BYTES - 8);
        } while (c.retry());
        assertThat(first).isEqualTo(last).isGreaterThanOrEqualTo(before);
        assertThat(c.detached()).isFalse();
        c.release();
    }

    private void write(PageCursor c, int page) {
        c.write(page);
        long value = c.getLong(0) + 1;
        assertThat(value).as("page %s", page).isGreaterThan(written.get(page));
        c.putLong(0, value);
        c.putLong(PAGE_BYTES - 8, value);
        c.release();
        written.accumulateAndGet(page, value, Math::max);
    }

    private long read(long page) {
        return CacheFixture.read(file, page);
    }

    /** The same from the store: nothing that moved was forgotten by write-back. */
    @Test
    void shouldHaveStoredEverythingWhenItIsOpenedAgain() throws Exception {
        shouldReadWhatWasWrittenWhereverThePageIs(2, 48);
        file.close();
        for (int page = 0; page < pages; page++) {
            assertThat(backing.durable(page)[0]).isEqualTo((byte) written.get(page));
        }
    }
}
