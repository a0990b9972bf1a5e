package dev.quire.bench.run;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The latencies of one kind of operation on one thread, in nanoseconds to three digits. One thread
 * records; another one takes what was recorded so far, without stopping it.
 */
public final class LatencyRecorder {
    /** An hour: longer than any operation that still counts as one. */
    private static final long NANOS_MAX = 3_600_000_000_000L;

    private static final int DIGITS = 3;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(1, NANOS_MAX, DIGITS);
    private @Nullable Histogram interval;

    /** Nothing recorded yet. */
    public LatencyRecorder() {}

    /**
     * An empty histogram of the same range, to add up in.
     *
     * @return a histogram of nanoseconds
     */
    public static Histogram newHistogram() {
        return new Histogram(1, NANOS_MAX, DIGITS);
    }

    /**
     * Counts one operation; by the recording thread.
     *
     * @param nanos how long it took
     */
    public void record(long nanos) {
        recorder.recordValue(Math.clamp(nanos, 0, NANOS_MAX));
    }

    /**
     * What was recorded since the last call; by the other thread. The histogram is valid until the
     * next call.
     *
     * @return all of it
     */
    public Histogram takeInterval() {
        interval = recorder.getIntervalHistogram(interval);
        return interval;
    }
}
