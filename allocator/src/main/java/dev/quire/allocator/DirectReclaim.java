package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;

/**
 * What an allocation does when nothing is free for it: the reserve if it may take it, for a large
 * block compaction, then rounds of reclaim through the shrinker, as far as its context goes.
 *
 * <p>Confined to the thread that allocates: one that hangs in the shrinker delays only itself, and
 * others only when they have to reclaim too.
 */
final class DirectReclaim {
    /** An allocation fails after so many rounds in a row that freed nothing. */
    static final int ROUNDS_IDLE_MAX = 16;

    /** An allocation fails after so many rounds, whatever they freed: others took it. */
    private static final int ROUNDS_MAX = 4096;

    /** Asks for at least so many frames, to be worth the call. */
    private static final int BATCH = 32;

    /** Smaller blocks come together by themselves, as Linux's up to its "costly" order. */
    private static final int COMPACT_ORDER_MIN = 4;

    private static final long BACKOFF_NANOS_MIN = 1_000;
    private static final int BACKOFF_DOUBLINGS_MAX = 10;

    /** Takes a block of what is free at the moment. */
    interface Source {
        /**
         * Takes a block.
         *
         * @param order its order
         * @param keepFrames frames that must be free afterwards
         * @param mayBlock whether deferred frames are freed first if need be
         * @return head frame or NO_FRAME
         */
        int take(int order, int keepFrames, boolean mayBlock);
    }

    /**
     * What came of it.
     *
     * @param frame head frame or NO_FRAME
     * @param reclaimed what the shrinker said it freed meanwhile
     * @param failure what the shrinker threw last, if it did
     */
    record Outcome(int frame, int reclaimed, @Nullable Throwable failure) {}

    private final Pressure pressure;
    private final Source source;

    DirectReclaim(Pressure pressure, Source source) {
        this.pressure = pressure;
        this.source = source;
    }

    /** Finds a block of an order for which nothing was free above the reserve. */
    Outcome run(int order, AllocContext context) {
        int frame = source.take(order, pressure.keepFrames(context), context.mayBlock());
        if (frame != NO_FRAME || !context.mayReclaim() || !pressure.hasShrinker()) {
            return new Outcome(frame, 0, null);
        }
        frame = compact(order, context);
        return frame != NO_FRAME ? new Outcome(frame, 0, null) : reclaim(order, context);
    }

    /** There may be frames enough, but scattered. */
    private int compact(int order, AllocContext context) {
        return order >= COMPACT_ORDER_MIN && pressure.compact(order, context)
                ? source.take(order, pressure.keepFrames(context), true)
                : NO_FRAME;
    }

    /** Rounds that an interrupt does not shorten; it is set again afterwards. */
    private Outcome reclaim(int order, AllocContext context) {
        boolean interrupted = Thread.interrupted();
        try {
            return reclaimInRounds(order, context);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Outcome reclaimInRounds(int order, AllocContext context) {
        int frame = NO_FRAME;
        int reclaimed = 0;
        int idle = 0;
        @Nullable Throwable failure = null;
        for (int round = 0;
                frame == NO_FRAME && round < ROUNDS_MAX && idle < ROUNDS_IDLE_MAX;
                round++) {
            backOff(idle);
            Pressure.Round outcome = pressure.reclaim(Math.max(batch(), 1 << order), context);
            reclaimed += outcome.freed();
            failure = outcome.failure() != null ? outcome.failure() : failure;
            idle = outcome.freed() > 0 ? 0 : idle + 1;
            frame = source.take(order, pressure.keepFrames(context), true);
            if (frame == NO_FRAME && outcome.freed() > 0) {
                frame = compact(order, context);
            }
        }
        return new Outcome(frame, reclaimed, failure);
    }

    private static int batch() {
        return BATCH;
    }

    /** Rounds without progress follow each other ever more slowly: write-back takes its time. */
    private static void backOff(int idle) {
        if (idle > 0) {
            LockSupport.parkNanos(BACKOFF_NANOS_MIN << Math.min(idle, BACKOFF_DOUBLINGS_MAX));
        }
    }
}
