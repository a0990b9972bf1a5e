package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** How a snapshot of an address space is taken: a moment in which nobody holds a write latch. */
final class SnapshotTaking {
    /*
     * How one is taken. The epoch says so (BEGUN): a thread that latches a page and holds no other
     * latch gives it back and waits; one that holds some gets on, and counts itself in `passes`. When
     * a look at all frame words finds no latch, the epoch is SEALED, so that nobody gets on, and if
     * nobody has got on since before that look, nobody holds a latch: the snapshot is there. The look
     * is taken under sizeLock, under which all pages are latched that come in by growth.
     *
     * A try ends after a while, in favour of a longer one later: whoever holds a latch may wait for
     * something that a thread has which waits here.
     */

    private static final long TRY_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long TRY_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(64);
    private static final long PAUSE_NANOS = 20_000;
    private static final int SPINS = 200;

    private final AddressSpace space;
    private final CacheContext context;
    private final FrameTable frames;
    private final AtomicLong passes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();

    SnapshotTaking(AddressSpace space, CacheContext context) {
        this.space = space;
        this.context = context;
        frames = context.frames();
    }

    /** Takes one: waits for latches. */
    SpaceSnapshot take(Images images) {
        lock.lock();
        try {
            long nanos = TRY_NANOS_MIN;
            SpaceSnapshot taken = tryTake(images, nanos);
            while (taken == null) { // ends: latches are given back
                pause(nanos); // who waits for a latch gets one
                nanos = Math.min(2 * nanos, TRY_NANOS_MAX);
                taken = tryTake(images, nanos);
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Direct writes are over, or wait: in the moment of a snapshot none is half done. */
    private @Nullable SpaceSnapshot tryTake(Images images, long nanos) {
        space.directTransfers().exclude(); // ends: those under way wait for no latch
        try {
            return tryTakeAlone(images, nanos);
        } finally {
            space.directTransfers().admit();
        }
    }

    private @Nullable SpaceSnapshot tryTakeAlone(Images images, long nanos) {
        long deadline = System.nanoTime() + nanos;
        // Ordering: the epoch and the gate, full fence, then the frame words.
        // Pairs:    PageLatches.tryLatch, PageStart.beginStamp: EXCLUSIVE by a full CAS, then the
        //           gate or the epoch.
        // Gives:    who latches a page either is seen here, or sees that a snapshot is taken.
        // Checked:  src-test jcstress FirstWriteAgainstSnapshot; LatchAgainstDirectWrite has the
        //           gate itself.
        publish(Epoch.Taking.BEGUN, null);
        VarHandle.fullFence();
        SpaceSnapshot taken = null;
        try {
            while (taken == null && awaitLatches(deadline)) {
                if (space.sizeLock().tryLock()) {
                    try {
                        taken = takeIfNobodyIsInside(images);
                    } finally {
                        space.sizeLock().unlock();
                    }
                } else {
                    pause(PAUSE_NANOS); // a cut may have it, and wait for latches
                }
            }
            return taken;
        } finally {
            if (taken == null) {
                publish(Epoch.Taking.NOTHING, null);
            }
        }
    }

    /** Waits until those who are latched are not; false at the deadline. */
    private boolean awaitLatches(long deadline) {
        for (int frame = latchedFrom(0); frame != FrameTable.NO_FRAME; frame = latchedFrom(frame)) {
            for (int i = 0; isLatched(frame); i++) {
                if (i < SPINS) {
                    Thread.onSpinWait();
                } else if (System.nanoTime() - deadline > 0) {
                    return false;
                } else {
                    pause(PAUSE_NANOS);
                }
            }
        }
        return System.nanoTime() - deadline <= 0;
    }

    private @Nullable SpaceSnapshot takeIfNobodyIsInside(Images images) {
        if (space.closed()) {
            throw new IllegalStateException("file is closed: file=" + space.name());
        }
        long passed = passes.get();
        if (latchedFrom(0) != FrameTable.NO_FRAME) {
            return null;
        }
        // Ordering: SEALED, full fence, then the passes.
        // Pairs:    passes(): the passes by a full RMW, then the epoch.
        // Gives:    who latched a page while others were looked at is counted, or turns back.
        // Checked:  src-test jcstress PassAgainstSeal.
        publish(Epoch.Taking.SEALED, null);
        VarHandle.fullFence();
        if (passed != passes.get()) {
            publish(Epoch.Taking.BEGUN, null);
            VarHandle.fullFence();
            return null;
        }
        SpaceSnapshot taken = new SpaceSnapshot(space, images);
        publish(Epoch.Taking.NOTHING, taken);
        return taken;
    }

    private int latchedFrom(int from) {
        for (int frame = from; frame < frames.frameCount(); frame++) {
            if (isLatched(frame)) {
                return frame;
            }
        }
        return FrameTable.NO_FRAME;
    }

    private boolean isLatched(int frame) {
        return FrameState.any(frames.word(frame), EXCLUSIVE) && frames.owner(frame) == space.id();
    }

    /** Whether a thread that has latched a page while one is taken may keep the latch. */
    boolean passes(Epoch seen) {
        // Called with a latch that no cursor has yet: it is not among the thread's own.
        if (seen.isSealed()) {
            return false;
        }
        context.latches().giveWay(); // what a starved reader has keeps nobody from writing
        if (!context.latches().anyMine()) {
            return false;
        }
        passes.getAndIncrement();
        return space.epoch() == seen;
    }

    /**
     * Waits while one is being taken, or until there may be room for what the caller has to keep;
     * unless others wait for this thread's own latches.
     *
     * @return whether it waited
     */
    boolean await() {
        boolean waited = false;
        // Ends: a try has a deadline, and so has room that is expected.
        while ((isTaking() || isRoomExpected()) && !context.latches().anyMine()) {
            pause(PAUSE_NANOS);
            waited = true;
        }
        return waited;
    }

    /** Sleeps, interrupted or not: else a try would follow the last one at once. */
    private static void pause(long nanos) {
        boolean interrupted = false;
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isRoomExpected() {
        return space.epoch() != null && context.images().isRoomExpected();
    }

    private boolean isTaking() {
        Epoch epoch = space.epoch();
        return epoch != null && epoch.isTaking();
    }

    private void publish(Epoch.Taking step, @Nullable SpaceSnapshot taken) {
        space.snapshots().publish(step, taken);
    }
}
