package dev.quire.allocator;

import dev.quire.allocator.cache.FrameCache;
import dev.quire.allocator.cache.FrameCaches;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.allocator.jmx.Registration;
import dev.quire.allocator.zone.BuddyZone;
import dev.quire.allocator.zone.LockFreeBuddy;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Hands out frames of native memory, in blocks of {@code 1 << order} of them, and takes them back
 * when their last reference is put.
 *
 * <p>A frame is an {@code int}. Whoever allocates a block holds one reference to it; {@link #get}
 * and {@link #put} are checked, so that one too many of either is reported and changes nothing. A
 * pin is a reference that also says that the frame may not be moved. References belong to the head
 * of a block; its other frames (tails) have none of their own, and the block is freed as a whole.
 *
 * <p>All methods may be called by any thread. {@code put}, {@code unpin} and their batch form never
 * wait for a list lock and call no foreign code but the handler of misuse, so that they are legal
 * in completions and cleaners. Allocation is legal there in the contexts {@link
 * AllocContext#NO_WAIT} and {@link AllocContext#ATOMIC}.
 *
 * <p>Misuse is reported to the log and to the configured handler, up to a rate, and counted; then
 * {@link IllegalStateException} is thrown with the same text, except by what frees in batches or
 * frees frozen blocks, which goes on without. A number that is no frame of this allocator at all,
 * or an order out of range, is refused with {@link IllegalArgumentException}, and allocation after
 * {@link #close} with {@link IllegalStateException}. A stale frame number that was allocated again
 * cannot be told from its new owner's, but with {@link Tracking#FULL}.
 *
 * <p>The methods that mention {@code dev.quire.allocator.frame}, and those that free FROZEN blocks,
 * are for Quire's own modules.
 */
public final class PageAllocator implements AutoCloseable {
    /*
     * How it works: the frame table's word says who holds a frame, the zone says which blocks are
     * free, and ownership passes between the two with one CAS: FROZEN -> 0 before a block goes to
     * the zone (FrameRelease), 0 -> one reference after it came from there. In front of the zone each
     * thread has a frame cache of blocks that are free but SPARE: one CAS takes such a block, and one
     * puts it there.
     */

    /** No frame: the answer of an allocation that found none, or of a search. */
    public static final int NO_FRAME = -1;

    /** The largest order: a block of 1024 frames. */
    public static final int ORDER_MAX = BuddyZone.ORDER_MAX;

    /** An allocation fails after so many rounds of direct reclaim in a row that freed nothing. */
    public static final int RECLAIM_ROUNDS_MAX = DirectReclaim.ROUNDS_IDLE_MAX;

    static final String CLOSED = "the allocator is closed";

    private final FrameTable frames;
    private final Region region;
    private final BuddyZone zone;
    private final @Nullable DebugModes debug;
    private final BadPages badPages;
    private final FrameChecks checks;
    private final FrameRelease release;
    private final FrameCaches caches;
    private final Pressure pressure;
    private final DeferredFrames deferred;
    private final FrameSupply supply;
    private final DirectReclaim directReclaim;
    private final Trimmer trimmer;
    private final AllocatorReports reports;
    private volatile boolean closed;
    private @Nullable Registration inJmx; // set before anybody else has it
    private final IntUnaryOperator retirePut = this::retirePut;

    private PageAllocator(AllocatorConfig config) {
        // The table first: if the heap is too small for it, no address space is reserved.
        frames = table(config);
        zone = new LockFreeBuddy(frames.frameCount());
        region = Region.reserve(config);
        debug = DebugModes.of(config, frames, region.memory());
        badPages = new BadPages(frames, debug, config.onBadPage());
        checks = new FrameChecks(frames, debug, badPages);
        release = new FrameRelease(frames, zone, badPages, debug);
        caches = new FrameCaches(frames, release, config.cacheFrames());
        pressure = new Pressure(zone, config.watermarks(), config.pageBytes());
        deferred = new DeferredFrames(frames, release, pressure);
        supply = new FrameSupply(caches, zone, release, pressure, deferred);
        directReclaim = new DirectReclaim(pressure, supply::take);
        trimmer = new Trimmer(region, zone, pressure, debug);
        reports =
                new AllocatorReports(
                        config, frames, region, zone, debug, badPages, release, caches, pressure,
                        deferred, supply);
    }

    private static FrameTable table(AllocatorConfig config) {
        int frameCount = config.capacityFrames();
        try {
            return new FrameTable(frameCount);
        } catch (OutOfMemoryError e) {
            throw new IllegalStateException(
                    "the frame table needs "
                            + (long) frameCount * FrameTable.BYTES_PER_FRAME
                            + " bytes of heap (raise -Xmx, or lower the capacity): capacityFrames="
                            + frameCount,
                    e);
        }
    }

    /**
     * An allocator with all its frames free.
     *
     * @param config how large, and how
     * @return the allocator; close it
     * @throws IllegalStateException when the system refuses the address space or a required option,
     *     is not Linux, or native access is denied, with the cure; or when another allocator has
     *     its name in JMX
     */
    public static PageAllocator create(AllocatorConfig config) {
        PageAllocator allocator = new PageAllocator(config);
        try {
            allocator.register(config.jmxName());
        } catch (RuntimeException | Error e) {
            allocator.close();
            throw e;
        }
        return allocator;
    }

    private void register(@Nullable String jmxName) {
        if (jmxName != null) {
            AllocatorMXBean bean = new AllocatorBean(this);
            inJmx = Registration.of("PageAllocator", jmxName, bean, AllocatorMXBean.class);
        }
    }

    // ---- allocate

    /**
     * Takes a block; if none is free, reclaims through the shrinker, which may block.
     *
     * @param order log2 of the block's length in frames, 0..{@link #ORDER_MAX}
     * @return head frame, one reference, contents undefined
     * @throws OutOfFramesException when that did not help
     */
    public int allocate(int order) {
        return allocate(order, AllocContext.NORMAL);
    }

    /**
     * Takes a block, by what the context allows if none is free.
     *
     * @param order log2 of the block's length in frames, 0..{@link #ORDER_MAX}
     * @param context what it may do; less while the thread is narrowed
     * @return head frame, one reference, contents undefined
     * @throws OutOfFramesException when that did not help
     */
    public int allocate(int order, AllocContext context) {
        int frame = takeCached(order);
        return frame != NO_FRAME ? frame : checks.handle(allocateSlow(order, context));
    }

    /**
     * As {@link #allocate(int, AllocContext)}, for what can be moved or for what cannot: the two
     * are kept apart, so that a region of movable frames can be emptied when a large block is
     * wanted. What {@code allocate} takes without saying counts as movable.
     *
     * @param order as {@link #allocate(int)}
     * @param context as {@link #allocate(int, AllocContext)}
     * @param mobility of what will be kept in the block
     * @return head frame, one reference, contents undefined
     * @throws OutOfFramesException when there is none
     */
    public int allocate(int order, AllocContext context, Mobility mobility) {
        int frame = takeApart(order, context, mobility);
        return frame != NO_FRAME ? checks.handle(frame) : allocate(order, context);
    }

    /**
     * As {@link #allocate(int, AllocContext, Mobility)}, with failure as a value.
     *
     * @param order as {@link #allocate(int)}
     * @param context as {@link #allocate(int, AllocContext)}
     * @param mobility of what will be kept in the block
     * @return head frame, one reference, contents undefined; or {@link #NO_FRAME}
     */
    public int tryAllocate(int order, AllocContext context, Mobility mobility) {
        int frame = takeApart(order, context, mobility);
        return frame != NO_FRAME ? checks.handle(frame) : tryAllocate(order, context);
    }

    private int takeApart(int order, AllocContext context, Mobility mobility) {
        checkOpen();
        return mobility == Mobility.UNMOVABLE
                ? supply.takeUnmovable(
                        checkOrder(order), pressure.keepFrames(pressure.narrow(context)))
                : NO_FRAME;
    }

    private int allocateSlow(int order, AllocContext context) {
        int frame = takeAboveReserve(order);
        if (frame != NO_FRAME) {
            return frame;
        }
        DirectReclaim.Outcome outcome = directReclaim.run(order, pressure.narrow(context));
        if (outcome.frame() == NO_FRAME) {
            reports.allocationFailed();
            throw reports.outOfFrames(order, outcome);
        }
        return outcome.frame();
    }

    /**
     * Takes a block if one is free. Deferred frames are freed first if need be, for which the page
     * cache takes its list locks; the shrinker may be woken, and is not asked to reclaim.
     *
     * @param order as {@link #allocate}
     * @return head frame, one reference, contents undefined; or {@link #NO_FRAME}
     */
    public int tryAllocate(int order) {
        return tryAllocate(order, AllocContext.NO_RECLAIM);
    }

    /**
     * As {@link #allocate(int, AllocContext)}, with failure as a value.
     *
     * @param order as {@link #allocate}
     * @param context as {@link #allocate(int, AllocContext)}
     * @return head frame, one reference, contents undefined; or {@link #NO_FRAME}
     */
    public int tryAllocate(int order, AllocContext context) {
        int frame = takeCached(order);
        return frame != NO_FRAME ? frame : checks.handle(tryAllocateSlow(order, context));
    }

    private int tryAllocateSlow(int order, AllocContext context) {
        int frame = takeAboveReserve(order);
        if (frame == NO_FRAME) {
            frame = directReclaim.run(order, pressure.narrow(context)).frame();
        }
        if (frame == NO_FRAME) {
            reports.allocationFailed();
        }
        return frame;
    }

    /**
     * Runs code whose allocations on this thread, from this allocator, may do no more than a
     * context allows: code that reclaims, writes back, or must not block. Narrowing adds up.
     *
     * @param context what its allocations may do at most; if it may use the reserve, so may they
     * @param op the code
     * @param <R> what it answers
     * @param <X> what it throws
     * @return what it answered
     * @throws X what it threw
     */
    public <R, X extends Throwable> R callIn(
            AllocContext context, ScopedValue.CallableOp<? extends R, X> op) throws X {
        return pressure.callIn(context, op);
    }

    /**
     * Takes single frames, as many as {@link #tryAllocate} would find, and in the same context:
     * where that is too much, call it inside {@link #callIn}.
     *
     * @param frames where to put them
     * @param from first index to fill
     * @param count how many are wanted, at least 0
     * @return how many were taken, 0..count; each has one reference, contents undefined
     */
    public int allocateBatch(int[] frames, int from, int count) {
        FrameChecks.checkBatch(frames, from, count);
        checkOpen();
        AllocContext context = pressure.narrow(AllocContext.NO_RECLAIM);
        int keepFrames = pressure.keepFrames(context);
        int taken = supply.takeBatch(frames, from, count, keepFrames, context.mayBlock());
        for (int i = from; debug != null && i < from + taken; i++) {
            frames[i] = debug.handle(frames[i]);
        }
        if (taken < count) {
            reports.allocationFailed();
        }
        return taken;
    }

    /** What is in the caller's frame cache: the way that is taken nearly always. */
    private int takeCached(int order) {
        checkOpen();
        FrameCache cache = caches.enter();
        int frame = cache.take(order);
        caches.exit(cache);
        return frame;
    }

    /** Draining deferred frames, and whatever else the context allows, is left to reclaim. */
    private int takeAboveReserve(int order) {
        return supply.take(checkOrder(order), pressure.keepFrames(), false);
    }

    // ---- references and pins

    /**
     * Takes one more reference to a block that the caller knows to be alive.
     *
     * @param frame head frame of a block that somebody holds a reference to
     * @throws IllegalStateException when it is free, frozen, a tail, or near overflow; nothing
     *     changed
     */
    public void get(int frame) {
        int checked = checks.check(frame);
        if (!frames.tryGet(checked)) {
            throw checks.misuse("get", checked);
        }
    }

    /**
     * Takes one more reference, if the block is alive.
     *
     * @param frame any frame
     * @return false when it is free, frozen, deferred, a tail, or near overflow
     */
    public boolean tryGet(int frame) {
        int current = checks.currentOrNone(frame);
        return current != NO_FRAME && frames.tryGet(current);
    }

    /**
     * Gives a reference back. The last one frees the block; what the others wrote into it before
     * their puts is visible to whoever gets it next.
     *
     * @param frame head frame of a block that the caller holds a reference to
     * @throws IllegalStateException when there is no reference to give back (twice, a tail, frozen,
     *     or only pins are left); nothing changed
     */
    public void put(int frame) {
        int checked = checks.check(frame); // Before the cache is entered: it may throw.
        FrameCache cache = caches.enter();
        boolean kept = release.keep(checked, cache);
        caches.exit(cache);
        if (!kept) {
            drop(checked, FrameState::put, "put");
        }
    }

    /**
     * Takes a pin: a reference that also forbids to move the frame.
     *
     * @param frame as {@link #get}
     * @throws IllegalStateException as {@link #get}
     */
    public void pin(int frame) {
        int checked = checks.check(frame);
        if (!frames.tryPin(checked)) {
            throw checks.misuse("pin", checked);
        }
    }

    /**
     * Takes a pin, if the block is alive.
     *
     * @param frame any frame
     * @return false as {@link #tryGet}
     */
    public boolean tryPin(int frame) {
        int current = checks.currentOrNone(frame);
        return current != NO_FRAME && frames.tryPin(current);
    }

    /**
     * Gives a pin back, as {@link #put}.
     *
     * @param frame head frame of a block that the caller has pinned
     * @throws IllegalStateException when it has no pin; nothing changed
     */
    public void unpin(int frame) {
        drop(checks.check(frame), FrameState::unpin, "unpin");
    }

    private void drop(int frame, LongUnaryOperator step, String name) {
        long word = frames.update(frame, step);
        if (word == FrameState.REFUSED) {
            throw checks.misuse(name, frame);
        }
        if (FrameState.reachedZero(word)) {
            lastPut(frame, word);
        }
    }

    /**
     * Finishes a put, unpin or end of a latch that took the last reference, for Quire's own
     * modules: frees the block, or leaves it to whoever takes it off its LRU list. Throws nothing.
     *
     * @param frame head frame whose transition the caller made
     * @param word the word that the transition stored: references 0, FROZEN or DEFERRED
     */
    public void lastPut(int frame, long word) {
        if (FrameState.any(word, FrameState.DEFERRED)) {
            deferred.push(frame);
        } else {
            release.freeFrozen(frame);
        }
    }

    /**
     * Gives back one reference of each frame, as {@link #put}. Misuse is reported and skipped;
     * nothing is thrown for it.
     *
     * @param frames head frames
     * @param from first index to read
     * @param count how many, at least 0
     * @throws IllegalArgumentException when one of them is no frame at all; nothing changed
     */
    public void putBatch(int[] frames, int from, int count) {
        checks.checkAll(frames, from, count);
        if (debug == null) {
            release.freeRetired(frames, from, count, retirePut);
        } else {
            int[] current = checks.current(frames, from, count);
            release.freeRetired(current, 0, current.length, retirePut);
        }
    }

    /** One frame of a batch: out of use now, and of that order; or -1 when it is dealt with. */
    private int retirePut(int frame) {
        int order = release.putFree(frame);
        if (order < 0) {
            long word = frames.update(frame, FrameState::put);
            if (word == FrameState.REFUSED) {
                checks.reportMisuse("put", frame);
            } else if (FrameState.reachedZero(word)) {
                lastPut(frame, word);
            }
        }
        return order;
    }

    /**
     * Takes a block for the caller alone, if the references that the caller knows of are all there
     * are, none is a pin, and nobody writes it or writes it back.
     *
     * @param frame head frame of a block
     * @param expectedRefs references that the caller knows of, at least 1
     * @return whether the block is now frozen: 0 references, and nobody can take one
     */
    public boolean tryFreeze(int frame, int expectedRefs) {
        return frames.tryFreeze(checks.check(frame), expectedRefs, FrameState.BUSY_FOR_EVICTION);
    }

    /**
     * Gives a frozen block its references back.
     *
     * @param frame head frame of a block that the caller froze
     * @param refs references afterwards, at least 1
     * @throws IllegalStateException when it is not frozen, or refs is out of range; nothing changed
     */
    public void unfreeze(int frame, int refs) {
        frames.unfreeze(checks.check(frame), refs);
    }

    // ---- free, for Quire's own modules

    /**
     * Frees a block that the caller owns FROZEN. The checks: frozen, nothing of {@code
     * BAD_AT_FREE}, no owner, a head of an order that fits. What fails is reported and quarantined,
     * never used again; what is not frozen at all is somebody else's, reported and left alone.
     * Throws nothing.
     *
     * @param head head frame
     */
    public void freeFrozen(int head) {
        int frame = checks.orReport(head);
        if (frame != NO_FRAME) {
            release.freeFrozen(frame);
        }
    }

    /**
     * As {@link #freeFrozen} for several blocks; blocks of one order in a row go to the zone
     * together.
     *
     * @param heads head frames
     * @param from first index to read
     * @param count how many, at least 0
     * @throws IllegalArgumentException when one of them is no frame at all; nothing changed
     */
    public void freeFrozenBatch(int[] heads, int from, int count) {
        checks.checkAll(heads, from, count);
        if (debug == null) {
            release.freeFrozenBatch(heads, from, count);
        } else {
            int[] current = checks.current(heads, from, count);
            release.freeFrozenBatch(current, 0, current.length);
        }
    }

    /**
     * Registers who takes deferred frames off their LRU lists. Until then they stay deferred.
     *
     * @param hook the page cache; replaces the one before
     */
    public void onDeferred(DeferredHook hook) {
        deferred.hook(Objects.requireNonNull(hook, "hook"));
    }

    /**
     * Frees the frames whose last reference was put while they were on an LRU list: takes all that
     * wait, has the hook unlink them, frees each exactly once. May wait for the hook's list locks.
     *
     * @return how many blocks were freed
     */
    public int drainDeferred() {
        return deferred.drain();
    }

    // ---- handles, with full tracking

    /**
     * The frame number of a handle, checked. Only with {@link Tracking#FULL} is there a difference:
     * then what {@link #allocate} and {@link #frameOf} answer carries a generation in the bits
     * above the frame number, which every method that takes a frame checks first; {@code handle +
     * i} stands for the i-th frame of the block. A plain frame number, as {@link #frames} and the
     * hooks of Quire's own modules use them, is taken everywhere as well, and cannot be stale.
     *
     * @param handle what allocate answered, or {@link #NO_FRAME}
     * @return 0..frameCount-1; NO_FRAME for itself
     * @throws IllegalStateException when the frame was freed and allocated again since
     */
    public int frame(int handle) {
        return handle == NO_FRAME ? NO_FRAME : checks.frame(handle);
    }

    /**
     * Begins to empty a block, for Quire's own modules: takes what of it is free out of the zone.
     *
     * @param head its head frame, a multiple of its length
     * @param order 0..{@link #ORDER_MAX}
     * @return the block, to be closed; null when others would be short of frames meanwhile
     * @throws IllegalArgumentException when it is no block of the region
     */
    public @Nullable EmptyingBlock emptying(int head, int order) {
        checkOpen();
        int length = 1 << checkOrder(order);
        if (head < 0 || head > frameCount() - length || (head & (length - 1)) != 0) {
            throw new IllegalArgumentException(
                    "head must be a multiple of "
                            + length
                            + ", 0.."
                            + (frameCount() - length)
                            + ": head="
                            + head);
        }
        // As many as the block has are out of sight in the end, here or where its pages went.
        if (zone.freeFrames() - length < pressure.keepFrames()) {
            return null;
        }
        EmptyingBlock block = new EmptyingBlock(zone, release, head, order);
        block.takeFree();
        return block;
    }

    /**
     * Takes the lowest frame of a range that is free, for Quire's own modules: where a page is to
     * go that moves. What frame caches hold is not found; the reserve may be taken.
     *
     * @param from the first frame to look at
     * @param end the frame behind the last, at most {@link #frameCount}
     * @return a frame, one reference; or {@link #NO_FRAME}
     */
    public int tryAllocateBetween(int from, int end) {
        checkOpen();
        return supply.takeBetween(from, end, 0);
    }

    /** What callers pass as frames, for the rest of the package. */
    FrameChecks checks() {
        return checks;
    }

    // ---- pressure

    /**
     * Registers who gives frames up when few are left. From then on the frames below the min
     * watermark are kept for contexts that may use the reserve, as inside the shrinker.
     *
     * @param shrinker the page cache
     * @throws IllegalStateException when there is one already
     */
    public void shrinker(Shrinker shrinker) {
        pressure.shrinker(Objects.requireNonNull(shrinker, "shrinker"));
    }

    /**
     * Whether background reclaim should begin. What frame caches hold does not count as free.
     *
     * @return true while fewer frames are free than the low watermark
     */
    public boolean belowLow() {
        return pressure.belowLow();
    }

    /**
     * Whether background reclaim should go on. What frame caches hold does not count as free.
     *
     * @return true while fewer frames are free than the high watermark
     */
    public boolean belowHigh() {
        return pressure.belowHigh();
    }

    /**
     * Has background reclaim begin earlier than at the low watermark, and go on further than to the
     * high one, while frames are taken fast.
     *
     * @param frames how much earlier, at least 0; it goes on twice as much further
     */
    public void reclaimAhead(int frames) {
        if (frames < 0) {
            throw new IllegalArgumentException("frames must be at least 0: frames=" + frames);
        }
        pressure.reclaimAhead(frames);
    }

    /**
     * Lets no more than some of the frames be used. When more are in use, background reclaim is
     * woken, and until it is done allocations reclaim for themselves; nothing else is taken away
     * from anybody. The watermarks follow, unless they were set. {@link #trim} gives the memory of
     * what stays free back to the system.
     *
     * @param frames how many may be used, more than the high watermark, at most {@link
     *     #frameCount()}
     * @throws IllegalArgumentException naming both limits
     */
    public void limitFrames(int frames) {
        pressure.limit(frames);
    }

    /**
     * How many frames may be used.
     *
     * @return all of them, unless {@link #limitFrames(int)} said otherwise
     */
    public int limitFrames() {
        return frameCount() - pressure.withheldFrames();
    }

    /**
     * How many blocks were handed out so far: for who measures how fast frames are taken.
     *
     * @return at least 0; may be out of date when it returns
     */
    public long allocations() {
        return supply.allocations();
    }

    /**
     * How many frames are free, in the zone or in a frame cache. May be out of date when it
     * returns.
     *
     * @return 0..{@link #frameCount()}
     */
    public int freeFrames() {
        return zone.freeFrames() + caches.spareFrames();
    }

    /**
     * Gives the stock of all frame caches to the zone, so that blocks merge: before {@link
     * #buddyInfo} is taken at its word, say. Allocations do so by themselves before they fail.
     *
     * @return how many frames went, about
     */
    public int drainCaches() {
        return caches.drain();
    }

    // ---- look

    /**
     * The memory of a block, exactly. It lives as long as the process; that nobody else uses it is
     * what the caller's reference is for.
     *
     * @param frame head frame of a block that is allocated
     * @return {@code pageBytes << order} bytes
     * @throws IllegalStateException when it is free or a tail
     */
    public MemorySegment segment(int frame) {
        int head = checks.check(frame);
        return region.block(head, checks.orderOf(head));
    }

    /**
     * The address of a frame.
     *
     * @param frame any frame
     * @return a multiple of {@link #pageBytes()}
     */
    public long address(int frame) {
        return region.address(checks.check(frame));
    }

    /**
     * The order of a block.
     *
     * @param frame head frame of a block that is allocated
     * @return 0..{@link #ORDER_MAX}
     * @throws IllegalStateException when it is free or a tail
     */
    public int order(int frame) {
        return checks.orderOf(checks.check(frame));
    }

    /**
     * The references of a block, pins included. May be out of date when it returns.
     *
     * @param frame any frame
     * @return 0 when it is free, frozen, deferred, quarantined, or a tail
     */
    public int refCount(int frame) {
        return FrameState.refs(frames.word(checks.check(frame)));
    }

    /**
     * The pins of a block. May be out of date when it returns.
     *
     * @param frame any frame
     * @return 0..refCount
     */
    public int pinCount(int frame) {
        return FrameState.pins(frames.word(checks.check(frame)));
    }

    /**
     * The frame that holds an address.
     *
     * @param address any address
     * @return the frame, head or tail; {@link #NO_FRAME} when it is outside the region
     */
    public int frameOf(long address) {
        return checks.handle(plainFrameOf(address));
    }

    int plainFrameOf(long address) {
        return region.frameOf(address);
    }

    /**
     * The frame in which a segment begins.
     *
     * @param segment any segment
     * @return the frame, head or tail; {@link #NO_FRAME} unless all of it lies in the region
     */
    public int frameOf(MemorySegment segment) {
        return checks.handle(plainFrameOf(segment));
    }

    /**
     * Looks for memory without an owner in a segment that somebody is about to hand to the system.
     * A look, not a hold: {@link IoMemory#pinned} holds.
     *
     * @param segment any segment
     * @return a frame of it whose block has no reference; {@link #NO_FRAME} when all have one, or
     *     when not all of it lies in the region
     */
    public int unreferencedFrame(MemorySegment segment) {
        int first = segment.byteSize() == 0 ? NO_FRAME : plainFrameOf(segment);
        if (first == NO_FRAME) {
            return NO_FRAME;
        }
        int last = plainFrameOf(segment.address() + segment.byteSize() - 1);
        for (int frame = first; frame <= last; ) {
            int head = frames.headOf(frame);
            if (FrameState.refs(frames.word(head)) == 0) {
                return checks.handle(frame);
            }
            int order = frames.order(head);
            int blockFrames = order >= 0 && order <= ORDER_MAX ? 1 << order : 1;
            frame = Math.max(frame + 1, head + blockFrames); // a block freed meanwhile: go on
        }
        return NO_FRAME;
    }

    int plainFrameOf(MemorySegment segment) {
        return region.frameOf(segment);
    }

    /**
     * Bytes of a frame.
     *
     * @return a power of two, 4096..65536
     */
    public int pageBytes() {
        return region.pageBytes();
    }

    /**
     * Frames of the region, numbered from 0.
     *
     * @return 1..2^30
     */
    public int frameCount() {
        return frames.frameCount();
    }

    /**
     * The side table, for Quire's own modules.
     *
     * @return one word and the columns of every frame
     */
    @SuppressWarnings("exports") // For the modules that the package is exported to.
    public FrameTable frames() {
        return frames;
    }

    /**
     * All frames' memory in one piece, for Quire's own modules: frame f is at {@code f *
     * pageBytes}.
     *
     * @return a segment of the global scope, never unmapped, not even by close
     */
    public MemorySegment region() {
        return region.memory();
    }

    // ---- for users of java.lang.foreign

    /**
     * An arena whose segments are cut from frames: zeroed, and valid as long as another arena,
     * whose close gives their blocks back. Closing either closes both.
     *
     * <p>A segment of up to a frame shares one with others; a larger one has a block of its own, up
     * to the largest order; alignment goes up to that, and to 2 MiB. Whatever is more is refused
     * with {@link IllegalArgumentException}; and what {@link #allocate} does not find, with its
     * {@link OutOfFramesException}.
     *
     * @param lifetime for example {@link Arena#ofConfined} or {@link Arena#ofShared}: who may use
     *     the arena and its segments, and until when. {@link Arena#ofAuto}: until the collector
     *     finds them unreachable. {@link Arena#global}: for ever, and close reports a leak
     * @return the arena
     */
    public Arena arena(Arena lifetime) {
        return new FrameArena(this, lifetime);
    }

    /**
     * An allocator of segments that nobody frees: the blocks come back some time after the
     * collector finds it and all its segments unreachable. As {@link #arena} of {@link
     * Arena#ofAuto}. Memory that is waiting for the collector is not free; who cannot wait takes an
     * arena and closes it.
     *
     * @return the allocator, for any thread
     */
    public SegmentAllocator segmentAllocator() {
        return arena(Arena.ofAuto());
    }

    // ---- memory and the system

    /**
     * What the region's memory got of what was asked for it.
     *
     * @return the same as long as the allocator lives
     */
    public RegionInfo regionInfo() {
        return region.info();
    }

    /**
     * Gives the memory of free huge pages (2 MiB) back to the system, one after another; each is as
     * good as allocated while that lasts. Their addresses stay, read as zero, and get memory again
     * when they are touched. Registered slabs are left alone; so is hugetlb memory, which would
     * stay reserved for the process.
     *
     * @return what was given back, and how many slabs were busy
     */
    public TrimReport trim() {
        checkOpen();
        supply.drain(true); // One frame that waits somewhere keeps its huge page.
        return trimmer.trim(pressure.reserveFrames());
    }

    /**
     * How many slabs the region has: pieces of 1 GiB, the last one may be shorter.
     *
     * @return at least 1
     */
    public int slabCount() {
        return region.slabs().size();
    }

    /**
     * Claims that a slab's memory stays where it is, for a ring that registers it: from now on trim
     * and close leave it alone. Waits while it is being trimmed.
     *
     * @param slab 0..slabCount-1
     * @return the claim; close it when the kernel has forgotten the slab. There may be several
     * @throws IllegalArgumentException when there is no such slab
     * @throws IllegalStateException after close
     */
    public SlabRegistration registerSlab(int slab) {
        checkOpen();
        if (slab < 0 || slab >= slabCount()) {
            throw new IllegalArgumentException(
                    "slab must be 0.." + (slabCount() - 1) + ": slab=" + slab);
        }
        return region.slabs().get(slab).register();
    }

    // ---- from outside

    /**
     * Free blocks of the zone by order; what frame caches hold is not among them.
     *
     * @return a snapshot
     */
    public BuddyInfo buddyInfo() {
        return reports.buddyInfo();
    }

    /**
     * The allocator's numbers.
     *
     * @return a snapshot
     */
    public AllocatorStats stats() {
        return reports.stats();
    }

    /**
     * The allocator in lines, for a person: numbers, watermarks, free blocks by order with their
     * fragmentation, all other blocks in groups, deferred and quarantined ones, and with tracking
     * who allocated most. Every list is bounded and says what it leaves out. May be called at any
     * time by any thread, and is a walk over all frames; what others change meanwhile is seen or
     * not.
     *
     * @return some dozens of lines
     */
    public String dump() {
        StringBuilder out = new StringBuilder();
        try {
            dump(out);
        } catch (IOException e) {
            throw new AssertionError("a StringBuilder does not do I/O", e);
        }
        return out.toString();
    }

    /**
     * As {@link #dump()}, without a string of it all.
     *
     * @param out where to
     * @throws IOException what it throws
     */
    public void dump(Appendable out) throws IOException {
        reports.dump(toString(), out);
    }

    /**
     * Walks every frame and the whole zone. Exact only while nobody else uses the allocator.
     *
     * @throws AssertionError naming the invariant that does not hold, and the frame
     */
    public void verify() {
        reports.verify();
    }

    /**
     * Ends allocation, reports what is still allocated, and gives the memory of all other frames
     * back to the system. Once is enough; more does nothing.
     *
     * <p>Nobody may be allocating meanwhile: what a call that is still under way gets may lose its
     * bytes. Puts may go on.
     *
     * <p>Addresses stay mapped and readable, as zeros, for readers that look before they know; so a
     * process that makes and closes allocators uses up address space, not memory. Blocks that are
     * still held keep their bytes, and may still be put.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (inJmx != null) {
            inJmx.close();
        }
        supply.close();
        supply.drain(true);
        reports.damageAndLeaks();
        trimmer.giveBackAll();
    }

    @Override
    public String toString() {
        return "PageAllocator[free="
                + freeFrames()
                + " of "
                + frames.frameCount()
                + " frames of "
                + region.pageBytes()
                + " bytes]";
    }

    // ---- checks

    private static int checkOrder(int order) {
        if (order < 0 || order > ORDER_MAX) {
            throw new IllegalArgumentException(
                    "order must be 0.." + ORDER_MAX + ": order=" + order);
        }
        return order;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
    }
}
