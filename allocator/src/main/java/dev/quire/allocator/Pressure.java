package dev.quire.allocator;

import dev.quire.allocator.zone.BuddyZone;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Watermarks, and the shrinker that is called when free frames fall below them. */
final class Pressure {
    private static final System.Logger LOG = System.getLogger(PageAllocator.class.getName());

    private final BuddyZone zone;
    private final int pageBytes;
    private final LongAdder runs = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final RateLimit limit = new RateLimit();

    /** What this thread's allocations are narrowed to, if they are. */
    private final ScopedValue<AllocContext> narrowed = ScopedValue.newInstance();

    /** Bound while this thread is inside the shrinker. */
    private final ScopedValue<Boolean> shrinking = ScopedValue.newInstance();

    private volatile @Nullable Shrinker shrinker;
    private volatile Watermarks watermarks;
    private volatile int reserveFrames;

    /** How much earlier background reclaim begins. */
    private volatile int aheadFrames;

    /** Frames that stay free because fewer than all may be used. */
    private volatile int withheldFrames;

    /** Those of them that are being trimmed: not free meanwhile, and nobody's. */
    private final AtomicInteger lentFrames = new AtomicInteger();

    Pressure(BuddyZone zone, Watermarks watermarks, int pageBytes) {
        this.zone = zone;
        this.pageBytes = pageBytes;
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
        return withheld() + (context.mayUseReserve() ? 0 : reserveFrames);
    }

    /** Frames that an ordinary allocation leaves free, those that may not be used included. */
    int keepFrames() {
        return withheld() + reserveFrames;
    }

    /** Whether frames are so few that none should be kept ready in frame caches. */
    boolean scarce() {
        return zone.freeFrames() < withheld() + watermarks.lowFrames();
    }

    boolean belowLow() {
        return zone.freeFrames() < lowFrames();
    }

    boolean belowHigh() {
        return zone.freeFrames() < highFrames();
    }

    /** Free frames below which background reclaim begins. */
    int lowFrames() {
        return withheld() + watermarks.lowFrames() + aheadFrames;
    }

    /** Free frames at which it ends. */
    int highFrames() {
        return withheld() + watermarks.highFrames() + 2 * aheadFrames;
    }

    void reclaimAhead(int frames) {
        aheadFrames = frames;
    }

    // ---- the limit

    /** Lets fewer frames be used, or more again. */
    synchronized void limit(int frames) {
        Watermarks of = watermarks.fixed() ? watermarks : Watermarks.scaled(frames, pageBytes);
        if (frames <= of.highFrames() || frames > zone.frameCount()) {
            throw new IllegalArgumentException(
                    "frames that may be used must be "
                            + (of.highFrames() + 1)
                            + ".."
                            + zone.frameCount()
                            + ": frames="
                            + frames);
        }
        watermarks = of;
        reserveFrames = of.fixed() || shrinker != null ? of.minFrames() : 0;
        withheldFrames = zone.frameCount() - frames;
        if (belowLow()) {
            wake();
        }
    }

    int withheldFrames() {
        return withheldFrames;
    }

    private int withheld() {
        return Math.max(0, withheldFrames - lentFrames.get());
    }

    /**
     * Frames are taken from the zone to be trimmed, or come back: allocations shall not fail for
     * want of them, when they may not be used anyway.
     *
     * @param frames how many; negative when they are back
     */
    void lend(int frames) {
        lentFrames.addAndGet(frames);
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

    /** Who holds frames, in lines, as the shrinker says. */
    @SuppressWarnings("CatchThrowable") // As wake().
    String holders() {
        Shrinker shrinker = this.shrinker;
        try {
            return shrinker == null ? "" : shrinker.holders();
        } catch (Throwable e) {
            failed("holders", e);
            return "";
        }
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
        long start = System.nanoTime();
        try {
            int freed = inside(AllocContext.RESERVE, () -> shrinker.reclaim(frames, context));
            return new Round(Math.max(freed, 0), null);
        } catch (Throwable e) {
            failed("reclaim", e);
            return new Round(0, e);
        } finally {
            nanos.add(System.nanoTime() - start);
        }
    }

    /** Has the shrinker make a free block; answers whether it has. */
    @SuppressWarnings("CatchThrowable") // As wake().
    boolean compact(int order, AllocContext context) {
        Shrinker shrinker = this.shrinker;
        if (shrinker == null) {
            return false;
        }
        try {
            return inside(AllocContext.RESERVE, () -> shrinker.compact(order, context)) > 0;
        } catch (Throwable e) {
            failed("compact", e);
            return false;
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

    long nanos() {
        return nanos.sum();
    }

    long failures() {
        return failures.sum();
    }
}
