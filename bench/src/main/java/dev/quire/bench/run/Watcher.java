package dev.quire.bench.run;

/** Who looks at a workload again and again while it runs. */
interface Watcher {
    /** How long to wait from one look to the next. */
    long periodNanos();

    /** Looks at what happened since the last time. */
    void look();
}
