package dev.quire.aio;

import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.SlabRegistration;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * That an engine knows the memory of an allocator: where it has rings, reads and writes of that
 * memory need not pin it again each time.
 *
 * <p>While it is open {@link PageAllocator#trim} leaves the memory alone. Any thread may close it.
 */
public final class MemoryRegistration implements AutoCloseable {
    private final AsyncIo io;
    private final PageAllocator allocator;
    private final List<SlabRegistration> slabs;
    private final AsyncIo.FixedMemory fixed;
    private final ReentrantLock closeLock = new ReentrantLock();
    private boolean closed; // under closeLock

    private MemoryRegistration(
            AsyncIo io,
            PageAllocator allocator,
            List<SlabRegistration> slabs,
            AsyncIo.FixedMemory fixed) {
        this.io = io;
        this.allocator = allocator;
        this.slabs = slabs;
        this.fixed = fixed;
    }

    static MemoryRegistration of(AsyncIo io, PageAllocator allocator) {
        List<SlabRegistration> slabs = new ArrayList<>();
        try {
            for (int i = 0; i < allocator.slabCount(); i++) {
                slabs.add(allocator.registerSlab(i));
            }
            return new MemoryRegistration(io, allocator, slabs, io.fix(slabs));
        } catch (RuntimeException | Error e) {
            slabs.forEach(SlabRegistration::close);
            throw e;
        }
    }

    /**
     * Whose memory it is.
     *
     * @return as it was given
     */
    public PageAllocator allocator() {
        return allocator;
    }

    /**
     * Whether rings use the memory as registered.
     *
     * @return false where {@link #refusal} says why not; all else works the same
     */
    public boolean isFixed() {
        return fixed.refusal() == null;
    }

    /**
     * Why rings do not use the memory as registered.
     *
     * @return the reason and what helps, or empty
     */
    public Optional<String> refusal() {
        return Optional.ofNullable(fixed.refusal());
    }

    /**
     * Waits until the requests under way with this memory as registered are over and the system has
     * let go of it. Requests go on without it meanwhile. Closing again does nothing but wait for
     * the first close.
     *
     * @throws IllegalStateException this is a completion
     */
    @Override
    public void close() {
        IoWorkers.refuseInCompletion("close");
        closeLock.lock();
        try {
            if (!closed) {
                closed = true;
                fixed.release();
                slabs.forEach(SlabRegistration::close);
                io.forget(this);
            }
        } finally {
            closeLock.unlock();
        }
    }

    @Override
    public String toString() {
        @Nullable String refusal = fixed.refusal();
        return "MemoryRegistration[engine="
                + io.engine()
                + ", slabs="
                + slabs.size()
                + (refusal == null ? ", fixed]" : ", not fixed: " + refusal + "]");
    }
}
