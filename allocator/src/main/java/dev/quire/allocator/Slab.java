package dev.quire.allocator;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.StampedLock;

/**
 * At most 1 GiB of a region, the piece in which it is registered with rings and trimmed: never both
 * at a time.
 */
final class Slab {
    /** The largest buffer that a ring registers. */
    static final long BYTES_MAX = 1L << 30;

    private final Region region;
    private final int index;
    private final int firstFrame;
    private final int frameCount;

    /** A registration reads, a trim writes. Stamps, not threads, own it: any thread may close. */
    private final StampedLock use = new StampedLock();

    Slab(Region region, int index, int firstFrame, int frameCount) {
        this.region = region;
        this.index = index;
        this.firstFrame = firstFrame;
        this.frameCount = frameCount;
    }

    /** Waits while the slab is being trimmed, which takes as long as the system needs for it. */
    SlabRegistration register() {
        return new SlabRegistration(this, use.readLock());
    }

    void unregister(long stamp) {
        use.unlockRead(stamp);
    }

    /** The slab for oneself; null while it is registered or somebody else has it. Never waits. */
    @Nullable Idle tryIdle() {
        long stamp = use.tryWriteLock();
        return stamp == 0 ? null : new Idle(stamp);
    }

    int index() {
        return index;
    }

    int firstFrame() {
        return firstFrame;
    }

    int endFrame() {
        return firstFrame + frameCount;
    }

    MemorySegment memory() {
        return region.frames(firstFrame, frameCount);
    }

    @Override
    public String toString() {
        return "slab " + index + ", registrations=" + use.getReadLockCount();
    }

    /** A slab that nobody has registered, nor can until this is closed: what giving back needs. */
    final class Idle implements AutoCloseable {
        private final long stamp;

        private Idle(long stamp) {
            this.stamp = stamp;
        }

        /**
         * Gives a run of the slab's frames back to the system; it stays readable, as zeros.
         *
         * @return whether the system took it
         */
        boolean giveBack(int frame, int count) {
            return region.giveBack(frame, count);
        }

        @Override
        public void close() {
            use.unlockWrite(stamp);
        }
    }
}
