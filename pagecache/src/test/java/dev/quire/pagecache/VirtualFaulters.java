package dev.quire.pagecache;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A thousand virtual threads in a process with one carrier. Each waits for a page: first all of
 * them for one page, then each for its own, in a store that answers only when all have come. If one
 * held the carrier meanwhile, nobody else would come, and the process would hang.
 */
final class VirtualFaulters {
    static final int THREADS = 1000;
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 2048;
    private static final int PAGES = 4000;

    private static final LongAdder WRONG = new LongAdder();

    private VirtualFaulters() {}

    public static void main(String[] args) throws Exception {
        MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
        for (long page = 0; page < PAGES; page++) {
            backing.put(page, 1 + (int) page % 100);
        }
        PageCacheConfig config =
                PageCacheConfig.builder()
                        .memoryBytes((long) FRAMES * PAGE_BYTES)
                        .readAheadBytes(0) // as many reads as threads
                        .pageBytes(PAGE_BYTES)
                        .build();
        try (PageCache cache = PageCache.create(config);
                PagedFile file = cache.map("store", backing)) {
            together(backing, file);
            apart(backing, file);
            writers(backing, file);
            pressed(backing, file);
            backing.heal();
            cache.verify();
        }
        System.out.println("wrong=" + WRONG);
    }

    /** All wait for one page, whose reader waits until they have been there. */
    private static void together(MemoryBacking backing, PagedFile file) throws Exception {
        CountDownLatch come = new CountDownLatch(THREADS);
        backing.beforeRead = page -> await(come);
        run(
                i -> {
                    come.countDown();
                    check(file, 0);
                });
    }

    /** Each waits for a page of its own; no read ends before as many as can have begun. */
    private static void apart(MemoryBacking backing, PagedFile file) throws Exception {
        CountDownLatch begun = new CountDownLatch(THREADS);
        backing.beforeRead =
                page -> {
                    begun.countDown();
                    await(begun);
                };
        run(i -> check(file, 1 + i));
    }

    /** All write one page, one after the other, while it is also written back. */
    private static void writers(MemoryBacking backing, PagedFile file) throws Exception {
        backing.beforeRead = page -> {};
        AtomicInteger written = new AtomicInteger();
        run(
                i -> {
                    try (PageCursor c = file.cursor()) {
                        c.write(2000);
                        c.putLong(8, c.getLong(8) + 1);
                        sleep(); // others come meanwhile
                        c.release();
                    }
                    if (written.incrementAndGet() % 100 == 0) {
                        file.sync();
                    }
                });
        try (PageCursor c = file.cursor()) {
            c.pin(2000);
            long base = 0x0101_0101_0101_0101L; // what the store held at first
            WRONG.add(c.getLong(8) == base + THREADS ? 0 : 1);
        }
    }

    /** More pages than frames, in a store that takes its time. */
    private static void pressed(MemoryBacking backing, PagedFile file) throws Exception {
        backing.beforeRead =
                page -> {
                    if (page % 10 == 0) {
                        sleep();
                    }
                };
        run(
                i -> {
                    Random random = new Random(i);
                    for (int n = 0; n < 10; n++) {
                        check(file, 2001 + random.nextInt(PAGES - 2001));
                        check(file, 1 + random.nextInt(1999));
                    }
                });
    }

    private interface Work {
        void run(int i) throws Exception;
    }

    private static void run(Work work) throws Exception {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            threads.add(
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    work.run(number);
                                } catch (Exception | AssertionError e) {
                                    System.out.println("thread " + number + ": " + e);
                                    WRONG.increment();
                                }
                            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void check(PagedFile file, long page) {
        long expected = (1 + page % 100) * 0x0101_0101_0101_0101L;
        try (PageCursor c = file.cursor()) {
            long found;
            do {
                c.read(page);
                found = c.getLong(16);
            } while (c.retry());
            WRONG.add(found == expected ? 0 : 1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("a virtual thread holds its carrier while it waits");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
