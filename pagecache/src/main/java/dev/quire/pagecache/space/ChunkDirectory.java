package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The chunks of a window, by their place in it. Grows without a lock, and without being copied: in
 * parts that are made on first touch, each as long as all before it. Lock-free.
 */
final class ChunkDirectory {
    private static final VarHandle PARTS = MethodHandles.arrayElementVarHandle(Chunk[][].class);
    private static final VarHandle CHUNKS = MethodHandles.arrayElementVarHandle(Chunk[].class);

    /** log2 of the chunks of the first part. */
    private static final int FIRST_SHIFT = 2;

    private static final int REFERENCE_BYTES = 4;

    private final @Nullable Chunk[] @Nullable [] parts;

    ChunkDirectory(int chunksMax) {
        parts = new @Nullable Chunk[partOf(chunksMax - 1) + 1] @Nullable [];
    }

    private static int partOf(int index) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(index >>> FIRST_SHIFT);
    }

    private static int firstOf(int part) {
        return part == 0 ? 0 : 1 << (FIRST_SHIFT + part - 1);
    }

    private static int lengthOf(int part) {
        return 1 << (FIRST_SHIFT + Math.max(0, part - 1));
    }

    private @Nullable Chunk @Nullable [] part(int part) {
        return (@Nullable Chunk[]) PARTS.getAcquire(parts, part);
    }

    private @Nullable Chunk[] partOrMake(int part) {
        @Nullable Chunk[] found = part(part);
        if (found != null) {
            return found;
        }
        @Nullable Chunk[] made = new @Nullable Chunk[lengthOf(part)];
        @Nullable Chunk[] first =
                (@Nullable Chunk[]) PARTS.compareAndExchange(parts, part, null, made);
        return first == null ? made : first;
    }

    /** Null when there is none. */
    @Nullable Chunk get(int index) {
        @Nullable Chunk[] chunks = part(partOf(index));
        return chunks == null ? null : (Chunk) CHUNKS.getAcquire(chunks, within(chunks, index));
    }

    /** A part begins at a multiple of its length. */
    private static int within(@Nullable Chunk[] chunks, int index) {
        return index & (chunks.length - 1);
    }

    /** Answers the chunk that is there already; null when it is the given one now. */
    @Nullable Chunk putIfAbsent(int index, Chunk chunk) {
        @Nullable Chunk[] chunks = partOrMake(partOf(index));
        return (Chunk) CHUNKS.compareAndExchange(chunks, within(chunks, index), null, chunk);
    }

    /** Forgets a chunk. Called by who closed it. */
    void remove(int index) {
        @Nullable Chunk[] chunks = partOrMake(partOf(index));
        CHUNKS.setRelease(chunks, within(chunks, index), null);
    }

    /** The first chunk at or after a place; null when there is none. */
    @Nullable Chunk firstFrom(int index) {
        int from = index;
        for (int part = partOf(index); part < parts.length; part++) {
            @Nullable Chunk[] chunks = part(part);
            int end = firstOf(part) + lengthOf(part);
            for (; chunks != null && from < end; from++) {
                Chunk chunk = (Chunk) CHUNKS.getAcquire(chunks, within(chunks, from));
                if (chunk != null) {
                    return chunk;
                }
            }
            from = end;
        }
        return null;
    }

    /** How many bytes of heap it takes, object headers aside. */
    long bytes() {
        long references = parts.length;
        for (int part = 0; part < parts.length; part++) {
            references += part(part) == null ? 0 : lengthOf(part);
        }
        return references * REFERENCE_BYTES;
    }
}
