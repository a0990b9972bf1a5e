package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** The address spaces of a cache, by the number that the owner column of their frames holds. */
public final class SpaceTable {
    private final AtomicInteger lastId = new AtomicInteger();
    private final ConcurrentMap<Integer, AddressSpace> spaces = new ConcurrentHashMap<>();

    /** No address space yet. */
    public SpaceTable() {}

    /**
     * Makes an address space and records it under a number that was never used before.
     *
     * @param make from the number, at least 1
     * @return the address space
     */
    public AddressSpace add(IntFunction<AddressSpace> make) {
        int id = lastId.updateAndGet(Math::incrementExact);
        AddressSpace space = make.apply(id);
        spaces.put(id, space);
        return space;
    }

    /**
     * The address space with a number.
     *
     * @param id what an owner column held
     * @return null when it is closed
     */
    public @Nullable AddressSpace find(int id) {
        return spaces.get(id);
    }

    /**
     * Forgets an address space that has no page left.
     *
     * @param space an address space of this table
     */
    public void remove(AddressSpace space) {
        spaces.remove(space.id(), space);
    }

    /**
     * The address spaces at this moment.
     *
     * @return a view; walking it never fails
     */
    public Iterable<AddressSpace> all() {
        return spaces.values();
    }
}
