package dev.quire.bench.run;

import org.HdrHistogram.Histogram;

import java.util.List;

/** The latencies of a whole run, gathered from its threads. One thread, not the recording ones. */
final class Latencies {
    private final List<Worker> workers;
    private final Histogram reads = LatencyRecorder.newHistogram();
    private final Histogram writes = LatencyRecorder.newHistogram();

    Latencies(List<Worker> workers) {
        this.workers = workers;
    }

    /**
     * All operations since the last call; they are part of {@link #reads} and so on from now on.
     */
    Histogram gather() {
        Histogram interval = LatencyRecorder.newHistogram();
        for (Worker worker : workers) {
            Histogram read = worker.readLatency().takeInterval();
            reads.add(read);
            interval.add(read);
            Histogram write = worker.writeLatency().takeInterval();
            writes.add(write);
            interval.add(write);
        }
        return interval;
    }

    /** All reads gathered so far. */
    Histogram reads() {
        return reads;
    }

    /** All writes gathered so far. */
    Histogram writes() {
        return writes;
    }

    /** All operations gathered so far. */
    Histogram all() {
        Histogram all = LatencyRecorder.newHistogram();
        all.add(reads);
        all.add(writes);
        return all;
    }
}
