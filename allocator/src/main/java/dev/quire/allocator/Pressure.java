package dev.quire.allocator;

import dev.quire.allocator.zone.BuddyZone;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.LongAdder;

/** Watermarks, and the shrinker that is called when free frames fall below them. */
final class Pressure {
    private static final System.Logger LOG = System.getLogger(PageAllocator.class.getName());

    private final BuddyZone zone;
    private final Watermarks watermarks;
    private final LongAdder runs = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final RateLimit limit = new RateLimit();

    /** Bound while this thread is inside the shrinker of this allocator. */
    private final ScopedValue<Boolean> reclaiming = ScopedValue.newInstance();

    private volatile @Nullable Shrinker shrinker;
    private volatile int reserveFrames;

    Pressure(BuddyZone zone, Watermarks watermarks) {
        this.zone = zone;
        this.watermarks = watermarks;
        reserveFrames = watermarks.fixed() ? watermarks.minFrames() : 0;
    }

    synchronized void shrinker(Shrinker shrinker) {
        if (this.shrinker != null) {
            throw new IllegalStateException("an allocator has one shrinker: " + this.shrinker);
        }
        this.shrinker = shrinker;
        // From now on there is somebody to fill the reserve up again, and to need it.
        reserveFrames = watermarks.minFrames();
    }

    /** Frames that an ordinary allocation leaves free. */
    int reserveFrames() {
        return reserveFrames;
    }

    boolean belowLow() {
        return zone.freeFrames() < watermarks.lowFrames();
    }

    boolean belowHigh() {
        return zone.freeFrames() < watermarks.highFrames();
    }

    /** Whether this thread is inside the shrinker already. */
    boolean reclaiming() {
        return reclaiming.isBound();
    }

    boolean hasShrinker() {
        return shrinker != null;
    }

    @SuppressWarnings("CatchThrowable") // The shrinker is foreign code: what it throws ends here.
    void wake() {
        Shrinker shrinker = this.shrinker;
        if (shrinker == null) {
            return;
        }
        try {
            shrinker.wake();
        } catch (Throwable e) {
            failed("wake", e);
        }
    }

    /**
     * One round of direct reclaim.
     *
     * @param frames how many are wanted
     * @return what it freed, or why it freed nothing
     */
    @SuppressWarnings("CatchThrowable") // As wake().
    Round reclaim(int frames) {
        Shrinker shrinker = this.shrinker;
        if (shrinker == null) {
            return Round.NOTHING;
        }
        runs.increment();
        try {
            int freed =
                    ScopedValue.where(reclaiming, Boolean.TRUE)
                            .call(() -> shrinker.reclaim(frames));
            return new Round(Math.max(freed, 0), null);
        } catch (Throwable e) {
            failed("reclaim", e);
            return new Round(0, e);
        }
    }

    /** What a round of reclaim led to. */
    record Round(int freed, @Nullable Throwable failure) {
        static final Round NOTHING = new Round(0, null);
    }

    void failed(String what, Throwable e) {
        failures.increment();
        if (limit.admit() >= 0) {
            LOG.log(System.Logger.Level.WARNING, what + " failed; the allocator goes on", e);
        }
    }

    long runs() {
        return runs.sum();
    }

    long failures() {
        return failures.sum();
    }
}
