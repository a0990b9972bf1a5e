package dev.quire.pagecache.core;

import dev.quire.pagecache.events.StallEvent;
import dev.quire.pagecache.events.StallKind;

import java.util.concurrent.atomic.LongAdder;

/** How often and how long threads were made to wait, by what for. */
public final class Stalls {
    private static final StallKind[] KINDS = StallKind.values();

    private final LongAdder[] counts = new LongAdder[KINDS.length];
    private final LongAdder[] nanos = new LongAdder[KINDS.length];

    /** No wait yet. */
    public Stalls() {
        for (int i = 0; i < KINDS.length; i++) {
            counts[i] = new LongAdder();
            nanos[i] = new LongAdder();
        }
    }

    /** One wait of the calling thread, from {@link #begin} on. */
    public final class Stall {
        private final StallKind kind;
        private final long startNanos = System.nanoTime();
        private final StallEvent event = new StallEvent();

        private Stall(StallKind kind) {
            this.kind = kind;
            event.begin();
        }

        /**
         * Counts the wait, and tells the Flight Recorder.
         *
         * @param file the file whose page was wanted; empty when there is none
         */
        public void end(String file) {
            counts[kind.ordinal()].increment();
            nanos[kind.ordinal()].add(System.nanoTime() - startNanos);
            if (event.shouldCommit()) {
                event.kind = kind.name();
                event.file = file;
                event.commit();
            }
        }
    }

    /**
     * A wait begins.
     *
     * @param kind what for
     * @return to be ended; or to be forgotten, if there was nothing to wait for
     */
    public Stall begin(StallKind kind) {
        return new Stall(kind);
    }

    /**
     * How often threads waited.
     *
     * @param kind what for
     * @return waits that are over
     */
    public long count(StallKind kind) {
        return counts[kind.ordinal()].sum();
    }

    /**
     * How long threads waited, all of them together.
     *
     * @param kind what for
     * @return nanoseconds of waits that are over
     */
    public long nanos(StallKind kind) {
        return nanos[kind.ordinal()].sum();
    }
}
