package dev.quire.allocator.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory by its address, for Quire's own modules: what is checked once, where an address is made,
 * need not be checked again at each access.
 */
public final class RawMemory {
    /**
     * Every address there is, as one constant segment: the compiler folds its bounds and its scope
     * away. Who uses it must know that the address is mapped, and stays so.
     */
    public static final MemorySegment ALL = everything();

    private RawMemory() {}

    @SuppressWarnings("restricted") // This package is the allocator's one native place.
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }

    /**
     * Reserves zeroed memory that costs nothing until it is touched, and is unmapped when the
     * collector finds that nobody can reach it any more.
     *
     * @param os where it comes from
     * @param bytes how much, at least 1
     * @return a segment of exactly that size
     * @throws IllegalStateException when the system refuses, with errno and the cure
     */
    public static MemorySegment reserveCollected(VirtualMemory os, long bytes) {
        MemorySegment memory = os.reserve(bytes);
        return VirtualMemory.bind(memory, Arena.ofAuto(), os::release);
    }
}
