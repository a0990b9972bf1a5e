package dev.quire.pagecache.space;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The direct reads and writes of an address space that are under way, counted, so that whoever cuts
 * or closes it can wait for them and keep new ones out meanwhile (S2.11); and the completions that
 * have not run yet (S2.13).
 *
 * <p>Who waits here for the count holds no latch and not the size lock, which the end of a write
 * may need. What is counted waits for nobody who waits here.
 *
 * <p>Source: Linux {@code inode_dio_begin}, {@code inode_dio_wait}.
 */
public final class DirectTransfers {
    private static final long EXCLUSION = 1L << Integer.SIZE;

    // Those who keep transfers out, times 2^32, plus the transfers under way.
    private final AtomicLong word = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ThreadLocal<Boolean> answering = new ThreadLocal<>();

    /** None is under way, and nobody keeps them out. */
    public DirectTransfers() {}

    // ---- transfers

    /**
     * Begins a transfer, unless they are kept out.
     *
     * @return whether it has begun, until {@link #end}
     */
    public boolean tryBegin() {
        while (true) { // ends: each round that fails, another thread got on
            long now = word.get();
            if (now >= EXCLUSION) {
                return false;
            }
            // Ordering: the count, by a full CAS, then "closed", "fenced" and the size.
            // Pairs:    exclude: "closed", then the exclusion by a full RMW, then the count.
            // Gives:    a transfer that has begun is waited for, or finds the file closed.
            // Checked:  src-test jcstress TruncateAgainstDirectTransfer,
            //           DirectCloseTest.shouldAnswerEveryTransferThatRacesTheClose.
            if (word.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Begins a transfer, once they are not kept out any more. */
    public void begin() {
        while (!tryBegin()) {
            await(() -> word.get() < EXCLUSION);
        }
    }

    /** A transfer is over, all that follows from it included; its completion has yet to run. */
    public void end() {
        long left = word.decrementAndGet();
        if (left >= EXCLUSION && (int) left == 0) {
            signal();
        }
    }

    // ---- none of them

    /**
     * Keeps transfers out, and waits until none is under way.
     *
     * <p>Several may do so at a time; each lets go by {@link #admit}.
     */
    public void exclude() {
        word.addAndGet(EXCLUSION);
        await(() -> (int) word.get() == 0);
    }

    /** Lets transfers begin again. */
    public void admit() {
        if (word.addAndGet(-EXCLUSION) < EXCLUSION) {
            signal();
        }
    }

    /** Waits until those that are under way are over. */
    public void awaitOver() {
        exclude();
        admit();
    }

    // ---- completions

    /** A completion is going to be run by {@link #answer}. */
    public void owe() {
        unanswered.incrementAndGet();
    }

    /** No completion is going to be run: the call that promised it throws. */
    public void oweNothing() {
        if (unanswered.decrementAndGet() == 0) {
            signal();
        }
    }

    /**
     * Runs a completion that is owed.
     *
     * @param completion throws nothing
     */
    public void answer(Runnable completion) {
        answering.set(true);
        try {
            completion.run();
        } finally {
            answering.remove();
            oweNothing();
        }
    }

    /**
     * Waits until none is under way and all completions have run. The space is closed, so that no
     * more begin.
     */
    void awaitNone() {
        awaitOver();
        await(() -> unanswered.get() == 0);
    }

    /**
     * Fails if the calling thread runs a completion: who closes the file waits for it.
     *
     * @throws IllegalStateException if so
     */
    public void checkNotAnswering() {
        if (answering.get() != null) {
            throw new IllegalStateException(
                    "close waits for completions of direct transfers, and this thread runs one:"
                            + " close the file elsewhere");
        }
    }

    // ---- sleep

    private void await(BooleanSupplier condition) {
        if (condition.getAsBoolean()) {
            return;
        }
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
