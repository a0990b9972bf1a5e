package dev.quire.bench.alloc;

import java.lang.foreign.Arena;

/** The JDK's own: an arena a block, which also fills the block with zeros. */
final class ArenaSubject implements Subject {
    private final Arena[] slots;

    ArenaSubject(int slots) {
        this.slots = new Arena[slots];
    }

    @Override
    public long pair(int order) {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate((long) FRAME_BYTES << order).address();
        }
    }

    // Shared would let another thread close it, at the price of a handshake with every thread.
    @Override
    public long take(int slot) {
        Arena arena = Arena.ofConfined();
        slots[slot] = arena;
        return arena.allocate(FRAME_BYTES).address();
    }

    @Override
    public void give(int slot) {
        slots[slot].close();
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "Arena.ofConfined, zeroed";
    }
}
