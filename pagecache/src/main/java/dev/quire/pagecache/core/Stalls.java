package dev.quire.pagecache.core;

import dev.quire.pagecache.events.StallEvent;
import dev.quire.pagecache.events.StallKind;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often and how long threads were made to wait, by what for. */
public final class Stalls {
    private final Map<StallKind, Sum> sums = new EnumMap<>(StallKind.class);

    /** The waits of one kind. */
    private static final class Sum {
        final LongAdder count = new LongAdder();
        final LongAdder nanos = new LongAdder();
    }

    /** No wait yet. */
    public Stalls() {
        for (StallKind kind : StallKind.values()) {
            sums.put(kind, new Sum());
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
            Sum sum = of(kind);
            sum.count.increment();
            sum.nanos.add(System.nanoTime() - startNanos);
            if (event.shouldCommit()) {
                event.kind = kind.name();
                event.file = file;
                event.commit();
            }
        }
    }

    private Sum of(StallKind kind) {
        return Objects.requireNonNull(sums.get(kind), "kind");
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
        return of(kind).count.sum();
    }

    /**
     * How long threads waited, all of them together.
     *
     * @param kind what for
     * @return nanoseconds of waits that are over
     */
    public long nanos(StallKind kind) {
        return of(kind).nanos.sum();
    }
}
