package dev.quire.pagecache.space;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Pages of one address space that are between their slot and the end of {@code freePage}. Whoever
 * empties the space for good finds no slot of theirs, and waits here: a store hears of nothing
 * after its space is closed (S4.1).
 */
final class Departures {
    private static final long PAUSE_NANOS = 20_000;

    private final AtomicInteger underWay = new AtomicInteger();

    /** A page is about to leave its slot. */
    void begin() {
        // Ordering: the count, by a full RMW, then the slot.
        // Pairs:    Removal.removeFrom: the slots, then awaitNone: the count.
        // Gives:    a page whose slot was found empty has been counted, or its store been told.
        // Checked:  src-test jcstress DepartureAgainstClose,
        //           RemovalTest.shouldNotCloseBeforeTheStoreWasToldOfEveryPage.
        underWay.getAndIncrement();
    }

    /** The store was told. */
    void end() {
        underWay.getAndDecrement();
    }

    /**
     * Waits until none is under way. No page comes in meanwhile, so that it ends; {@code freePage}
     * must not block, so that it ends soon: not worth a queue that each removal looks at.
     */
    void awaitNone() {
        while (underWay.get() != 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
