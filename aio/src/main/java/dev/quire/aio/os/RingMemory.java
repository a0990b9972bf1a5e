package dev.quire.aio.os;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Memory that a ring shares with the kernel: every access to it, named by its ordering.
 *
 * <p>Not final, so that a test can take the kernel's place and write down the order; with one class
 * loaded the calls are as good as the accesses themselves.
 */
class RingMemory {
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment memory;

    RingMemory(MemorySegment memory) {
        this.memory = memory;
    }

    int get(long offset) {
        return memory.get(ValueLayout.JAVA_INT, offset);
    }

    long getLong(long offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset);
    }

    void put(long offset, int value) {
        memory.set(ValueLayout.JAVA_INT, offset, value);
    }

    void putLong(long offset, long value) {
        memory.set(ValueLayout.JAVA_LONG, offset, value);
    }

    int getOpaque(long offset) {
        return (int) INT.getOpaque(memory, offset);
    }

    int getAcquire(long offset) {
        return (int) INT.getAcquire(memory, offset);
    }

    void setRelease(long offset, int value) {
        INT.setRelease(memory, offset, value);
    }

    void fullFence() {
        VarHandle.fullFence();
    }
}
