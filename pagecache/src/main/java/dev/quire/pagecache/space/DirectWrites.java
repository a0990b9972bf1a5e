package dev.quire.pagecache.space;

import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The direct writes of an address space that are under way: nobody pins or latches a page that one
 * of them covers. Otherwise a page dirtied meanwhile would be written over bytes that were
 * acknowledged, and a pinned one could not be dropped at the end. Optimistic reads go on, and may
 * bring pages in; the end of the write drops them.
 *
 * <p>Who publishes a range only looks whether pages are in the way, and withdraws it before it
 * waits for one: so a thread that waits here for a range, whatever latches it holds, waits for the
 * device, and for fills, and for nobody who waits for it.
 */
public final class DirectWrites {
    private final Gate gate;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // An array that is never changed; null when there is none.
    private volatile DirectRange @Nullable [] ranges;

    /**
     * None yet.
     *
     * @param gate shut while there are any
     */
    public DirectWrites(Gate gate) {
        this.gate = gate;
    }

    // ---- those who want a page

    /**
     * Whether a page is under a direct write. Called after the page was pinned or latched, and the
     * gate found shut.
     *
     * @param frames the side table
     * @param frame the frame that the caller has pinned or latched: its page stays
     * @return true if the caller has to give it back, and to {@link #await} the write
     */
    boolean cover(FrameTable frames, int frame) {
        // Ordering: pin or latch by a full CAS, then the gate, then the ranges.
        // Pairs:    publish: the ranges, the gate, full fence, then slots and frame words.
        // Gives:    a pin or a latch either is seen by who begins a direct write, and he waits for
        //           it or goes another way, or sees his range, and is given back.
        // Checked:  src-test jcstress LatchAgainstDirectWrite.
        DirectRange[] now = ranges;
        return now != null && any(now, frames.page(frame));
    }

    /**
     * Whether a page is under a direct write.
     *
     * @param page page index
     * @return true until that write is over
     */
    public boolean cover(long page) {
        DirectRange[] now = ranges;
        return now != null && any(now, page);
    }

    private static boolean any(DirectRange[] ranges, long page) {
        for (DirectRange range : ranges) {
            if (range.has(page)) {
                return true;
            }
        }
        return false;
    }

    /** Waits until a page is under no direct write. */
    void await(long page) {
        lock.lock();
        try {
            while (cover(page)) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    // ---- those who write

    /**
     * Makes a range known: from now on, nobody begins to pin or latch a page of it.
     *
     * @param range what is to be written; the caller, who holds the space's size lock, looks at its
     *     pages next
     * @param extending whether the file ends before the end of it
     */
    public void publish(DirectRange range, boolean extending) {
        lock.lock();
        try {
            range.extending = extending;
            DirectRange[] now = ranges;
            int count = now == null ? 0 : now.length;
            DirectRange[] next = now == null ? new DirectRange[1] : Arrays.copyOf(now, count + 1);
            next[count] = range;
            ranges = next;
            gate.shut(Gate.DIRECT_WRITES, true);
        } finally {
            lock.unlock();
        }
        VarHandle.fullFence(); // see cover
    }

    /**
     * Lets the pages of a range be pinned and latched again.
     *
     * @param range what was published
     */
    public void withdraw(DirectRange range) {
        lock.lock();
        try {
            List<DirectRange> left = new ArrayList<>(Arrays.asList(published()));
            left.remove(range);
            ranges = left.isEmpty() ? null : left.toArray(new DirectRange[0]);
            gate.shut(Gate.DIRECT_WRITES, !left.isEmpty());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private DirectRange[] published() {
        DirectRange[] now = ranges;
        return now == null ? new DirectRange[0] : now;
    }

    /**
     * Whether the store may hold, or is being given, bytes behind the end of the content.
     *
     * @return true while a write is under way that extends the file; the caller holds the space's
     *     size lock
     */
    public boolean anyExtending() {
        for (DirectRange range : published()) {
            if (range.extending) {
                return true;
            }
        }
        return false;
    }

    /**
     * The store has answered a write. Writes that extend the file end in turn: the size must not
     * cover what another one, that begins before the end of this, has not written yet (S2.8).
     *
     * @param range what was written, or could not be
     * @return the writes whose end is to be run now, by the caller: this one, unless it has to wait
     *     for its turn, and those that have waited for it
     */
    public List<DirectRange> over(DirectRange range) {
        lock.lock();
        try {
            range.over = true;
            DirectRange[] all = published();
            List<DirectRange> turns = new ArrayList<>(1);
            for (DirectRange each : all) {
                if (each.over && !each.ending && isTurnOf(each, all)) {
                    each.ending = true;
                    turns.add(each);
                }
            }
            return turns;
        } finally {
            lock.unlock();
        }
    }

    private static boolean isTurnOf(DirectRange range, DirectRange[] all) {
        if (range.extending) {
            for (DirectRange other : all) {
                if (other.extending && !other.over && other.position() < range.endBytes()) {
                    return false;
                }
            }
        }
        return true;
    }
}
