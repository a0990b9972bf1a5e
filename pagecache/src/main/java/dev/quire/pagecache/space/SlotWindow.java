package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The slots of many consecutive pages of a file, in one flat piece of memory, so that a cursor
 * finds a slot by adding; and the chunks that manage them.
 *
 * <p>A place in it belongs to its page for the life of the window: its memory is never used for
 * other pages, and is unmapped only when no cursor and no translation can be reached that knows it.
 */
public final class SlotWindow {
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(Chunk[].class);
    private static final int CHUNKS_MIN = 4;

    private final long firstPage;
    private final MemorySegment memory;
    private final SlotMemory source;
    private volatile @Nullable Chunk[] chunks = new @Nullable Chunk[CHUNKS_MIN];

    SlotWindow(long firstPage, SlotMemory source) {
        this.firstPage = firstPage;
        this.source = source;
        memory = source.window();
    }

    /**
     * The first page of the window.
     *
     * @return a multiple of {@link #pages}
     */
    public long firstPage() {
        return firstPage;
    }

    /**
     * How many pages it is for.
     *
     * @return a power of two
     */
    public long pages() {
        return memory.byteSize() >>> Slots.SHIFT;
    }

    /**
     * The place of the first slot; those of the other pages follow.
     *
     * @return for {@link Slots}
     */
    public long firstSlot() {
        return memory.address() >>> Slots.SHIFT;
    }

    /**
     * The chunk that manages a page's slot.
     *
     * @param page one of this window's pages
     * @return null when there is none
     */
    @Nullable Chunk find(long page) {
        @Nullable Chunk[] chunks = this.chunks;
        int index = index(page);
        return index < chunks.length ? (Chunk) CHUNKS.getAcquire(chunks, index) : null;
    }

    private int index(long page) {
        return (int) ((page - firstPage) >>> Chunk.SHIFT);
    }

    /**
     * As find; makes one if there is none that is open. The caller holds the translation's lock.
     */
    Chunk make(long page) {
        int index = index(page);
        @Nullable Chunk[] chunks = this.chunks;
        if (index >= chunks.length) {
            chunks = Arrays.copyOf(chunks, Integer.highestOneBit(index) << 1);
            this.chunks = chunks;
        }
        Chunk chunk = chunks[index];
        if (chunk == null || chunk.live() < 0) {
            chunk = new Chunk(Chunk.number(page), slotsOf(index));
            CHUNKS.setRelease(chunks, index, chunk);
            source.chunkMade();
        }
        return chunk;
    }

    private MemorySegment slotsOf(int index) {
        long bytes = (long) Chunk.PAGES << Slots.SHIFT;
        return memory.asSlice(index * bytes, bytes);
    }

    /** Closes an empty chunk and forgets it. The caller holds the translation's lock. */
    void drop(Chunk chunk) {
        int index = index(chunk.firstPage());
        if (chunk.tryClose() && chunks[index] == chunk) {
            // Nobody inserts: this chunk is closed, and the next one is made under the lock.
            source.giveBack(slotsOf(index));
            CHUNKS.setRelease(chunks, index, null);
        }
    }

    /** The first chunk at or after a page of this window; null when there is none. */
    @Nullable Chunk findFrom(long page) {
        @Nullable Chunk[] chunks = this.chunks;
        for (int index = index(page); index < chunks.length; index++) {
            Chunk chunk = (Chunk) CHUNKS.getAcquire(chunks, index);
            if (chunk != null) {
                return chunk;
            }
        }
        return null;
    }

    /** How many bytes of heap its directory takes. */
    long directoryBytes() {
        return 4L * chunks.length;
    }
}
