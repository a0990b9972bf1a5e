package dev.quire.bench.alloc;

/** No allocator at all: what the measurement itself costs. */
final class NoSubject implements Subject {
    private final int[] slots;

    NoSubject(int slots) {
        this.slots = new int[slots];
    }

    @Override
    public long pair(int order) {
        return order;
    }

    @Override
    public long take(int slot) {
        slots[slot] = slot;
        return slot;
    }

    @Override
    public void give(int slot) {
        if (slots[slot] != slot) {
            throw new AssertionError("a slot must hold what was taken: slot=" + slot);
        }
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "no allocator";
    }
}
