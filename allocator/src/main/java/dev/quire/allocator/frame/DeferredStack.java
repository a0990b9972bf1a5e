package dev.quire.allocator.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Frames whose last reference was dropped while they were still on an LRU list, waiting for someone
 * who may take that list's lock.
 *
 * <p>Assumes that {@link FrameState#put} made the frame DEFERRED before it is pushed. Guarantees
 * that every frame that is DEFERRED is on the stack or in the hands of one drainer, and that a
 * frame is linked at most once. Push is lock-free and may be called from anywhere; {@link #takeAll}
 * is wait-free, and any number of threads may drain at the same time.
 */
public final class DeferredStack {
    /*
     * A Treiber stack through a column of its own: the LRU links are still in use while a frame
     * waits here. It is only ever emptied as a whole, by one exchange, so that there is no ABA.
     *
     * A reclaimer may claim and free a frame that it met on its LRU list while the frame still
     * waits here. The frame can then be allocated, cached and deferred again with its old entry
     * still linked; linking it twice would tie the stack into a ring. So the link column says
     * whether the frame is linked, and a second push leaves the work to the first entry.
     *
     * Column values: 0 not linked, -1 linked and last, frame + 1 linked, that frame is next.
     */
    private static final VarHandle LINKS = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle TOP;

    /** No frame: the end of a chain. */
    public static final int NO_FRAME = -1;

    /** Bytes of metadata a frame. */
    public static final int BYTES_PER_FRAME = 4;

    private static final int NOT_LINKED = 0;
    private static final int LAST = -1;

    static {
        try {
            TOP = MethodHandles.lookup().findVarHandle(DeferredStack.class, "top", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int[] links;

    @SuppressWarnings({"FieldMayBeFinal", "UnusedVariable"}) // Read and written through TOP.
    private int top = LAST;

    /**
     * An empty stack.
     *
     * @param frameCount how many frames there are, at least 1
     */
    public DeferredStack(int frameCount) {
        links = new int[frameCount];
    }

    /**
     * Leaves a deferred frame for the next drain. Never blocks.
     *
     * @param frame a frame whose word has just become DEFERRED
     */
    public void push(int frame) {
        // Ordering: DEFERRED is set by a full CAS before the link is looked at; unlink() clears the
        //           link, then a full fence, before its caller looks at the word.
        // Pairs:    unlink, then FrameState.claimDeferred.
        // Gives:    either this push links the frame, or the drainer of the old entry sees it
        //           DEFERRED: no frame is left behind.
        // Checked:  src-test jcstress DeferredPushAgainstUnlink.
        if (!LINKS.compareAndSet(links, frame, NOT_LINKED, LAST)) {
            return;
        }
        int seen = (int) TOP.getOpaque(this);
        while (true) {
            LINKS.setOpaque(links, frame, seen);
            int found = (int) TOP.compareAndExchangeRelease(this, seen, frame + 1);
            if (found == seen) {
                return;
            }
            seen = found;
        }
    }

    /**
     * Whether nothing waits. May be out of date when it returns.
     *
     * @return true if the stack was empty
     */
    public boolean isEmpty() {
        return (int) TOP.getOpaque(this) == LAST;
    }

    /**
     * Takes the whole chain; the caller goes through it with {@link #unlink}, to the end.
     *
     * @return the first frame, or {@link #NO_FRAME}
     */
    public int takeAll() {
        return isEmpty() ? NO_FRAME : frameAt((int) TOP.getAndSetAcquire(this, LAST));
    }

    /**
     * Takes a frame off the chain, before it is looked at: it may be pushed again from here on.
     *
     * @param frame a frame of a chain that the caller took
     * @return the next frame of the chain, or {@link #NO_FRAME}
     */
    public int unlink(int frame) {
        int link = (int) LINKS.getAndSet(links, frame, NOT_LINKED);
        // The exchange alone would let a later load of the word pass its store: see push.
        VarHandle.fullFence();
        return frameAt(link);
    }

    /**
     * The topmost frame, left where it is.
     *
     * @return a frame, or {@link #NO_FRAME}
     */
    public int peek() {
        return frameAt((int) TOP.getAcquire(this));
    }

    /**
     * The frame below, left where it is. With {@link #peek} a walk for statistics, which is exact
     * only while nobody pushes or drains; the caller bounds it by the number of frames.
     *
     * @param frame a frame seen on the stack
     * @return a frame, or {@link #NO_FRAME}, also when the frame has left the stack
     */
    public int peekNext(int frame) {
        return frameAt((int) LINKS.getAcquire(links, frame));
    }

    private static int frameAt(int link) {
        return link > NOT_LINKED ? link - 1 : NO_FRAME;
    }
}
