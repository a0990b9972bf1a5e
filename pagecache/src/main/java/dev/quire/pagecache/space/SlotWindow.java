package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * The slots of many consecutive pages of a file, in one flat piece of memory, so that a cursor
 * finds a slot by adding; and the chunks that manage them.
 *
 * <p>A place in it belongs to its page for the life of the window: its memory is never used for
 * other pages, and is unmapped only when no cursor and no translation can be reached that knows it.
 */
public final class SlotWindow {
    /** Memory is given back in a few microseconds. */
    private static final long DROP_POLL_NANOS = 20_000;

    private final long firstPage;
    private final MemorySegment memory;
    private final SlotMemory source;
    private final ChunkDirectory chunks;

    SlotWindow(long firstPage, SlotMemory source) {
        this.firstPage = firstPage;
        this.source = source;
        memory = source.window();
        chunks = new ChunkDirectory(Math.toIntExact(pages() >>> Chunk.SHIFT));
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
        return chunks.get(index(page));
    }

    private int index(long page) {
        return (int) ((page - firstPage) >>> Chunk.SHIFT);
    }

    /**
     * As find; makes one if there is none. Waits only for who is giving the memory back that these
     * very slots had.
     */
    Chunk make(long page) {
        int index = index(page);
        boolean interrupted = false;
        Chunk chunk = findOrPut(index, page);
        while (chunk.live() < 0) {
            LockSupport.parkNanos(DROP_POLL_NANOS);
            interrupted |= Thread.interrupted();
            chunk = findOrPut(index, page);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return chunk;
    }

    /**
     * As make, but waits for nobody.
     *
     * @return null while the memory of these very slots is given back
     */
    @Nullable Chunk tryMake(long page) {
        Chunk chunk = findOrPut(index(page), page);
        return chunk.live() < 0 ? null : chunk;
    }

    private Chunk findOrPut(int index, long page) {
        Chunk found = chunks.get(index);
        if (found != null) {
            return found;
        }
        Chunk made = new Chunk(Chunk.number(page), slotsOf(index));
        Chunk first = chunks.putIfAbsent(index, made);
        if (first == null) {
            source.chunkMade();
        }
        return first == null ? made : first;
    }

    private MemorySegment slotsOf(int index) {
        long bytes = (long) Chunk.PAGES << Slots.SHIFT;
        return memory.asSlice(index * bytes, bytes);
    }

    /** Closes an empty chunk, gives its memory back, and forgets it. */
    void drop(Chunk chunk) {
        if (chunk.tryClose()) {
            // Ordering: the memory is given back, then the place is empty, with release.
            // Pairs:    make: the place is empty, acquire, then slots are inserted.
            // Gives:    no slot of the next chunk is given back with this one's.
            // Checked:  src-test jcstress ChunkInsertAgainstDrop.
            int index = index(chunk.firstPage());
            try {
                source.giveBack(slotsOf(index));
            } finally {
                chunks.remove(index);
            }
        }
    }

    /** The first chunk at or after a page of this window; null when there is none. */
    @Nullable Chunk findFrom(long page) {
        return chunks.firstFrom(index(page));
    }

    /** How many bytes of heap its directory takes. */
    long directoryBytes() {
        return chunks.bytes();
    }
}
