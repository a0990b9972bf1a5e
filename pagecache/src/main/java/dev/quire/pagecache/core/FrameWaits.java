package dev.quire.pagecache.core;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Where threads sleep until a flag of a frame is cleared. Hashed, as Linux's page wait queues: a
 * frame needs no queue of its own, a waiter may be woken for another frame and looks again.
 *
 * <p>Without a lock: a sleeper or a waker who is held up delays nobody who is about another page.
 */
public final class FrameWaits {
    private static final int QUEUES = 64;

    private final FrameTable frames;
    private final List<Queue<Thread>> queues =
            Stream.<Queue<Thread>>generate(ConcurrentLinkedQueue::new).limit(QUEUES).toList();

    /**
     * No waiters yet.
     *
     * @param frames the side table
     */
    public FrameWaits(FrameTable frames) {
        this.frames = frames;
    }

    /**
     * Sleeps while any of the flags is set and the frame is the page's. On return the flags may be
     * set again, and the frame may belong to another page: the caller starts again from the slot.
     *
     * <p>For no other page that the frame may hold by now: its holder may wait for the caller.
     *
     * @param frame 0..frameCount-1; the caller needs no reference
     * @param owner the page's address space
     * @param page page index
     * @param flags flags whose clearing is followed by {@link #wake}: LOCKED, EXCLUSIVE,
     *     SHARED_EXCLUSIVE, WRITEBACK
     */
    public void await(int frame, int owner, long page, long flags) {
        Thread sleeper = Thread.currentThread();
        boolean interrupted = false;
        queue(frame).add(sleeper);
        try {
            // Ordering: the thread is in its queue, then WAITERS is set, by the CAS that finds the
            //           flag set.
            // Pairs:    wake: the CAS that clears flag and WAITERS, then a walk of the queue.
            // Gives:    whoever clears the flag sees WAITERS, and finds this thread.
            // Checked:  src-test jcstress SleepAgainstWake, FrameWaitsTest.shouldLoseNoWakeUp.
            //
            // Ordering: the CAS that finds the flag set, then owner and page.
            // Pairs:    Fill.insert: owner and page, then the CAS that sets LOCKED.
            // Gives:    whoever sleeps for a flag that was set for another page sees that page.
            // Checked:  FrameWaitsTest.shouldNotSleepForAnotherPageThatTheFrameHoldsByNow; the CAS
            //           is of the very word that holds the flag, which leaves no weaker twin.
            while (frames.update(frame, word -> waiting(word, flags)) != FrameState.REFUSED
                    && frames.owner(frame) == owner
                    && frames.page(frame) == page) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        } finally {
            queue(frame).remove(sleeper);
            if (interrupted) {
                sleeper.interrupt();
            }
        }
    }

    private static long waiting(long word, long flags) {
        return FrameState.any(word, flags) ? word | FrameState.WAITERS : FrameState.REFUSED;
    }

    /**
     * Wakes who sleeps on a frame. Touches nothing of the frame: it may be free already (S1.9).
     *
     * @param frame the frame whose flag was cleared
     * @param replaced the word that was replaced by the clearing CAS; its WAITERS flag decides
     */
    public void wake(int frame, long replaced) {
        if (FrameState.any(replaced, FrameState.WAITERS)) {
            queue(frame).forEach(LockSupport::unpark); // allocates nothing, unlike an iterator
        }
    }

    private Queue<Thread> queue(int frame) {
        return queues.get(frame & (QUEUES - 1));
    }
}
