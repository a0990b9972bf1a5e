package dev.quire.aio;

import dev.quire.allocator.IoMemory;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The memory that a request holds until the system is done with it: a claim for each fragment.
 *
 * <p>Kept with its pooled request, so that a request allocates nothing once its arrays are long
 * enough.
 *
 * <p>Source: Linux unpins in the completion, sometimes after the caller was told (thread S0); here
 * always before.
 */
final class Fragments {
    private static final int LENGTH_MIN = 8;

    private @Nullable IoMemory[] memory = {};
    private MemorySegment[] segments = {};
    private int count;

    /** Takes the claims over, which from here on are closed by {@link #close} only. */
    void take(IoMemory[] given, int from, int givenCount) {
        grow(givenCount);
        for (int i = 0; i < givenCount; i++) {
            segments[i] = given[from + i].segment();
            memory[i] = given[from + i];
        }
        count = givenCount;
    }

    /** Takes the only claim over; answers its memory. */
    MemorySegment take(IoMemory given) {
        grow(1);
        MemorySegment segment = given.segment();
        memory[0] = given;
        count = 1;
        return segment;
    }

    /** The memory of what was taken, one after the other from 0. */
    MemorySegment[] segments() {
        return segments;
    }

    /** Gives every claim back, once. Throws nothing, never waits. */
    void close() {
        for (int i = 0; i < count; i++) {
            IoMemory claim = memory[i];
            memory[i] = null;
            segments[i] = MemorySegment.NULL;
            if (claim != null) {
                claim.close();
            }
        }
        count = 0;
    }

    /** Leaves every claim to who gave it: the request is not to be. */
    void leave() {
        Arrays.fill(memory, null);
        Arrays.fill(segments, MemorySegment.NULL);
        count = 0;
    }

    private void grow(int length) {
        if (memory.length < length) {
            int longer = Math.max(LENGTH_MIN, length);
            memory = new IoMemory[longer];
            segments = new MemorySegment[longer];
            Arrays.fill(segments, MemorySegment.NULL);
        }
    }
}
