package dev.quire.allocator;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The memory of one fragment of an I/O, and who keeps it alive until the I/O is complete.
 *
 * <p>There are three lifetimes, chosen by who submits the I/O:
 *
 * <ul>
 *   <li>{@link PinnedMemory}: a block that the fragment itself holds a pin on. The submitter may
 *       drop its own reference as soon as it has one of these.
 *   <li>{@link CacheOwnedMemory}: a page that LOCKED or WRITEBACK keeps in place; no reference.
 *   <li>{@link BorrowedMemory}: anybody's segment; its owner promises its arena.
 * </ul>
 *
 * <p>Each fragment of a request has one of its own, also when two of them are the same page. Any
 * thread may {@link #close} it, once the system no longer touches the memory; that a second close
 * changes nothing is what keeps a request that is completed twice from dropping somebody else's
 * pin.
 *
 * <p>Source: Linux, where {@code BIO_PAGE_PINNED}, the page flags and the submitter's promise are
 * conventions (thread S0).
 */
public abstract sealed class IoMemory permits PinnedMemory, CacheOwnedMemory, BorrowedMemory {
    /*
     * One small object a fragment, garbage afterwards. Not pooled: a pooled one that is closed twice
     * would drop the pin of its next use, which is the very mistake that close is there to catch.
     */
    private static final VarHandle CLOSED;

    static {
        try {
            CLOSED = MethodHandles.lookup().findVarHandle(IoMemory.class, "closed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final PageAllocator allocator;
    private final MemorySegment segment;

    @SuppressWarnings("UnusedVariable") // CLOSED
    private boolean closed;

    IoMemory(PageAllocator allocator, MemorySegment segment) {
        this.allocator = allocator;
        this.segment = segment;
    }

    /**
     * Pins a block for a fragment that is all of it.
     *
     * @param allocator whose block
     * @param frame head frame of a block that the caller holds a reference to
     * @return the block's memory, with a pin of its own
     * @throws IllegalStateException when the block has no references, reported; nothing changed
     */
    public static PinnedMemory pinned(PageAllocator allocator, int frame) {
        return PinnedMemory.of(allocator, allocator.frame(frame));
    }

    /**
     * Pins the block that a segment lies in, tail or head.
     *
     * @param allocator whose block
     * @param segment at least a byte, all in one block that the caller holds a reference to
     * @return the same memory, with a pin of its own on the block
     * @throws IllegalArgumentException when it does not lie in one block of this allocator
     * @throws IllegalStateException when the block has no references, reported; nothing changed
     */
    public static PinnedMemory pinned(PageAllocator allocator, MemorySegment segment) {
        return PinnedMemory.of(allocator, segment);
    }

    /**
     * A page that the cache keeps in place meanwhile, for Quire's own modules. It holds no
     * reference: {@link #close} comes before the flag is cleared.
     *
     * @param allocator whose frame
     * @param frame a frame that is under WRITEBACK, or LOCKED by the caller
     * @return its memory, to be filled while it is LOCKED and not up to date; else read only
     * @throws IllegalStateException when neither flag is set, reported
     */
    public static CacheOwnedMemory cacheOwned(PageAllocator allocator, int frame) {
        return CacheOwnedMemory.of(allocator, allocator.frame(frame));
    }

    /**
     * Somebody's memory, to be written to a file.
     *
     * @param allocator in whose region it must not lie
     * @param segment alive until the I/O is complete, by the caller's promise
     * @return the memory, without any hold on it
     * @throws IllegalArgumentException when it lies in the region, where a promise is not enough
     * @throws IllegalStateException when its arena is closed already
     */
    public static BorrowedMemory borrowed(PageAllocator allocator, MemorySegment segment) {
        return BorrowedMemory.of(allocator, segment);
    }

    /**
     * Somebody's memory, to be filled from a file.
     *
     * @param allocator as in {@link #borrowed}
     * @param segment as in {@link #borrowed}, and not read only
     * @return the memory, without any hold on it
     * @throws IllegalArgumentException as {@link #borrowed}, and when it is read only
     * @throws IllegalStateException when its arena is closed already
     */
    public static BorrowedMemory borrowedToFill(PageAllocator allocator, MemorySegment segment) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(
                    "memory to be filled must not be read only: segment=" + segment);
        }
        return BorrowedMemory.of(allocator, segment);
    }

    /**
     * The fragment's memory.
     *
     * @return the same segment each time; not to be used after {@link #close}
     * @throws IllegalStateException after close
     */
    public final MemorySegment segment() {
        if ((boolean) CLOSED.getAcquire(this)) {
            throw new IllegalStateException("the I/O is complete: memory=" + this);
        }
        return segment;
    }

    /**
     * Whether the memory is outside the Java heap, as direct I/O and rings need it.
     *
     * @return false only for a borrowed heap segment
     */
    public final boolean isNative() {
        return segment.isNative();
    }

    /**
     * Ends the I/O's use of the memory: gives a pin back, checks that a promise was kept. Legal in
     * a restricted context: never blocks, throws nothing.
     *
     * @return false when it was closed before, which is reported, and nothing changed
     */
    public final boolean close() {
        // Ordering: a full CAS.
        // Pairs:    the CAS of another close.
        // Gives:    of several closes one gives the pin back.
        // Checked:  src-test jcstress CloseAgainstClose.
        if (!CLOSED.compareAndSet(this, false, true)) {
            report("second close of the memory of an I/O");
            return false;
        }
        end();
        return true;
    }

    /** What the one who closed it has to do. Throws nothing. */
    abstract void end();

    /** Reports a misuse. Throws nothing. */
    abstract void report(String rule);

    final String segmentText() {
        return segment.toString();
    }
}
