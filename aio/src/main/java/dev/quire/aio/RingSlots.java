package dev.quire.aio;

import dev.quire.aio.os.IoVector;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;

/**
 * The requests that the kernel works on, found again by the tag that its event carries. One thread.
 *
 * <pre>
 *  63  62                 32 31               0
 * +---+---------------------+------------------+
 * | 0 |     generation      |       slot       |      a tag
 * +---+---------------------+------------------+
 * </pre>
 *
 * <p>Each entry gets a tag of its own: a late or second event finds nothing.
 */
final class RingSlots {
    private static final int GENERATION_SHIFT = 32;

    private final Arena arena;
    private final @Nullable IoRequest[] requests;
    private final @Nullable IoVector[] vectors;
    private final int[] generations;
    private final int[] free;
    private int freeCount;

    RingSlots(int count, Arena arena) {
        this.arena = arena;
        requests = new IoRequest[count];
        vectors = new IoVector[count];
        generations = new int[count];
        free = new int[count];
        for (int slot = count - 1; slot >= 0; slot--) {
            free[freeCount++] = slot;
        }
    }

    /** Puts a request into a slot; answers its tag. */
    long put(IoRequest request) {
        if (freeCount == 0) {
            throw new IllegalStateException("ring over its admission: slots=" + free.length);
        }
        int slot = free[--freeCount];
        requests[slot] = request;
        generations[slot] = generations[slot] + 1 & Integer.MAX_VALUE;
        return (long) generations[slot] << GENERATION_SHIFT | slot;
    }

    /** Takes a request out; null when the tag is of an earlier life of its slot, or of none. */
    @Nullable IoRequest take(long tag) {
        int slot = (int) tag;
        if (slot < 0 || slot >= free.length || tag >>> GENERATION_SHIFT != generations[slot]) {
            return null;
        }
        IoRequest request = requests[slot];
        if (request != null) {
            requests[slot] = null;
            free[freeCount++] = slot;
        }
        return request;
    }

    /** The vector of a tag's slot, the kernel's until the event. */
    IoVector vector(long tag) {
        int slot = (int) tag;
        IoVector vector = vectors[slot];
        if (vector == null) {
            vector = new IoVector(arena);
            vectors[slot] = vector;
        }
        return vector;
    }

    boolean isEmpty() {
        return freeCount == free.length;
    }
}
