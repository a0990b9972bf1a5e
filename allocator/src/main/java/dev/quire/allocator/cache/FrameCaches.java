package dev.quire.allocator.cache;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Which frame cache a thread uses: its own, if it is a platform thread and a slot is to be had; or
 * a stripe, which it shares with others and locks, by trying, for one operation at a time.
 *
 * <p>Threads find their slot by their id; nothing is kept in thread-locals, so that nothing is left
 * behind in threads when an allocator goes, and a slot of a dead thread is adopted with its stock.
 */
public final class FrameCaches {
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(FrameCache[].class);

    /**
     * Frames for each slot, and for each stripe: a cache takes 2.5 KB, and all of them together
     * less than a byte a frame.
     */
    private static final int FRAMES_PER_SLOT = 4096;

    private static final int FRAMES_PER_STRIPE = 8192;

    private static final int COUNT_MIN = 4;
    private static final int SLOTS_MIN = 64;
    private static final int SLOTS_MAX = 256;
    private static final int STRIPES_MIN = 4;
    private static final int STRIPES_MAX = 64;

    /** A thread looks at so many slots before it uses stripes. */
    private static final int PROBES = 4;

    private final FrameTable frames;
    private final FrameSink sink;
    private final int limit;

    /** Never null: {@link #none} until a thread needs the slot. */
    private final FrameCache[] slots;

    private final AtomicReferenceArray<FrameCache> stripes;

    /** Owned by no thread, holds nothing. */
    private final FrameCache none;

    /**
     * No caches yet; they come as threads do.
     *
     * @param frames the side table
     * @param sink where blocks go that leave a cache
     * @param limit single frames a cache, 0..{@link FrameCache#LIMIT_MAX}; 0 for no caches
     */
    public FrameCaches(FrameTable frames, FrameSink sink, int limit) {
        this.frames = frames;
        this.sink = sink;
        this.limit = limit;
        int cores = Runtime.getRuntime().availableProcessors();
        none = new FrameCache(frames, sink, 0, 0, false);
        int slotCount = Math.clamp(8L * cores, SLOTS_MIN, SLOTS_MAX);
        int stripeCount = Math.clamp(2L * cores, STRIPES_MIN, STRIPES_MAX);
        int frameCount = frames.frameCount();
        slots = new FrameCache[limit == 0 ? 1 : count(slotCount, frameCount / FRAMES_PER_SLOT)];
        Arrays.fill(slots, none);
        stripes =
                new AtomicReferenceArray<>(
                        limit == 0 ? 0 : count(stripeCount, frameCount / FRAMES_PER_STRIPE));
    }

    /** A power of two. */
    private static int count(int wanted, int most) {
        return Integer.highestOneBit(Math.max(COUNT_MIN, Math.min(wanted, most)));
    }

    /**
     * The cache that the calling thread may use until {@link #exit}.
     *
     * @return a cache; one that is always empty when none can be had at once
     */
    public FrameCache enter() {
        Thread thread = Thread.currentThread();
        long id = thread.threadId();
        FrameCache[] slots = this.slots;
        FrameCache cache = slots[(int) id & (slots.length - 1)];
        return cache.isOwnedBy(id) ? cache : enterSlow(thread, id);
    }

    /**
     * Ends the use of a cache.
     *
     * @param cache what {@link #enter} answered
     */
    public void exit(FrameCache cache) {
        cache.unlock();
    }

    private FrameCache enterSlow(Thread thread, long id) {
        if (limit == 0) {
            return none;
        }
        if (!thread.isVirtual()) {
            FrameCache own = owned(id);
            own = own == none ? adopt(thread, id) : own;
            if (own != none) {
                return own.isInside(id) ? none : own;
            }
        }
        FrameCache stripe = stripe((int) mix(id) & (stripes.length() - 1));
        return stripe.tryLock() ? stripe : none;
    }

    /** The slot that the thread has: the first ones it looked at may have been others' then. */
    private FrameCache owned(long id) {
        for (int probe = 0; probe < PROBES; probe++) {
            int index = (int) (id + probe) & (slots.length - 1);
            FrameCache cache = (FrameCache) SLOTS.getAcquire(slots, index);
            if (cache.isOwnedBy(id) || cache.isInside(id)) {
                return cache;
            }
        }
        return none;
    }

