package dev.quire.bench.io;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One run of a closed loop inside this JVM: a warm-up, a window that is measured, the end.
 *
 * <p>Each slot makes its next request when {@link #completed} says so, and calls {@link #ended}
 * once when not. Whoever completes requests counts them in a tally of his thread, so that nobody
 * waits for anybody, and allocates nothing after his first.
 */
final class Turn {
    private static final long LATENCY_NANOS_MAX = TimeUnit.MINUTES.toNanos(10);
    private static final int LATENCY_DIGITS = 3;
    private static final long END_SECONDS_MAX = 60;

    private enum Phase {
        WARM_UP,
        MEASURED,
        OVER
    }

    /** What one thread counts. */
    private static final class Tally {
        final Histogram latencies = newHistogram();
        long errors;
    }

    private final String subject;
    private final IoShape shape;
    private final CountDownLatch slots;
    private final Queue<Tally> tallies = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Tally> tally = ThreadLocal.withInitial(this::newTally);
    private final AtomicReference<@Nullable Throwable> firstError = new AtomicReference<>();
    private volatile Phase phase = Phase.WARM_UP;
    private volatile @Nullable RuntimeException fault;

    Turn(String subject, IoShape shape, int slots) {
        this.subject = subject;
        this.shape = shape;
        this.slots = new CountDownLatch(slots);
    }

    /**
     * Counts a request.
     *
     * @param nanos how long it took
     * @param bytes how many it moved
     * @param failure why it failed, or null
     * @return whether its slot goes on
     */
    boolean completed(long nanos, long bytes, @Nullable Throwable failure) {
        Phase now = phase;
        if (bytes != shape.blockBytes() || failure != null) {
            failed(bytes, failure);
        } else if (now == Phase.MEASURED) {
            tally.get().latencies.recordValue(Math.clamp(nanos, 0, LATENCY_NANOS_MAX));
        }
        return now != Phase.OVER;
    }

    /** A slot makes no more requests. */
    void ended() {
        slots.countDown();
    }

    /** A slot makes no more requests because of a fault, which the turn throws. */
    void ended(RuntimeException why) {
        fault = why;
        slots.countDown();
    }

    /**
     * Runs it.
     *
     * @param start starts all slots
     * @throws IOException when requests do not come back, or this thread is interrupted
     */
    IoResult run(Runnable start) throws IOException {
        long elapsedNanos;
        double cpuNanos;
        try {
            start.run();
            TimeUnit.NANOSECONDS.sleep(shape.warmUpNanos());
            double cpuBefore = CpuTime.ofThisProcess();
            long before = System.nanoTime();
            phase = Phase.MEASURED;
            TimeUnit.NANOSECONDS.sleep(shape.measuredNanos());
            phase = Phase.OVER;
            elapsedNanos = System.nanoTime() - before;
            cpuNanos = CpuTime.ofThisProcess() - cpuBefore;
            awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            phase = Phase.OVER;
        }
        return result(elapsedNanos, cpuNanos);
    }

    private void awaitEnd() throws IOException, InterruptedException {
        if (!slots.await(END_SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new IOException(
                    subject
                            + ": requests did not come back within "
                            + END_SECONDS_MAX
                            + " s: requests="
                            + slots.getCount());
        }
        RuntimeException thrown = fault;
        if (thrown != null) {
            throw thrown;
        }
    }

    private void failed(long bytes, @Nullable Throwable failure) {
        tally.get().errors++;
        if (firstError.get() == null) {
            firstError.compareAndSet(
                    null,
                    failure != null ? failure : new IOException("short transfer: bytes=" + bytes));
        }
    }

    private IoResult result(long elapsedNanos, double cpuNanos) {
        Histogram all = newHistogram();
        long errors = 0;
        for (Tally each : tallies) {
            all.add(each.latencies);
            errors += each.errors;
        }
        double perSecond = all.getTotalCount() * 1e9 / elapsedNanos;
        Throwable first = firstError.get();
        return new IoResult(
                subject,
                perSecond,
                perSecond * shape.blockBytes(),
                IoLatency.of(all::getValueAtPercentile, all.getMaxValue()),
                cpuNanos / all.getTotalCount(),
                errors,
                first == null ? null : String.valueOf(first.getMessage()));
    }

    private Tally newTally() {
        Tally made = new Tally();
        tallies.add(made);
        return made;
    }

    private static Histogram newHistogram() {
        return new Histogram(1, LATENCY_NANOS_MAX, LATENCY_DIGITS);
    }
}
