package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * From page numbers to slots: a directory of chunks, one a file.
 *
 * <p>Lookups take two loads and no lock. Chunks are linked and unlinked under a lock, so that the
 * directory can grow by copying without losing one.
 */
public final class Translation {
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(Chunk[].class);
    private static final int DIRECTORY_LENGTH_MIN = 16;

    /** The directory is one array: 2^30 chunks of 512 pages. */
    public static final long PAGES_MAX = 1L << (30 + Chunk.SHIFT);

    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Chunk[] directory = new @Nullable Chunk[DIRECTORY_LENGTH_MIN];

    /** A translation without a page. */
    public Translation() {}

    /**
     * A page's slot, before the bytes it names are read.
     *
     * @param page page index
     * @return the slot, read with acquire; ABSENT when the page has no chunk
     */
    public long slot(long page) {
        Chunk chunk = find(page);
        return chunk == null ? Slot.ABSENT : chunk.slot(Chunk.index(page));
    }

    /**
     * Whether a page's slot is what it was: the end of an optimistic read.
     *
     * @param page page index
     * @param seen what {@link #slot} answered before the bytes were read
     * @return true if everything read since then is valid
     */
    public boolean validate(long page, long seen) {
        Chunk chunk = find(page);
        return chunk == null ? seen == Slot.ABSENT : chunk.validate(Chunk.index(page), seen);
    }

    /**
     * The chunk that holds a page's slot.
     *
     * @param page page index, at least 0
     * @return null when no page of it was ever touched, or all have gone
     */
    public @Nullable Chunk find(long page) {
        @Nullable Chunk[] chunks = directory;
        long number = Chunk.number(page);
        return number < chunks.length ? (Chunk) CHUNKS.getAcquire(chunks, (int) number) : null;
    }

    /**
     * The chunk that holds a page's slot; made when there is none.
     *
     * @param page page index, 0..PAGES_MAX-1
     * @return a chunk that was not closed when it was found
     */
    public Chunk findOrMake(long page) {
        Chunk chunk = find(page);
        return chunk != null && chunk.live() >= 0 ? chunk : make(page);
    }

    private Chunk make(long page) {
        int number = Math.toIntExact(Chunk.number(page));
        lock.lock();
        try {
            @Nullable Chunk[] chunks = directory;
            if (number >= chunks.length) {
                chunks = Arrays.copyOf(chunks, lengthFor(number));
                directory = chunks;
            }
            Chunk chunk = chunks[number];
            if (chunk == null || chunk.live() < 0) {
                chunk = new Chunk(number);
                CHUNKS.setRelease(chunks, number, chunk);
            }
            return chunk;
        } finally {
            lock.unlock();
        }
    }

    private static int lengthFor(int number) {
        return Math.max(DIRECTORY_LENGTH_MIN, Integer.highestOneBit(number) << 1);
    }

    /**
     * Drops a chunk if nothing is in it.
     *
     * @param chunk a chunk of this translation
     */
    public void dropIfEmpty(Chunk chunk) {
        if (chunk.live() != 0) {
            return;
        }
        lock.lock();
        try {
            int number = (int) Chunk.number(chunk.firstPage());
            if (chunk.tryClose() && directory[number] == chunk) {
                CHUNKS.setRelease(directory, number, null);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The first chunk at or after a page that holds anything.
     *
     * @param page page index
     * @return null when there is none
     */
    public @Nullable Chunk findFrom(long page) {
        @Nullable Chunk[] chunks = directory;
        for (long number = Chunk.number(page); number < chunks.length; number++) {
            Chunk chunk = (Chunk) CHUNKS.getAcquire(chunks, (int) number);
            if (chunk != null) {
                return chunk;
            }
        }
        return null;
    }

    /**
     * How many bytes of heap the chunks and the directory take, object headers aside.
     *
     * @return bytes
     */
    public long metadataBytes() {
        long bytes = 4L * directory.length;
        for (Chunk chunk = findFrom(0);
                chunk != null;
                chunk = findFrom(chunk.firstPage() + Chunk.PAGES)) {
            bytes += Chunk.PAGES * Long.BYTES + Chunk.PAGES / Byte.SIZE;
        }
        return bytes;
    }
}
