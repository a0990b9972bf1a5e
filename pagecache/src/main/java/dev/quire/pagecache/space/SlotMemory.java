package dev.quire.pagecache.space;

import dev.quire.allocator.os.RawMemory;
import dev.quire.allocator.os.VirtualMemory;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Where windows of slots get their memory: off the heap, zeroed, given back by the collector. */
public final class SlotMemory {
    /**
     * log2 of the pages of a window: 128 MiB of addresses, which cost nothing before they are
     * touched, for 128 GiB of 8 KiB pages.
     */
    private static final int WINDOW_SHIFT = 24;

    private static final int COLLECT_PAUSES_MAX = 4;
    private static final long COLLECT_PAUSE_NANOS = 5_000_000;

    private final @Nullable VirtualMemory os;
    private final int windowShift;
    private final AtomicLong chunks = new AtomicLong();

    private SlotMemory(@Nullable VirtualMemory os, int windowShift) {
        this.os = os;
        this.windowShift = windowShift;
    }

    /**
     * Addresses reserved from the system; memory comes with the first touch.
     *
     * @return for large windows
     */
    public static SlotMemory reserved() {
        return new SlotMemory(VirtualMemory.open(), WINDOW_SHIFT);
    }

    /**
     * Memory that is there from the start.
     *
     * @param windowShift log2 of the pages of a window, at least {@link Chunk#SHIFT}
     * @return for small windows
     */
    public static SlotMemory allocated(int windowShift) {
        return new SlotMemory(null, windowShift);
    }

    /**
     * How large windows are.
     *
     * @return log2 of their pages
     */
    int windowShift() {
        return windowShift;
    }

    /** How many chunks there are in all windows. */
    long chunks() {
        return chunks.get();
    }

    void chunkMade() {
        chunks.incrementAndGet();
    }

    MemorySegment window() {
        long bytes = 1L << (windowShift + Slots.SHIFT);
        return os == null ? Arena.ofAuto().allocate(bytes, Long.BYTES) : reserve(os, bytes);
    }

    /** The system may have no more mappings because those of closed files were not collected. */
    private static MemorySegment reserve(VirtualMemory os, long bytes) {
        for (int pauses = 0; pauses < COLLECT_PAUSES_MAX; pauses++) {
            try {
                return RawMemory.reserveCollected(os, bytes);
            } catch (IllegalStateException refused) {
                System.gc();
                LockSupport.parkNanos(COLLECT_PAUSE_NANOS << pauses); // the cleaner's turn
            }
        }
        return RawMemory.reserveCollected(os, bytes);
    }

    /**
     * Gives the memory of a chunk back whose slots are all ABSENT; it stays readable, and its slots
     * ABSENT.
     *
     * @param slots part of a window, into which nobody inserts a page meanwhile
     */
    void giveBack(MemorySegment slots) {
        chunks.decrementAndGet();
        if (os == null) {
            slots.fill((byte) 0); // as the system does it, so that tests see whose it is by then
        } else if (slots.byteSize() % os.pageBytes() == 0) {
            os.giveBack(slots.address(), slots.byteSize()); // refused: it stays as it is
        }
    }
}
