package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.Fault;
import dev.quire.aio.FaultPlan;
import dev.quire.pagecache.backing.PageReadException;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** Prefetches and asynchronous reads of files, by every engine, also of devices that fail. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RealReadsTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 512;
    private static final int PAGES = 900;
    private static final int TAIL_BYTES = 1000; // of one more page
    private static final int EIO = 5;

    @TempDir Path directory;
    private Path path;

    static List<Arguments> kinds() {
        List<Arguments> kinds = new ArrayList<>();
        for (Engine engine : Engine.values()) {
            kinds.add(Arguments.of(engine, false));
            kinds.add(Arguments.of(engine, true));
        }
        return kinds;
    }

    /** Each page begins and ends with its number; the last one is there in part. */
    @BeforeEach
    void writeNumbers() throws IOException {
        path = directory.resolve("file");
        ByteBuffer bytes =
                ByteBuffer.allocate(PAGES * PAGE_BYTES + TAIL_BYTES).order(ByteOrder.nativeOrder());
        for (int page = 0; page <= PAGES; page++) {
            bytes.putLong(page * PAGE_BYTES, page + 1);
            if (page < PAGES) {
                bytes.putLong((page + 1) * PAGE_BYTES - 8, page + 1);
            }
        }
        Files.write(path, bytes.array());
    }

    private static PageCache cache(AsyncIoConfig.Builder io) {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(FRAMES * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .io(io.build())
                        .build());
    }

    private PagedFile open(PageCache cache, boolean direct) throws IOException {
        List<OpenOption> options = new ArrayList<>(List.of(StandardOpenOption.READ));
        if (direct) {
            options.add(RealFileTest.direct());
        }
        return cache.open(path, options.toArray(OpenOption[]::new));
    }

    private static void check(PageCursor c, long page) {
        long first;
        long last;
        do {
            c.read(page);
            first = c.getLong(0);
            last = c.getLong(PAGE_BYTES - 8);
        } while (c.retry());
        assertThat(first).as("page %s", page).isEqualTo(page + 1);
        assertThat(last).as("end of page %s", page).isEqualTo(page == PAGES ? 0 : page + 1);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldPrefetchTheWholeFileBitByBit(Engine engine, boolean direct) throws Exception {
        try (PageCache cache = cache(AsyncIoConfig.builder().engine(engine));
                PagedFile file = open(cache, direct);
                PageCursor c = file.cursor()) {
            for (long page = 0; page <= PAGES; page++) {
                if (page % 50 == 0) {
                    file.prefetchRange(page, 50);
                }
                check(c, page);
            }
            Running.until(
                    "nothing is under way",
                    () -> cache.context().counters().fillingPages.get() == 0);
            cache.verify();
            assertThat(cache.stats().readErrors()).isZero();
            assertThat(cache.stats().callbackErrors()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldTellOfEveryPageOnce(Engine engine, boolean direct) throws Exception {
        try (PageCache cache = cache(AsyncIoConfig.builder().engine(engine));
                PagedFile file = open(cache, direct);
                PageCursor c = file.cursor()) {
            BlockingQueue<Long> told = new LinkedBlockingQueue<>();
            AtomicIntegerArray counts = new AtomicIntegerArray(PAGES + 1);
            for (long page = 0; page <= PAGES; page++) {
                file.readAsync(
                        page,
                        (p, failure) -> {
                            counts.incrementAndGet((int) p);
                            told.add(failure == null ? p : -1);
                        });
            }
            for (long page = 0; page <= PAGES; page++) {
                Long next = told.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
                assertThat(next).isNotNull().isNotNegative();
                check(c, next);
            }
            for (int page = 0; page <= PAGES; page++) {
                assertThat(counts.get(page)).as("page %s", page).isEqualTo(1);
            }
            cache.verify();
        }
    }

    /** Short transfers, interruptions and shortages that pass, late and double ends: unseen. */
    @ParameterizedTest
    @MethodSource("kinds")
    void shouldHideWhatAnEngineSeesThrough(Engine engine, boolean direct) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        FaultPlan plan =
                FaultPlan.builder()
                        .seed(seed)
                        .only(FaultPlan.Traffic.READS)
                        .probability(Fault.SHORT_TRANSFER, 0.2)
                        .probability(Fault.EINTR, 0.1)
                        .probability(Fault.LATE, 0.1)
                        .probability(Fault.REORDERED, 0.1)
                        .probability(Fault.DUPLICATED, 0.1)
                        .build();
        try (PageCache cache = cache(AsyncIoConfig.builder().engine(engine).faults(plan));
                PagedFile file = open(cache, direct);
                PageCursor c = file.cursor()) {
            for (long page = 0; page <= PAGES; page++) {
                if (page % 100 == 0) {
                    file.prefetchRange(page, 64);
                }
                check(c, page);
            }
            plan.off();
            assertThat(plan.injected()).as("-Dseed=%d", seed).isPositive();
            Running.until(
                    "nothing is under way",
                    () -> cache.context().counters().fillingPages.get() == 0);
            cache.verify();
        }
    }

    /** A read that fails says where and why, leaves nothing, and succeeds when it can. */
    @ParameterizedTest
    @MethodSource("kinds")
    void shouldTryAgainAfterADeviceFailed(Engine engine, boolean direct) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        FaultPlan plan =
                FaultPlan.builder()
                        .seed(seed)
                        .only(FaultPlan.Traffic.READS)
                        .probability(Fault.EIO, 0.3)
                        .probability(Fault.REFUSED, 0.1)
                        .build();
        try (PageCache cache = cache(AsyncIoConfig.builder().engine(engine).faults(plan));
                PagedFile file = open(cache, direct);
                PageCursor c = file.cursor()) {
            BlockingQueue<Object> told = new LinkedBlockingQueue<>();
            for (long page = 0; page < 200; page++) {
                file.readAsync(page, (p, failure) -> told.add(failure == null ? p : failure));
            }
            file.prefetchRange(200, 100);
            int failed = 0;
            for (int i = 0; i < 200; i++) {
                Object next = told.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
                assertThat(next).isNotNull();
                failed += next instanceof Throwable e ? failure(e) : 0;
            }
            for (long page = 300; page < 400; page++) {
                long wanted = page;
                Throwable e = catchThrowable(() -> check(c, wanted));
                failed += e == null ? 0 : failure(e);
            }
            assertThat(failed).as("-Dseed=%d", seed).isPositive();
            plan.off();
            for (long page = 0; page < 400; page++) {
                check(c, page);
            }
            cache.verify();
            CacheFixture.awaitAllFree(cache);
        }
    }

    private static int failure(Throwable e) {
        if (e instanceof PageReadException read) {
            assertThat(read.errno()).isEqualTo(EIO);
            assertThat(read).hasMessageContaining("page=" + read.page());
        } else {
            assertThat(e).hasMessageContaining("refused as planned");
        }
        return 1;
    }
}
