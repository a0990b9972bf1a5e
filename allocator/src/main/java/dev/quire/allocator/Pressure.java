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

    /** What this thread's allocations are narrowed to, if they are. */
    private final ScopedValue<AllocContext> narrowed = ScopedValue.newInstance();

    /** Bound while this thread is inside the shrinker. */
    private final ScopedValue<Boolean> shrinking = ScopedValue.newInstance();

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

    /** Frames that an allocation in this context leaves free. */
    int keepFrames(AllocContext context) {
        return context.mayUseReserve() ? 0 : reserveFrames;
    }

    boolean belowLow() {
        return zone.freeFrames() < watermarks.lowFrames();
    }

    boolean belowHigh() {
        return zone.freeFrames() < watermarks.highFrames();
    }

    // ---- contexts

    /** What an allocation of this thread may do now. */
    AllocContext narrow(AllocContext context) {
        return narrowed.isBound() ? context.within(narrowed.get()) : context;
    }

    <R, X extends Throwable> R callIn(
            AllocContext context, ScopedValue.CallableOp<? extends R, X> op) throws X {
        return ScopedValue.where(narrowed, narrow(context)).call(op);
    }

    // ---- the shrinker

    boolean hasShrinker() {
        return shrinker != null;
    }

    @SuppressWarnings("CatchThrowable") // The shrinker is foreign code: what it throws ends here.
    void wake() {
        Shrinker shrinker = this.shrinker;
        if (shrinker == null || shrinking.isBound()) {
            return; // inside: whoever is in there knows
        }
        try {
            inside(
                    AllocContext.RESERVE,
                    () -> {
                        shrinker.wake();
                        return 0;
                    });
        } catch (Throwable e) {
            failed("wake", e);
        }
    }

    /**
     * One round of direct reclaim.
     *
     * @param frames how many are wanted
     * @param context what the shrinker may do for them
     * @return what it freed, or why it freed nothing
     */
    @SuppressWarnings("CatchThrowable") // As wake().
    Round reclaim(int frames, AllocContext context) {
        Shrinker shrinker = this.shrinker;
        if (shrinker == null) {
            return Round.NOTHING;
        }
        runs.increment();
        try {
            int freed = inside(AllocContext.RESERVE, () -> shrinker.reclaim(frames, context));
            return new Round(Math.max(freed, 0), null);
        } catch (Throwable e) {
            failed("reclaim", e);
            return new Round(0, e);
        }
    }

    /** Allocations inside do not recurse, and may take the reserve. */
    private int inside(AllocContext context, ScopedValue.CallableOp<Integer, RuntimeException> op) {
        return ScopedValue.where(shrinking, Boolean.TRUE).where(narrowed, narrow(context)).call(op);
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
