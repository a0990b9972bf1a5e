package dev.quire.allocator.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * The side table: one state word for every page frame of a region, and the columns beside it.
 *
 * <p>Nothing is stored in front of or inside a frame, so that every byte of it can go to direct I/O
 * and no metadata shares a page with data.
 *
 * <p>Invariants, cited by number in code and tests:
 *
 * <ul>
 *   <li>I1 references 0 if and only if the frame is free, SPARE, FROZEN by one owner, DEFERRED or
 *       quarantined.
 *   <li>I2 LRU clear: off the lists, or exactly one claimer, holding a reference or FROZEN, is
 *       about to unlink it.
 *   <li>I3 WRITEBACK: the page stays in its slot.
 *   <li>I4 a head carries its block's order; tails are never handed out.
 *   <li>I5 a slot's frame has that owner and index.
 *   <li>I6 free + in frame caches + allocated + deferred + quarantined = capacity.
 *   <li>I7 dirty pages = pages in the dirty index and those in flight.
 * </ul>
 *
 * <p>Thread-safe. The columns are plain unless their methods say otherwise: the owner of the frame
 * writes them, and a later owner sees them because ownership passes through the word.
 */
public final class FrameTable {
    /*
     * Heap arrays, not a segment: the JIT sees the bounds, Lincheck and jcstress see the accesses, and
     * there is nothing to close. 64 GiB of 4 KiB frames: 2^24 words of 8 bytes = 128 MiB (0.2 %).
     */
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle BYTES = MethodHandles.arrayElementVarHandle(byte[].class);
    private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);

    /** No frame: the end of a list, or the answer of a search that found none. */
    public static final int NO_FRAME = -1;

    /** The order column's value for a frame that is inside a block but not its head. */
    public static final int ORDER_TAIL = 15;

    /** The order column's value for a frame that is free. */
    public static final int ORDER_NONE = -1;

    /** The owner column's value for a frame that belongs to no address space. */
    public static final int OWNER_NONE = 0;

    /** The use count saturates here. */
    public static final int USES_MAX = 3;

    /** What a use count is before the page was asked for at all: one less than unused. */
    private static final int USES_UNREAD = -1;

    /** Bytes of metadata a frame: word, version, order, uses, owner, page index, two links. */
    public static final int BYTES_PER_FRAME = 8 + 4 + 1 + 1 + 4 + 8 + 4 + 4;

    /** What the columns of the longest block's tails must be; compared in one go. */
    private static final byte[] TAIL_ORDERS = new byte[1 << 10];

    private static final long[] TAIL_WORDS = new long[1 << 10];

    /** Fewer tails than this are looked at one by one. */
    private static final int TAILS_COMPARED_MIN = 8;

    static {
        Arrays.fill(TAIL_ORDERS, (byte) ORDER_TAIL);
    }

    /**
     * The word of frame 0: two lines behind the array's header, which every access reads. Beside
     * it, the first frames' words made two threads on different frames 2.4 times as slow as one.
     */
    private static final int FIRST = 16;

    private final int frameCount;
    private final long[] words;
    private final int[] versions;
    private final byte[] orders;
    private final byte[] uses;
    private final int[] owners;
    private final long[] pages;
    private final int[] nexts;
    private final int[] prevs;

    /**
     * A table of free frames.
     *
     * @param frameCount how many, at least 1
     */
    public FrameTable(int frameCount) {
        if (frameCount < 1) {
            throw new IllegalArgumentException(
                    "frame count must be at least 1: frameCount=" + frameCount);
        }
        this.frameCount = frameCount;
        words = new long[FIRST + frameCount];
        versions = new int[frameCount];
        orders = new byte[frameCount];
        uses = new byte[frameCount];
        owners = new int[frameCount];
        pages = new long[frameCount];
        nexts = new int[frameCount];
        prevs = new int[frameCount];
        Arrays.fill(orders, (byte) ORDER_NONE);
        Arrays.fill(nexts, NO_FRAME);
        Arrays.fill(prevs, NO_FRAME);
    }

    /**
     * How many frames the table describes.
     *
     * @return at least 1
     */
    public int frameCount() {
        return frameCount;
    }

    /**
     * Heap that the table takes.
     *
     * @return bytes
     */
    public long metadataBytes() {
        return (long) BYTES_PER_FRAME * frameCount;
    }

    // ---- the word

    /**
     * A frame's word now.
     *
     * @param frame 0..frameCount-1
     * @return the word, read with acquire
     */
    public long word(int frame) {
        return (long) WORDS.getAcquire(words, FIRST + frame);
    }

    /**
     * Applies a transition until it succeeds or is refused: the one CAS loop on frame words. It is
     * lock-free: it goes round again only because somebody else's transition succeeded.
     *
     * @param frame 0..frameCount-1
     * @param step a pure function of {@link FrameState}
     * @return the word that was stored, or REFUSED with nothing changed
     */
    public long update(int frame, LongUnaryOperator step) {
        long[] words = this.words;
        long seen = (long) WORDS.getAcquire(words, FIRST + frame);
        while (true) {
            long next = step.applyAsLong(seen);
            if (next == FrameState.REFUSED) {
                return FrameState.REFUSED;
            }
            // Ordering: a full CAS; what was done under a reference or a latch comes before it.
            // Pairs:    the getAcquire and the CAS of whoever takes the frame next.
            // Gives:    bytes written under any reference are visible before the frame is reused.
            // Checked:  src-test jcstress LastPutSeesEveryWrite.
            long found = (long) WORDS.compareAndExchange(words, FIRST + frame, seen, next);
            if (found == seen) {
                return next;
            }
            seen = found;
        }
    }

    /**
     * As {@link #update}, but answers the word that was replaced: for transitions whose caller must
     * know what it cleared (WAITERS, say).
     *
     * @param frame 0..frameCount-1
     * @param step a pure function of {@link FrameState}
     * @return the word that was replaced, or REFUSED with nothing changed
     */
    public long replace(int frame, LongUnaryOperator step) {
        long[] words = this.words;
        long seen = (long) WORDS.getAcquire(words, FIRST + frame);
        while (true) {
            long next = step.applyAsLong(seen);
            if (next == FrameState.REFUSED) {
                return FrameState.REFUSED;
            }
            long found = (long) WORDS.compareAndExchange(words, FIRST + frame, seen, next);
            if (found == seen) {
                return seen;
            }
            seen = found;
        }
    }

    /**
     * Makes a transition that leaves from one word only, so that one attempt decides it.
     *
     * @param frame 0..frameCount-1
     * @param from the word that it leaves from
     * @param to the word that it leads to
     * @return whether the word was that and is now the other; with the ordering of {@link #update}
     */
    public boolean move(int frame, long from, long to) {
        return WORDS.compareAndSet(words, FIRST + frame, from, to);
    }

    /**
     * Takes a reference, if the frame is alive.
     *
     * @param frame 0..frameCount-1
     * @return false when it is free, frozen, deferred, quarantined or near overflow (S0.1)
     */
    public boolean tryGet(int frame) {
        return update(frame, FrameState::get) != FrameState.REFUSED;
    }

    /**
     * Takes a pin, if the frame is alive.
     *
     * @param frame 0..frameCount-1
     * @return false as {@link #tryGet}
     */
    public boolean tryPin(int frame) {
        return update(frame, FrameState::pin) != FrameState.REFUSED;
    }

    /**
     * Takes the page lock, if the frame is alive and unlocked.
     *
     * @param frame 0..frameCount-1
     * @return whether the caller holds it now
     */
    public boolean tryLock(int frame) {
        return update(frame, FrameState::lock) != FrameState.REFUSED;
    }

    /**
     * Takes the frame for the caller alone, if nobody else holds or uses it.
     *
     * @param frame 0..frameCount-1
     * @param expected the references the caller knows of
     * @param refused flags that forbid it
     * @return whether the frame is now FROZEN and the caller's
     */
    public boolean tryFreeze(int frame, int expected, long refused) {
        return update(frame, word -> FrameState.freeze(word, expected, refused))
                != FrameState.REFUSED;
    }

    /**
     * Gives a frozen frame its references back.
     *
     * @param frame a frame that the caller froze
     * @param refs references afterwards, at least 1
     */
    public void unfreeze(int frame, int refs) {
        require(frame, update(frame, word -> FrameState.unfreeze(word, refs)), "unfreeze");
    }

    /**
     * Sets flags of a live frame.
     *
     * @param frame 0..frameCount-1
     * @param flags flags of {@link FrameState}
     * @return true if the caller's CAS set at least one of them
     */
    public boolean set(int frame, long flags) {
        return update(frame, word -> FrameState.set(word, flags)) != FrameState.REFUSED;
    }

    /**
     * Clears flags.
     *
     * @param frame 0..frameCount-1
     * @param flags flags of {@link FrameState}
     * @return true if the caller's CAS cleared at least one of them
     */
    public boolean clear(int frame, long flags) {
        return update(frame, word -> FrameState.clear(word, flags)) != FrameState.REFUSED;
    }

    /**
     * Fails when a transition that the caller is entitled to was refused.
     *
     * @param frame the frame
     * @param outcome what update or replace answered
     * @param transition its name, for the message
     * @return the outcome
     */
    public long require(int frame, long outcome, String transition) {
        if (outcome == FrameState.REFUSED) {
            throw refused(frame, transition);
        }
        return outcome;
    }

    // ---- columns

    /**
     * The version of a frame's content: differs between any two contents that a reader could
     * confuse, until 2^32 of them have passed.
     *
     * @param frame a frame that the caller holds EXCLUSIVE, FROZEN, or LOCKED before it is up to
     *     date
     * @return the version
     */
    public int version(int frame) {
        return versions[frame];
    }

    /**
     * A new version: the content is about to be, or has been, replaced.
     *
     * @param frame a frame as in {@link #version}
     * @return the version from now on
     */
    public int nextVersion(int frame) {
        return ++versions[frame];
    }

    /**
     * The order of the block that a frame heads.
     *
     * @param frame 0..frameCount-1
     * @return 0..10, {@link #ORDER_TAIL} or {@link #ORDER_NONE}
     */
    public int order(int frame) {
        return (byte) BYTES.getOpaque(orders, frame);
    }

    /**
     * The head of the block that a frame is in.
     *
     * @param frame 0..frameCount-1
     * @return its head; the frame itself when it is in no block. Out of date when it returns unless
     *     the caller keeps the block allocated.
     */
    public int headOf(int frame) {
        if (order(frame) != ORDER_TAIL) {
            return frame;
        }
        for (int order = 1; order < ORDER_TAIL; order++) {
            int head = frame & -(1 << order);
            if (order(head) != ORDER_TAIL) {
                return head;
            }
        }
        return frame;
    }

    /**
     * Records a frame's place in its block.
     *
     * @param frame a frame that the caller owns
     * @param order 0..10, {@link #ORDER_TAIL} or {@link #ORDER_NONE}
     */
    public void order(int frame, int order) {
        BYTES.setOpaque(orders, frame, (byte) order);
    }

    /**
     * Records the place of a run of frames, as {@link #order(int, int)} for each.
     *
     * @param from first frame; the caller owns all of them
     * @param to frame after the last
     * @param order 0..10, {@link #ORDER_TAIL} or {@link #ORDER_NONE}
     */
    public void orders(int from, int to, int order) {
        Arrays.fill(orders, from, to, (byte) order);
    }

    /**
     * Whether a run of frames are nothing but tails: marked as such, without references or flags.
     *
     * @param from first frame; the caller owns all of them, and they are no more than the tails of
     *     a block of order 10
     * @param to frame after the last
     * @return true if all are
     */
    public boolean areTails(int from, int to) {
        int count = to - from;
        if (count < TAILS_COMPARED_MIN) {
            boolean tails = true;
            for (int frame = from; frame < to; frame++) {
                tails &= order(frame) == ORDER_TAIL && word(frame) == FrameState.FREE;
            }
            return tails;
        }
        return Arrays.equals(orders, from, to, TAIL_ORDERS, 0, count)
                && Arrays.equals(words, FIRST + from, FIRST + to, TAIL_WORDS, 0, count);
    }

    /**
     * How often a page was used lately. A hint: updates may be lost.
     *
     * @param frame 0..frameCount-1
     * @return 0..{@link #USES_MAX}
     */
    public int uses(int frame) {
        return Math.max(0, (byte) BYTES.getOpaque(uses, frame));
    }

    /**
     * Says that a page was brought in before anybody asked for it: who does so first does not count
     * as a use, no more than who waits for a page that he needs. A hint: updates may be lost.
     *
     * @param frame 0..frameCount-1
     */
    public void unread(int frame) {
        BYTES.setOpaque(uses, frame, (byte) USES_UNREAD);
    }

    /**
     * Whether nobody asked for a page since {@link #unread}. A hint.
     *
     * @param frame 0..frameCount-1
     * @return false when somebody has, or it was never said
     */
    public boolean isUnread(int frame) {
        return (byte) BYTES.getOpaque(uses, frame) == USES_UNREAD;
    }

    /**
     * Sets the use count. A hint: updates may be lost.
     *
     * @param frame 0..frameCount-1
     * @param count 0..{@link #USES_MAX}
     */
    public void uses(int frame, int count) {
        BYTES.setOpaque(uses, frame, (byte) count);
    }

    /**
     * Counts a use. Writes nothing once saturated, so that a hot page's line stays shared by all
     * cores.
     *
     * @param frame 0..frameCount-1
     */
    public void use(int frame) {
        use(uses, frame);
    }

    /**
     * The use counts of all frames, for readers that cannot afford the way through this object.
     *
     * @return for {@link #use(byte[], int)} only
     */
    public byte[] useCounts() {
        return uses;
    }

    /**
     * As {@link #use(int)}.
     *
     * @param useCounts what {@link #useCounts} answered
     * @param frame 0..frameCount-1
     */
    public static void use(byte[] useCounts, int frame) {
        int count = (byte) BYTES.getOpaque(useCounts, frame);
        if (count < USES_MAX) {
            BYTES.setOpaque(useCounts, frame, (byte) (count + 1));
        }
    }

    /**
     * The address space that a frame belongs to.
     *
     * @param frame 0..frameCount-1
     * @return its number, or {@link #OWNER_NONE}
     */
    public int owner(int frame) {
        return (int) INTS.getOpaque(owners, frame);
    }

    /**
     * The page that a frame holds, within its owner.
     *
     * @param frame a frame that has an owner
     * @return page index, at least 0
     */
    public long page(int frame) {
        return pages[frame];
    }

    /**
     * Records whose page a frame holds.
     *
     * @param frame a frame that the caller owns, or holds LOCKED
     * @param owner number of an address space, or {@link #OWNER_NONE}
     * @param page page index within it
     */
    public void own(int frame, int owner, long page) {
        pages[frame] = page;
        INTS.setOpaque(owners, frame, owner);
    }

    /**
     * The next frame of the list that this frame is on.
     *
     * @param frame a frame of a list whose lock the caller holds
     * @return a frame, or {@link #NO_FRAME}
     */
    public int next(int frame) {
        return nexts[frame];
    }

    /**
     * Links a frame forward.
     *
     * @param frame a frame of a list whose lock the caller holds
     * @param next a frame, or {@link #NO_FRAME}
     */
    public void next(int frame, int next) {
        nexts[frame] = next;
    }

    /**
     * The previous frame of the list that this frame is on.
     *
     * @param frame a frame of a list whose lock the caller holds
     * @return a frame, or {@link #NO_FRAME}
     */
    public int prev(int frame) {
        return prevs[frame];
    }

    /**
     * Links a frame backward.
     *
     * @param frame a frame of a list whose lock the caller holds
     * @param prev a frame, or {@link #NO_FRAME}
     */
    public void prev(int frame, int prev) {
        prevs[frame] = prev;
    }

    /**
     * A frame in words, for messages.
     *
     * @param frame 0..frameCount-1
     * @return for example {@code F#1a2f/o3 [refs 2, pins 0, UPTODATE]}
     */
    public String describe(int frame) {
        int order = order(frame);
        String block = order == ORDER_NONE ? "free" : order == ORDER_TAIL ? "tail" : "o" + order;
        String name = "F#" + Integer.toHexString(frame) + "/" + block;
        String owned =
                owner(frame) == OWNER_NONE
                        ? ""
                        : ", owner " + owner(frame) + " page " + page(frame);
        return name + " " + FrameState.describe(word(frame)) + owned;
    }

    @Override
    public String toString() {
        return "FrameTable[frames=" + frameCount + "]";
    }

    private IllegalStateException refused(int frame, String transition) {
        return new IllegalStateException(transition + " refused: frame=" + describe(frame));
    }
}