    private FrameCache adopt(Thread thread, long id) {
        for (int probe = 0; probe < PROBES; probe++) {
            FrameCache cache = slot((int) (id + probe) & (slots.length - 1));
            if (cache.tryOwn(thread)) {
                return cache;
            }
        }
        return none;
    }

    private FrameCache slot(int index) {
        FrameCache cache = (FrameCache) SLOTS.getAcquire(slots, index);
        if (cache != none) {
            return cache;
        }
        FrameCache made = new FrameCache(frames, sink, index, limit, false);
        FrameCache found = (FrameCache) SLOTS.compareAndExchange(slots, index, none, made);
        return found == none ? made : found;
    }

    private FrameCache stripe(int index) {
        FrameCache cache = stripes.getAcquire(index);
        if (cache != null) {
            return cache;
        }
        FrameCache made = new FrameCache(frames, sink, slots.length + index, limit, true);
        FrameCache found = stripes.compareAndExchange(index, null, made);
        return found == null ? made : found;
    }

    /** Consecutive ids far apart. */
    private static long mix(long id) {
        return (id * 0x9E3779B97F4A7C15L) >>> 32;
    }

    /**
     * Gives the stock of every cache to the zone. Never waits for the caches' users.
     *
     * @return how many frames went
     */
    public int drain() {
        if (limit == 0) {
            return 0;
        }
        int[] batch = new int[FrameCache.LIMIT_MAX];
        int[] drained = new int[1];
        each(cache -> drained[0] += cache.drain(batch));
        return drained[0];
    }

    /**
     * Takes a block out of anybody's stock, whoever the user is and whatever he does.
     *
     * @param order any order
     * @return head frame, one reference; or {@link FrameCache#NO_FRAME}
     */
    public int steal(int order) {
        if (limit == 0 || order > FrameCache.ORDER_MAX) {
            return FrameCache.NO_FRAME;
        }
        int[] head = {FrameCache.NO_FRAME};
        each(
                cache -> {
                    if (head[0] == FrameCache.NO_FRAME) {
                        head[0] = cache.steal(order);
                    }
                });
        return head[0];
    }

    /**
     * Frames in stock. Exact only while nobody uses the caches.
     *
     * @return at least 0
     */
    public int spareFrames() {
        if (limit == 0) {
            return 0;
        }
        int spare = 0;
        for (int head : spareHeads()) {
            int order = frames.order(head); // May be another block's by now.
            spare += order >= 0 && order <= FrameCache.ORDER_MAX ? 1 << order : 0;
        }
        return spare;
    }

    /**
     * Which blocks are in stock. Exact only while nobody uses the caches.
     *
     * @return head frames, ascending, each once
     */
    public int[] spareHeads() {
        IntStream.Builder heads = IntStream.builder();
        each(
                cache ->
                        cache.eachHint(
                                head -> {
                                    if (frames.word(head) == FrameState.SPARE) {
                                        heads.add(head);
                                    }
                                }));
        return heads.build().sorted().distinct().toArray();
    }

    /**
     * Blocks taken from caches so far. May be out of date when it returns.
     *
     * @return at least 0
     */
    public long takes() {
        long[] sum = new long[1];
        each(cache -> sum[0] += cache.takes());
        return sum[0];
    }

    /**
     * Blocks put into caches by their last reference so far. May be out of date when it returns.
     *
     * @return at least 0
     */
    public long puts() {
        long[] sum = new long[1];
        each(cache -> sum[0] += cache.puts());
        return sum[0];
    }

    /**
     * Memory of the caches that exist.
     *
     * @return bytes
     */
    public long metadataBytes() {
        long[] sum = {4L * (slots.length + stripes.length())};
        each(cache -> sum[0] += cache.metadataBytes());
        return sum[0];
    }

    private void each(Consumer<FrameCache> action) {
        for (int i = 0; i < slots.length; i++) {
            FrameCache cache = (FrameCache) SLOTS.getAcquire(slots, i);
            if (cache != none) {
                action.accept(cache);
            }
        }
        for (int i = 0; i < stripes.length(); i++) {
            FrameCache cache = stripes.getAcquire(i);
            if (cache != null) {
                action.accept(cache);
            }
        }
    }
}
