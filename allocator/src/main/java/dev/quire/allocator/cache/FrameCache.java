package dev.quire.allocator.cache;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;

/**
 * A small stock of free blocks for one thread at a time, most recently freed first.
 *
 * <p>A block in stock is SPARE: its word alone says that it is free to take, and whoever changes
 * the word from SPARE by CAS has the block. What the cache itself holds are hints where such blocks
 * are. So its user pays one atomic operation for a block taken and one for a block put, and anybody
 * may empty the cache of a thread that sleeps ({@link #drain}) without asking it.
 *
 * <p>{@link #take}, {@link #put} and {@link #stock} may only be called by the cache's user: the
 * thread that owns it, or the one that locked it. {@link #drain} and what only looks may be called
 * by any thread.
 */
public final class FrameCache {
    /*
     * A hint may be stale: drained, taken through another cache's hint, or even a block of another
     * order by now. Then the CAS is refused, or the order column, looked at once the block is owned,
     * tells. A block that is SPARE always has a hint, or a thread just about to leave one: who makes
     * a block SPARE pushes a hint for it, and who removes a hint has found the block not SPARE, or
     * has taken it.
     *
     * Blocks put are not counted, which would cost a fifth of a put: they are the blocks taken and
     * the hints there are, plus the hints that went without a block being taken, less those that
     * came without one being put (UNPUT).
     *
     * Everything written is in one array with an empty line at both ends, so that two threads'
     * caches never share a line.
     */
    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(FrameCache.class, "owner", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The largest order that is kept in stock. */
    public static final int ORDER_MAX = 3;

    /** No block: the answer of a cache that has none. */
    public static final int NO_FRAME = FrameTable.NO_FRAME;

    /** The most single frames that a cache may hold: one row of the zone. */
    public static final int LIMIT_MAX = 64;

    /** log2 of a home: what becomes a huge page again when all of it is free. */
    private static final int HOME_SHIFT = 9;

    private static final int NOWHERE = -1;

    /** Blocks that are out of sight at a time on their way to the zone. */
    private static final int PIECE = 8;

    private static final long NOBODY = 0;
    private static final long CLAIMED = Long.MIN_VALUE;

    private static final int LINE = 16; // longs: two lines, since neighbours are fetched in pairs
    private static final int BUSY = LINE;
    private static final int UNPUT = LINE + 1;
    private static final int STACKS = LINE + 2;
    private static final int HINTS = STACKS + ORDER_MAX + 1;

    /** A stack's cell: how many hints it has below, how many blocks were taken above. */
    private static final int TOP_BITS = 8;

    private static final long TOP_MASK = (1L << TOP_BITS) - 1;
    private static final long ONE_TAKEN = 1L << TOP_BITS;

    private final FrameTable frames;
    private final FrameSink sink;
    private final int index;
    private final int limit;
    private final boolean striped;
    private final long[] cells;

    /**
     * Where the cache takes its blocks from at the moment: the number of a run of 512 frames.
     * Blocks from elsewhere are not kept: handed out again at once they would never merge.
     */
    private int home = NOWHERE;

    /** Blocks on their way to or from the zone; the user's. */
    private final int[] batch;

    /**
     * Id of the thread that owns the cache, negative during a slow step of it; NOBODY; or CLAIMED
     * for the moment of a change.
     */
    private volatile long owner;

    private @Nullable WeakReference<Thread> ownerThread;

    FrameCache(FrameTable frames, FrameSink sink, int index, int limit, boolean striped) {
        this.frames = frames;
        this.sink = sink;
        this.index = index;
        this.limit = limit;
        this.striped = striped;
        cells = new long[HINTS + (ORDER_MAX + 1) * limit + LINE];
        batch = new int[Math.max(1, limit - limit / 2)];
    }

    // ---- for its user

    /**
     * Takes a block.
     *
     * @param order any order
     * @return head frame, one reference; or {@link #NO_FRAME}
     */
    public int take(int order) {
        if (order < 0 || order > ORDER_MAX) {
            return NO_FRAME;
        }
        long stack = cells[STACKS + order];
        while ((stack & TOP_MASK) > 0) {
            stack--;
            int head = (int) cells[hint(order, (int) (stack & TOP_MASK))];
            if (frames.move(head, FrameState.SPARE, FrameState.LIVE)) {
                if (frames.order(head) == order) {
                    setStack(order, stack + ONE_TAKEN);
                    return head;
                }
                setStack(order, stack);
                addUnput(1);
                // A stale hint, to what is now a block of another order.
                putMisfit(head);
            } else {
                setStack(order, stack);
                addUnput(1);
            }
        }
        return NO_FRAME;
    }

    /**
     * Puts the last reference of a block and keeps the block in stock; the older half of the stock
     * goes to the zone when there is no room.
     *
     * @param head head frame of a block that passed the checks for being freed
     * @param order its order
     * @return false, with nothing changed, when it is not the last reference, the page has flags,
     *     or such blocks are not kept: of this order, or from elsewhere
     */
    public boolean put(int head, int order) {
        // Ordering: the CAS to SPARE comes after everything done under this reference.
        // Pairs:    take, by this cache's user, or drain, by anybody.
        // Gives:    the block's next owner sees what its last one wrote.
        // Checked:  src-test jcstress SpareTakenOnce.
        if (order > ORDER_MAX
                || head >>> HOME_SHIFT != home
                || (order > 0 && limit(order) == 0)
                || !frames.move(head, FrameState.LIVE, FrameState.SPARE)) {
            return false;
        }
        push(head, order);
        return true;
    }

    private void putMisfit(int head) {
        boolean began = begin();
        try {
            sink.put(head);
        } finally {
            end(began);
        }
    }

    private void push(int head, int order) {
        long stack = cells[STACKS + order];
        int top = (int) (stack & TOP_MASK);
        if (top >= limit(order)) {
            stack = spill(order, stack);
            top = (int) (stack & TOP_MASK);
        }
        CELLS.setOpaque(cells, hint(order, top), (long) head);
        setStack(order, stack + 1);
    }

    /** Gives the older half to the zone: a thread that alternates at the limit spills rarely. */
    private long spill(int order, long stack) {
        int top = (int) (stack & TOP_MASK);
        int kept = top / 2;
        int spilled = top - kept;
        boolean began = begin();
        try {
            drainHints(order, 0, spilled, batch);
        } finally {
            end(began);
        }
        for (int i = 0; i < kept; i++) {
            CELLS.setOpaque(cells, hint(order, i), cells[hint(order, spilled + i)]);
        }
        long rest = stack - spilled;
        setStack(order, rest);
        addUnput(spilled);
        return rest;
    }

    /**
     * Gives what some hints lead to to the zone, in small pieces: while they are on their way
     * nobody can find them.
     *
     * @return how many frames went
     */
    private int drainHints(int order, int from, int to, int[] batch) {
        int drained = 0;
        int won = 0;
        for (int i = from; i < to; i++) {
            int head = hintAt(order, i);
            if (frames.move(head, FrameState.SPARE, FrameState.FREE)) {
                int actual = frames.order(head);
                drained += 1 << actual;
                if (actual == order) {
                    batch[won++] = head;
                } else {
                    sink.free(head, actual);
                }
            }
            if (won == PIECE || won == batch.length) {
                sink.freeBatch(batch, 0, won, order);
                won = 0;
            }
        }
        sink.freeBatch(batch, 0, won, order);
        return drained;
    }

    /**
     * Where a batch from the zone may be put before it is stocked.
     *
     * @return an array for the cache's user, half as long as the cache is deep
     */
    public int[] batch() {
        return batch;
    }

    /**
     * How many frames a refill should take from the zone.
     *
     * @param order the order that was not in stock
     * @return at least 1; 1 when nothing is to be stocked
     */
    public int refillBlocks(int order) {
        return order == 0 && limit > 1 ? batch.length : 1;
    }

    /**
     * Begins a slow step, which may report a bad page to foreign code: what that allocates and puts
     * goes past the cache. A stripe's user is kept out by its lock.
     *
     * @return for {@link #end}: false when it had begun before
     */
    public boolean begin() {
        long user = (long) OWNER.getOpaque(this);
        boolean began = user > NOBODY;
        if (began) {
            OWNER.setOpaque(this, -user);
        }
        return began;
    }

    /**
     * Ends a slow step.
     *
     * @param began what {@link #begin} answered
     */
    public void end(boolean began) {
        if (began) {
            OWNER.setOpaque(this, -(long) OWNER.getOpaque(this));
        }
    }

    /** Whether the thread is in the middle of a slow step. */
    boolean isInside(long threadId) {
        return (long) OWNER.getOpaque(this) == -threadId;
    }

    /** Keeps nothing more, until it is settled again: the zone is short of frames. */
    public void leaveHome() {
        if (limit > 0) {
            home = NOWHERE;
        }
    }

    /**
     * Keeps, from now on, what is put of the run of 512 frames that a block from the zone lies in.
     *
     * @param head its head frame
     */
    public void settle(int head) {
        int run = head >>> HOME_SHIFT;
        if (limit > 0 && home != run) {
            home = run;
        }
    }

    /**
     * Stocks single frames that the zone gave out.
     *
     * @param heads frames whose words are free frames', and which the caller owns
     * @param from first index to read
     * @param count how many, no more than {@link #refillBlocks} less one
     */
    public void stock(int[] heads, int from, int count) {
        // Backwards, so that they are taken in the order of their addresses.
        for (int i = from + count - 1; i >= from; i--) {
            frames.order(heads[i], 0);
            if (frames.move(heads[i], FrameState.FREE, FrameState.SPARE)) {
                push(heads[i], 0);
                addUnput(-1);
            } else {
                sink.discard(heads[i]);
            }
        }
    }

    // ---- for anybody

    /**
     * Gives everything to the zone, whoever the user is and whatever he does.
     *
     * @param batch where to gather blocks, {@link #LIMIT_MAX} long
     * @return how many frames went, about
     */
    int drain(int[] batch) {
        int drained = 0;
        for (int order = 0; order <= ORDER_MAX; order++) {
            drained += drainHints(order, 0, top(order), batch);
        }
        return drained;
    }

    /**
     * Takes a block out of somebody else's stock: quicker than a drain, and the block is never out
     * of sight.
     *
     * @return head frame, one reference; or NO_FRAME
     */
    int steal(int order) {
        int top = top(order);
        for (int i = 0; i < top; i++) {
            int head = hintAt(order, i);
            if (frames.move(head, FrameState.SPARE, FrameState.LIVE)) {
                if (frames.order(head) == order) {
                    return head;
                }
                sink.put(head);
            }
        }
        return NO_FRAME;
    }

    /** Calls back with every hint: the block may be SPARE or not, and may come up twice. */
    void eachHint(HintVisitor visitor) {
        for (int order = 0; order <= ORDER_MAX; order++) {
            int top = top(order);
            for (int i = 0; i < top; i++) {
                visitor.visit(hintAt(order, i));
            }
        }
    }

    /** Sees hints. */
    @FunctionalInterface
    interface HintVisitor {
        void visit(int head);
    }

    /** Blocks taken so far. */
    long takes() {
        long takes = 0;
        for (int order = 0; order <= ORDER_MAX; order++) {
            takes += stack(order) >>> TOP_BITS;
        }
        return takes;
    }

    /** Blocks put so far. */
    long puts() {
        long hints = 0;
        for (int order = 0; order <= ORDER_MAX; order++) {
            hints += top(order);
        }
        return takes() + hints + (long) CELLS.getOpaque(cells, UNPUT);
    }

    /**
     * A number of its own for every cache: what keeps its user apart from others in the zone.
     *
     * @return at least 0
     */
    public int index() {
        return index;
    }

    long metadataBytes() {
        return 8L * cells.length + 4L * batch.length;
    }

    // ---- ownership

    boolean isOwnedBy(long threadId) {
        return (long) OWNER.getOpaque(this) == threadId;
    }

    /** Makes the cache the thread's, if it is nobody's or a dead thread's. */
    boolean tryOwn(Thread thread) {
        long before = owner;
        if (before == CLAIMED || (before != NOBODY && !isOrphan())) {
            return false;
        }
        WeakReference<Thread> reference = new WeakReference<>(thread);
        // Claimed first, so that nobody judges a new owner by the life of the one before.
        if (!OWNER.compareAndSet(this, before, CLAIMED)) {
            return false;
        }
        ownerThread = reference;
        owner = thread.threadId();
        return true;
    }

    private boolean isOrphan() {
        WeakReference<Thread> reference = ownerThread;
        Thread thread = reference == null ? null : reference.get();
        return thread == null || !thread.isAlive();
    }

    /** Takes a stripe for one operation. */
    boolean tryLock() {
        return (long) CELLS.getOpaque(cells, BUSY) == 0
                && (long) CELLS.compareAndExchangeAcquire(cells, BUSY, 0L, 1L) == 0;
    }

    /** Gives it back, if it is a stripe. */
    void unlock() {
        if (striped) {
            CELLS.setRelease(cells, BUSY, 0L);
        }
    }

    // ---- cells

    private int limit(int order) {
        return order == 0 ? limit : limit >> (order + 1);
    }

    private int hint(int order, int i) {
        return HINTS + order * limit + i;
    }

    private int hintAt(int order, int i) {
        return (int) (long) CELLS.getOpaque(cells, hint(order, i));
    }

    private long stack(int order) {
        return (long) CELLS.getAcquire(cells, STACKS + order);
    }

    private int top(int order) {
        return (int) (stack(order) & TOP_MASK);
    }

    private void setStack(int order, long stack) {
        CELLS.setRelease(cells, STACKS + order, stack);
    }

    private void addUnput(long hints) {
        CELLS.setOpaque(cells, UNPUT, cells[UNPUT] + hints);
    }

    @Override
    public String toString() {
        return "FrameCache["
                + index
                + (striped ? ", striped" : ", owner " + Math.abs(owner))
                + ", hints "
                + top(0)
                + " "
                + top(1)
                + " "
                + top(2)
                + " "
                + top(3)
                + "]";
    }
}
