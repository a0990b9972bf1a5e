package dev.quire.bench.run;

import dev.quire.pagecache.PagedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The threads of a run, from their start to their end. Used by one thread. */
final class Workload {
    /** A worker that does not come back from one operation in this time never will. */
    private static final long STOP_SECONDS_MAX = 60;

    private final Mismatches mismatches;
    private final List<Worker> workers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopped;

    /**
     * Threads that have not started.
     *
     * @param options what to do
     * @param file the open file
     * @param contents what its pages must hold
     * @param mismatches where wrong pages are counted
     */
    Workload(RunOptions options, PagedFile file, Contents contents, Mismatches mismatches) {
        this.mismatches = mismatches;
        for (int thread = 0; thread < options.threads(); thread++) {
            SplittableRandom random = new SplittableRandom(PageStamp.mix(options.seed() + thread));
            KeySource keys =
                    options.distribution()
                            .source(
                                    contents.pages(),
                                    options.seed(),
                                    random,
                                    thread,
                                    options.threads());
            Worker worker =
                    new Worker(
                            file,
                            contents,
                            keys,
                            random,
                            options.readPercent(),
                            options.pageBytes());
            workers.add(worker);
            threads.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name("quire-worker-" + thread)
                            .unstarted(() -> work(worker)));
        }
    }

    List<Worker> workers() {
        return workers;
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /**
     * Waits.
     *
     * @param nanos how long at most
     * @return whether the work came to an early end: a page was wrong, or a thread failed
     */
    boolean awaitEnd(long nanos) {
        try {
            return ended.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /**
     * Stops all threads and waits until each has finished its operation.
     *
     * @throws IOException when a thread failed by one
     * @throws IllegalStateException when a thread failed otherwise or does not come back
     */
    void stop() throws IOException {
        stopped = true;
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS_MAX);
        for (Thread thread : threads) {
            join(thread, deadlineNanos);
        }
        switch (failure.get()) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable e -> throw new IllegalStateException("a worker failed: " + e, e);
        }
    }

    private void work(Worker worker) {
        try {
            Mismatch mismatch = worker.run(() -> stopped);
            if (mismatch != null) {
                mismatches.add("in the run", mismatch);
                stopped = true;
                ended.countDown();
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
            stopped = true;
            ended.countDown();
        }
    }

    private static void join(Thread thread, long deadlineNanos) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (millis <= 0) {
                throw new IllegalStateException(
                        thread.getName()
                                + " is stuck since "
                                + STOP_SECONDS_MAX
                                + " s in "
                                + Arrays.toString(thread.getStackTrace()));
            }
            try {
                thread.join(millis);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
