package dev.quire.bench.compare;

import dev.quire.bench.io.CpuTime;
import dev.quire.bench.report.LatencyCurve;
import dev.quire.bench.report.Point;
import dev.quire.bench.run.LatencyRecorder;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** The workload on one store, from its first request to its outcome. One thread. */
final class Load {
    private static final int INTERVALS = 60;
    private static final double INTERVAL_SECONDS_MIN = 0.1;
    private static final double INTERVAL_SECONDS_MAX = 1;
    private static final long BEGIN_SECONDS_MAX = 120;

    private final LoadSettings settings;
    private final Store store;
    private final List<Mix> mixes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Histogram reads = LatencyRecorder.newHistogram();
    private final Histogram writes = LatencyRecorder.newHistogram();
    private final Histogram scans = LatencyRecorder.newHistogram();
    private final List<Point> rates = new ArrayList<>();
    private final List<Point> p99s = new ArrayList<>();
    private final CountDownLatch begun;
    private volatile boolean stopped;

    Load(LoadSettings settings, Store store) {
        this.settings = settings;
        this.store = store;
        begun = new CountDownLatch(settings.threads());
    }

    /** Warms up, works, and makes everything durable. */
    Outcome run() throws IOException {
        for (int thread = 0; thread < settings.threads(); thread++) {
            Mix mix = new Mix(settings, thread);
            mixes.add(mix);
            threads.add(Thread.ofPlatform().name("load-" + thread).start(() -> work(mix)));
        }
        awaitFirstRequests();
        long startNanos = System.nanoTime();
        watch(startNanos, startNanos + nanos(settings.warmSeconds()));
        List.of(reads, writes, scans).forEach(Histogram::reset);
        long countsNanos = System.nanoTime();
        double cpuBefore = CpuTime.ofThisProcess();
        ProcessIo before = ProcessIo.now();

        watch(startNanos, countsNanos + nanos(settings.seconds()));
        double seconds = (System.nanoTime() - countsNanos) / 1e9;
        double cpuNanos = CpuTime.ofThisProcess() - cpuBefore;
        ProcessIo io = ProcessIo.now().since(before);
        stop();

        long stoppedNanos = System.nanoTime();
        store.sync();
        return new Outcome(
                settings.subject().toString(),
                reads.getTotalCount() + writes.getTotalCount() + scans.getTotalCount(),
                seconds,
                times(reads),
                times(writes),
                times(scans),
                cpuNanos,
                io.bytesRead(),
                io.bytesWritten(),
                store.pageMemoryBytes(),
                (System.nanoTime() - stoppedNanos) / 1e9,
                rates,
                p99s);
    }

    private void work(Mix mix) {
        try (Store.Session session = store.session()) {
            mix.run(session, () -> stopped, begun::countDown);
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
            begun.countDown();
        }
    }

    /** What loading classes takes is nobody's speed. */
    private void awaitFirstRequests() throws IOException {
        try {
            if (!begun.await(BEGIN_SECONDS_MAX, TimeUnit.SECONDS)) {
                throw new IOException("no request was done in " + BEGIN_SECONDS_MAX + " s");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this process", e);
        }
        throwFailure();
    }

    private void watch(long startNanos, long endNanos) throws IOException {
        double wanted = (settings.warmSeconds() + settings.seconds()) / INTERVALS;
        long period = nanos(Math.clamp(wanted, INTERVAL_SECONDS_MIN, INTERVAL_SECONDS_MAX));
        long before = System.nanoTime();
        while (before < endNanos) {
            long left = endNanos - before;
            // The last one takes what would be too short for one of its own.
            long due = before + (left < period * 3 / 2 ? left : period);
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            throwFailure();
            long now = System.nanoTime();
            Histogram interval = gather();
            double second = (now - startNanos) / 1e9;
            long count = interval.getTotalCount();
            rates.add(new Point(second, count / ((now - before) / 1e9)));
            if (count > 0) {
                p99s.add(new Point(second, interval.getValueAtPercentile(99)));
            }
            before = now;
        }
    }

    private Histogram gather() {
        Histogram interval = LatencyRecorder.newHistogram();
        for (Mix mix : mixes) {
            add(reads, mix.reads(), interval);
            add(writes, mix.writes(), interval);
            add(scans, mix.scans(), interval);
        }
        return interval;
    }

    private static void add(Histogram total, LatencyRecorder recorder, Histogram interval) {
        Histogram recorded = recorder.takeInterval();
        total.add(recorded);
        interval.add(recorded);
    }

    private void stop() throws IOException {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this process", e);
            }
        }
        throwFailure();
    }

    private void throwFailure() throws IOException {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IOException("a request failed: " + failed, failed);
        }
    }

    private static Outcome.Times times(Histogram latencies) {
        return new Outcome.Times(
                latencies.getTotalCount(),
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                latencies.getValueAtPercentile(99.9),
                latencies.getMaxValue(),
                LatencyCurve.of("", latencies).points());
    }

    private static long nanos(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }
}
