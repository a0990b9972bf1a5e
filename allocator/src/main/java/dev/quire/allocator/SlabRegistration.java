package dev.quire.allocator;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A claim that a slab's memory stays where it is: held by whoever gave its addresses to the kernel,
 * until the kernel has forgotten them. While there is one, no memory of the slab is given back to
 * the system; the kernel would go on reading and writing the old pages, which nobody sees any more.
 *
 * <p>Any thread may close it.
 */
public final class SlabRegistration implements AutoCloseable {
    private static final long CLOSED = 0; // no stamp of a StampedLock

    private final Slab slab;
    private final AtomicLong stamp;

    SlabRegistration(Slab slab, long stamp) {
        this.slab = slab;
        this.stamp = new AtomicLong(stamp);
    }

    /**
     * Which slab.
     *
     * @return its number, from 0
     */
    public int slab() {
        return slab.index();
    }

    /**
     * What can be given to the kernel as one buffer.
     *
     * @return the slab's memory, at most 1 GiB, of the global scope
     */
    public MemorySegment memory() {
        return slab.memory();
    }

    /** Ends the claim. Once is enough; more does nothing. */
    @Override
    public void close() {
        long held = stamp.getAndSet(CLOSED);
        if (held != CLOSED) {
            slab.unregister(held);
        }
    }

    @Override
    public String toString() {
        return "SlabRegistration[" + slab + (stamp.get() == CLOSED ? ", closed]" : "]");
    }
}
