package dev.quire.aio;

import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** Random operations on all zones of a file at once, for a while, by completions and threads. */
final class Soak {
    private static final int PLATFORM_THREADS = 2;
    private static final int VIRTUAL_THREADS = 6;
    private static final long END_SECONDS_MAX = 60;
    private static final int FAILURES_MAX = 5;

    private final long seed;
    private final int syncsOneIn;
    private final List<SoakZone> zones = new ArrayList<>();
    private final CountDownLatch running;
    private final LinkedBlockingQueue<SoakZone> handedOn = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable IoCancellation> cancellable = new AtomicReference<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final LongAdder operations = new LongAdder();
    private final LongAdder givenUp = new LongAdder();
    private volatile boolean over;

    /**
     * A soak that has not begun.
     *
     * @param file opened to read and write, as long as the shadow
     * @param allocator of the frames that are read into and written from
     * @param shadow what the file holds, whole zones; kept up to date
     * @param seed of all random numbers
     * @param syncsOneIn of so many operations two are syncs
     */
    Soak(AsyncFile file, PageAllocator allocator, MemorySegment shadow, long seed, int syncsOneIn) {
        this.seed = seed;
        this.syncsOneIn = syncsOneIn;
        int count = (int) (shadow.byteSize() / SoakZone.BYTES);
        for (int i = 0; i < count; i++) {
            MemorySegment part = shadow.asSlice((long) i * SoakZone.BYTES, SoakZone.BYTES);
            zones.add(new SoakZone(this, file, allocator, i, part));
        }
        running = new CountDownLatch(count);
    }

    /** Runs it; every zone is quiet after that. */
    void run(long nanos) throws InterruptedException {
        handedOn.addAll(zones);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < PLATFORM_THREADS + VIRTUAL_THREADS; i++) {
            Random random = new Random(seed - 1 - i);
            threads.add(
                    (i < PLATFORM_THREADS ? Thread.ofPlatform().daemon() : Thread.ofVirtual())
                            .start(() -> serve(random)));
        }
        TimeUnit.NANOSECONDS.sleep(nanos);
        over = true;
        if (!running.await(END_SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new AssertionError(
                    "requests did not come back: zones=" + running.getCount() + " of " + zones);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Compares every zone with what was read of the whole file. */
    void verify(MemorySegment found) throws IOException {
        for (SoakZone zone : zones) {
            try {
                zone.verify(found.asSlice(zone.position(), SoakZone.BYTES));
            } catch (AssertionError e) {
                failed(zone, e);
            }
        }
    }

    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    long operations() {
        return operations.sum();
    }

    long givenUp() {
        return givenUp.sum();
    }

    // ---- for zones

    long seed() {
        return seed;
    }

    int syncsOneIn() {
        return syncsOneIn;
    }

    boolean isOver() {
        return over;
    }

    /** The zone's next operation is to be made by a thread, if there is to be one. */
    void handOn(SoakZone zone) {
        if (over) {
            running.countDown();
        } else {
            handedOn.add(zone);
        }
    }

    /** Leaves the right to call an operation off to whoever takes it. */
    void offer(@Nullable IoCancellation cancellation) {
        if (cancellation != null) {
            cancellable.set(cancellation);
        }
    }

    void cancelOne(Random random) {
        if (random.nextInt(4) == 0) {
            IoCancellation taken = cancellable.getAndSet(null);
            if (taken != null) {
                taken.cancel();
            }
        }
    }

    void countOperation() {
        operations.increment();
    }

    void countGivenUp() {
        givenUp.increment();
    }

    /** The zone is out of the game. */
    void failed(SoakZone zone, Throwable t) {
        if (failures.size() < FAILURES_MAX) {
            failures.add(new AssertionError(zone.toString(), t));
        }
        running.countDown();
    }

    private void serve(Random random) {
        while (running.getCount() > 0) { // ends when every zone has
            SoakZone zone = next();
            if (zone == null) {
                continue;
            }
            if (over) {
                running.countDown();
            } else if (random.nextInt(4) == 0) {
                zone.runBlocking();
            } else {
                zone.submit();
            }
        }
    }

    private @Nullable SoakZone next() {
        try {
            return handedOn.poll(10, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
