package dev.quire.bench.run;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;

/** The latencies of a whole run, gathered from its threads. One thread, not the recording ones. */
final class Latencies {
    private final List<Worker> workers;
    private final List<Interval> intervals = new ArrayList<>();
    private final Histogram reads = LatencyRecorder.newHistogram();
    private final Histogram writes = LatencyRecorder.newHistogram();

    Latencies(List<Worker> workers) {
        this.workers = workers;
    }

    /** What one watcher has not seen yet. */
    final class Interval {
        private Histogram notTaken = LatencyRecorder.newHistogram();

        private Interval() {}

        /** All operations since the last call. */
        Histogram take() {
            gather();
            Histogram taken = notTaken;
            notTaken = LatencyRecorder.newHistogram();
            return taken;
        }
    }

    /** A watcher's own view of what comes from now on. */
    Interval interval() {
        Interval interval = new Interval();
        intervals.add(interval);
        return interval;
    }

    /** Takes what the threads have recorded: it is part of {@link #reads} and so on from now on. */
    void gather() {
        for (Worker worker : workers) {
            add(reads, worker.readLatency().takeInterval());
            add(writes, worker.writeLatency().takeInterval());
        }
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

    private void add(Histogram total, Histogram recorded) {
        total.add(recorded);
        intervals.forEach(interval -> interval.notTaken.add(recorded));
    }
}
