package dev.quire.bench.soak;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.IoCancellation;
import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;

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

/**
 * Random operations on all zones of a file at once, for a while, by completions and threads: reads,
 * writes, vectors and syncs, some with deadlines, some called off. Every byte read is compared.
 */
public final class IoSoak {
    /** Of a zone, in bytes: a file is as many of them as there may be operations at once. */
    public static final int ZONE_BYTES = IoZone.BYTES;

    private static final int PLATFORM_THREADS = 2;
    private static final int VIRTUAL_THREADS = 6;
    private static final long END_SECONDS_MAX = 60;
    private static final int FAILURES_MAX = 5;

    private final long seed;
    private final int syncsOneIn;
    private final boolean faulty;
    private final List<IoZone> zones = new ArrayList<>();
    private final CountDownLatch running;
    private final LinkedBlockingQueue<IoZone> handedOn = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable IoCancellation> cancellable = new AtomicReference<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final LongAdder operations = new LongAdder();
    private final LongAdder givenUp = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile boolean over;

    /**
     * A soak that has not begun.
     *
     * @param file opened to read and write, as long as the shadow
     * @param allocator of the frames that are read into and written from
     * @param shadow what the file holds, whole zones; kept up to date
     * @param seed of all random numbers
     * @param syncsOneIn of so many operations two are syncs
     * @param faulty whether requests may fail or be refused, as those of an engine with a plan of
     *     faults; what a write that failed has left is written again before anything else
     */
    public IoSoak(
            AsyncFile file,
            PageAllocator allocator,
            MemorySegment shadow,
            long seed,
            int syncsOneIn,
            boolean faulty) {
        this.seed = seed;
        this.syncsOneIn = syncsOneIn;
        this.faulty = faulty;
        int count = (int) (shadow.byteSize() / IoZone.BYTES);
        for (int i = 0; i < count; i++) {
            MemorySegment part = shadow.asSlice((long) i * IoZone.BYTES, IoZone.BYTES);
            zones.add(new IoZone(this, file, allocator, i, part));
        }
        running = new CountDownLatch(count);
    }

    /**
     * Runs it; every zone is quiet after that.
     *
     * @param nanos for how long operations are begun
     * @throws InterruptedException when the calling thread is interrupted
     */
    public void run(long nanos) throws InterruptedException {
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

    /**
     * Compares every zone, after the run, and notes what differs.
     *
     * @param found what was read of the whole file
     */
    public void verify(MemorySegment found) {
        for (IoZone zone : zones) {
            try {
                zone.verify(found.asSlice(zone.position(), IoZone.BYTES));
            } catch (AssertionError e) {
                failed(zone, e);
            }
        }
    }

    /**
     * What went wrong.
     *
     * @return the first failures; none when all was as it must be
     */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /**
     * How much was done.
     *
     * @return operations that are over
     */
    public long operations() {
        return operations.sum();
    }

    /**
     * How many were refused by their submit.
     *
     * @return operations, not counted among the others
     */
    public long refused() {
        return refused.sum();
    }

    /**
     * How much of it came to nothing: called off, late or failed.
     *
     * @return operations
     */
    public long givenUp() {
        return givenUp.sum();
    }

    // ---- for zones

    long seed() {
        return seed;
    }

    int syncsOneIn() {
        return syncsOneIn;
    }

    boolean isFaulty() {
        return faulty;
    }

    boolean isOver() {
        return over;
    }

    /** The zone's next operation is to be made by a thread, if there is to be one. */
    void handOn(IoZone zone) {
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

    void countRefused() {
        refused.increment();
    }

    void countGivenUp() {
        givenUp.increment();
    }

    /** The zone is out of the game. */
    void failed(IoZone zone, Throwable t) {
        if (failures.size() < FAILURES_MAX) {
            failures.add(new AssertionError(zone.toString(), t));
        }
        running.countDown();
    }

    private void serve(Random random) {
        while (running.getCount() > 0) { // ends when every zone has
            IoZone zone = next();
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

    private @Nullable IoZone next() {
        try {
            return handedOn.poll(10, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
