package dev.quire.pagecache.lru;

import dev.quire.pagecache.core.BriefLock;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * A lock of lists, for who needs to see them. Who only has something to change in them need not
 * wait: what cannot be done now is left to whoever has the lock, and done when it is given back.
 *
 * @param <C> a change
 */
public final class ListLock<C> {
    private static final System.Logger LOG = System.getLogger(ListLock.class.getName());

    /** Changes that are made at a time. */
    private static final int MADE_MAX = 64;

    private final BriefLock lock = new BriefLock();
    private final Queue<C> left;
    private final Consumer<C> make;

    /**
     * Nobody's, and nothing left.
     *
     * @param make makes a change, under the lock; must not block
     */
    public ListLock(Consumer<C> make) {
        this(make, new ConcurrentLinkedQueue<>());
    }

    ListLock(Consumer<C> make, Queue<C> left) {
        this.make = make;
        this.left = left;
    }

    /** Waits until the lists are the caller's. */
    public void lock() {
        lock.lock();
    }

    /**
     * Takes the lists, unless somebody is held up with them.
     *
     * @return whether they are the caller's
     */
    public boolean tryLock() {
        return lock.tryLock();
    }

    /** As {@link #tryLock()}, for so long. */
    boolean tryLock(long nanos) {
        return lock.tryLock(nanos);
    }

    /** Gives the lists back. */
    public void unlock() {
        lock.unlock();
        makeLeft();
    }

    /**
     * Leaves a change to who has the lists. It is made when he gives them back, or here and now if
     * he did so meanwhile; what it throws is logged, not thrown at him.
     *
     * @param change to be made once, in no particular order
     */
    public void leave(C change) {
        if (!isAdded(change)) {
            lock();
            try {
                make.accept(change);
            } finally {
                lock.unlock();
            }
        }
        makeLeft();
    }

    /** Answers false if there is no memory for it. */
    private boolean isAdded(C change) {
        try {
            return left.add(change);
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private void makeLeft() {
        // Ordering: the lock is given back, then what was left is looked at.
        // Pairs:    leave: the change is added, then the lock is tried.
        // Gives:    one of the two makes it: nothing stays behind once nobody has the lock.
        // Checked:  src-test jcstress LeaveAgainstUnlock.
        while (!left.isEmpty() && lock.tryLockNow()) {
            Throwable failure = null;
            try {
                C change = left.poll();
                for (int made = 1; change != null; made++) {
                    Throwable its = makeContained(change);
                    failure = its == null ? failure : its;
                    change = made < madeMax() ? left.poll() : null; // then others may have them
                }
            } finally {
                lock.unlock();
            }
            if (failure != null) {
                tell(failure);
            }
        }
    }

    private static int madeMax() {
        return MADE_MAX;
    }

    /** It is another's: nobody who gives the lists back can do anything about what it throws. */
    private @Nullable Throwable makeContained(C change) {
        try {
            make.accept(change);
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        }
    }

    private static void tell(Throwable failure) {
        try {
            LOG.log(Level.ERROR, "a change of the replacement lists failed", failure);
        } catch (RuntimeException | Error e) {
            failure.addSuppressed(e); // nobody is left to be told
        }
    }

    /**
     * Takes a change back that was left: it is not made.
     *
     * @return null when there is none
     */
    @Nullable C take() {
        return left.poll();
    }
}
