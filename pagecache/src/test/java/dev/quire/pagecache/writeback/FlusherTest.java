package dev.quire.pagecache.writeback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.Running;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.lru.TwoListLru;
import dev.quire.pagecache.readahead.ReadPattern;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.PageLatches;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Whose turn it is to be written in the background; the test's clock decides what is old. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FlusherTest {
    private static final int PAGE_BYTES = 4096;
    private static final int WRITERS = 32;
    private static final int FILES = 2 * WRITERS + 6;
    private static final long AGE_NANOS = 1_000;

    private final AtomicLong clock = new AtomicLong();
    private final Set<String> inside = ConcurrentHashMap.newKeySet();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean held; // all pages wait for their log
    private volatile CountDownLatch go = new CountDownLatch(1);
    private final List<AddressSpace> spaces = new ArrayList<>();
    private final Signal signal = new Signal(Long.MAX_VALUE); // sleeps until it is woken
    private PageAllocator allocator;
    private CacheContext context;
    private DirtyLimits limits;
    private Flusher flusher;

    /** Keeps nothing; its writes wait until the test lets them go. */
    private final class Store implements AddressSpaceOps {
        private final String name;

        Store(String name) {
            this.name = name;
        }

        @Override
        public int readPage(long page, MemorySegment into) {
            return 0;
        }

        @Override
        public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {
            inside.add(name);
            Running.await(go);
            written.addAndGet(count);
        }

        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            asked.incrementAndGet();
            if (held) {
                Running.await(go);
            }
            return held ? 1 : GO;
        }

        @Override
        public void sync() {}

        @Override
        public void truncate(long sizeBytes) {}

        @Override
        public long sizeBytes() {
            return 0;
        }
    }

    @BeforeEach
    void open() {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes(256 * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        context =
                new CacheContext(
                        allocator,
                        new TwoListLru(allocator.frames()),
                        Executors.defaultThreadFactory());
        limits = new DirtyLimits(context, signal, 200, 240, 1);
        flusher = flusher();
    }

    private Flusher flusher() {
        return new Flusher(
                context,
                new Writeback(context, limits),
                limits,
                signal,
                AGE_NANOS,
                FlusherTest::work,
                clock::get);
    }

    private static int work(String what, AgentWork.Work work) {
        try {
            return work.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        go.countDown();
        spaces.forEach(context.truncation()::discard);
        context.close();
        allocator.drainDeferred();
        allocator.verify();
        allocator.close();
    }

    private void dirtyOnePageEach(int files) throws Exception {
        for (int i = 0; i < files; i++) {
            String name = "file " + i;
            AddressSpace space = AddressSpace.open(context, name, new Store(name), false);
            spaces.add(space);
            dirty(space);
        }
    }

    private void dirty(AddressSpace space) {
        PageLatches latches =
                new PageLatches(
                        space, context, limits, true, new ReadPattern(ReadPattern.Order.RANDOM));
        int frame = latches.latch(0, true);
        latches.end(0, space.translation().findOrMake(0).at(0), frame, true);
    }

    @Test
    void shouldLeavePagesAloneThatAreNotOld() throws Exception {
        dirtyOnePageEach(1);
        clock.addAndGet(AGE_NANOS / 2 - 1);
        flusher.doWork();
        assertThat(context.threads()).asString().contains("pool size = 0");
    }

    /** All are old at once, and there are fewer writers than files: each gets its turn. */
    @Test
    void shouldWriteEveryFileThatIsOldHoweverManyThereAre() throws Exception {
        dirtyOnePageEach(FILES);
        clock.addAndGet(AGE_NANOS);
        flusher.doWork();
        Running.until("all writers are at work", () -> inside.size() == WRITERS);
        flusher.doWork();
        go.countDown();
        while (written.get() < FILES) { // the clock stands still
            signal.idle(flusher.doWork());
        }
        Running.until("clean", () -> dirtyPages() == 0);
    }

    @Test
    void shouldGoOnWhereTheLastPassFoundNoWriter() throws Exception {
        dirtyOnePageEach(FILES);
        flusher.wake();
        flusher.doWork();
        Running.until("all writers are at work", () -> inside.size() == WRITERS);
        List<AddressSpace> first = spaces.stream().filter(s -> inside.contains(s.name())).toList();
        go.countDown();
        Running.until("they are through", () -> dirtyPages() == FILES - WRITERS);
        go = new CountDownLatch(1);
        inside.clear();
        first.forEach(this::dirty); // again, at once
        Running.until(
                "all writers are at work",
                () -> {
                    flusher.wake();
                    flusher.doWork();
                    return inside.size() == WRITERS;
                });
        assertThat(inside).doesNotContainAnyElementsOf(names(first));
    }

    /** More files than writers, too many dirty pages, and none may be written. */
    @Test
    void shouldRestWhenEveryFileHadItsTurnInVain() throws Exception {
        held = true;
        dirtyOnePageEach(FILES);
        limits = new DirtyLimits(context, signal, 1, 240, 1);
        flusher = flusher();
        int turns = 0;
        do {
            assertThat(turns).as("turns").isLessThan(10 * FILES);
            go = new CountDownLatch(1);
            flusher.doWork(); // finds no writer for some
            go.countDown();
            turns += WRITERS;
            awaitEndOf(turns);
        } while (isRaised());
        assertThat(turns).isGreaterThanOrEqualTo(FILES);
        held = false;
        while (dirtyPages() > 0) { // as after each of its rests
            flusher.doWork();
            Running.until("they are through", () -> writersAtWork() == 0);
        }
    }

    private void awaitEndOf(int turns) {
        Running.until("they are through", () -> asked.get() == turns && writersAtWork() == 0);
    }

    private int writersAtWork() {
        return ((ThreadPoolExecutor) context.threads()).getActiveCount();
    }

    /** Whether the flusher would go on at once. */
    private boolean isRaised() throws Exception {
        Running<Boolean> idle = Running.run(signal::idle).awaitAsleep();
        boolean raised = idle.isDone();
        if (!raised) {
            signal.raise(); // lets it end
        }
        idle.get();
        return raised;
    }

    private static List<String> names(List<AddressSpace> spaces) {
        return spaces.stream().map(AddressSpace::name).toList();
    }

    private long dirtyPages() {
        return context.counters().dirtyPages.get();
    }
}
