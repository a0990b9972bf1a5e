package dev.quire.allocator.zone;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Atomic longs, each on cache lines of its own, for words that several threads hammer.
 *
 * <p>Reads are acquire, {@link #add} and {@link #cas} are full fences.
 */
final class PaddedLongs {
    private static final VarHandle ELEMENTS = MethodHandles.arrayElementVarHandle(long[].class);

    /** Two lines of 64 bytes: the hardware fetches them in pairs. */
    private static final int STRIDE_SHIFT = 4;

    private final long[] elements;

    PaddedLongs(int count) {
        // One stride in front keeps the first element away from the array's header.
        elements = new long[Math.multiplyExact(count + 1, 1 << STRIDE_SHIFT)];
    }

    private static int at(int index) {
        return (index + 1) << STRIDE_SHIFT;
    }

    long get(int index) {
        return (long) ELEMENTS.getAcquire(elements, at(index));
    }

    void setRelease(int index, long value) {
        ELEMENTS.setRelease(elements, at(index), value);
    }

    long swap(int index, long value) {
        return (long) ELEMENTS.getAndSet(elements, at(index), value);
    }

    /** The value before. */
    long add(int index, long delta) {
        return (long) ELEMENTS.getAndAdd(elements, at(index), delta);
    }

    boolean cas(int index, long seen, long next) {
        return ELEMENTS.compareAndSet(elements, at(index), seen, next);
    }

    long bytes() {
        return (long) elements.length * Long.BYTES;
    }
}
