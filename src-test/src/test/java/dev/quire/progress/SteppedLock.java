package dev.quire.progress;

import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A lock for which a puppet waits by stopping. */
public final class SteppedLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    /** Nobody's. */
    public SteppedLock() {}

    boolean isHeldBy(Thread thread) {
        return thread.equals(getOwner());
    }

    @Override
    public void lock() {
        while (!tryLock()) {
            if (!Puppet.waits(this)) {
                super.lock();
                return;
            }
        }
    }

    @Override
    public void lockInterruptibly() {
        lock();
    }

    @Override
    public boolean tryLock(long timeout, TimeUnit unit) throws InterruptedException {
        return Puppet.isCaller()
                ? tryLock() || (Puppet.waits(this) && tryLock())
                : super.tryLock(timeout, unit);
    }

    @Override
    public Condition newCondition() {
        return new SteppedCondition(super.newCondition());
    }

    private void unlockAll(int holds) {
        for (int i = 0; i < holds; i++) {
            unlock();
        }
    }

    private void lockAgain(int holds) {
        for (int i = 0; i < holds; i++) {
            lock();
        }
    }

    /** Signals wake everybody, which the contract of conditions allows. */
    @SuppressWarnings("WaitNotInLoop") // who waits has the loop
    private final class SteppedCondition implements Condition {
        private final Condition real;
        private volatile long signals;

        SteppedCondition(Condition real) {
            this.real = real;
        }

        /** Answers false if the caller is no puppet. */
        private boolean stepped(boolean timed) {
            if (!Puppet.isCaller()) {
                return false;
            }
            long seen = signals;
            int holds = getHoldCount();
            unlockAll(holds);
            do {
                Puppet.waits(this);
            } while (signals == seen && !timed);
            lockAgain(holds);
            return true;
        }

        @Override
        public void await() throws InterruptedException {
            if (!stepped(false)) {
                real.await();
            }
        }

        @Override
        public void awaitUninterruptibly() {
            if (!stepped(false)) {
                real.awaitUninterruptibly();
            }
        }

        @Override
        public long awaitNanos(long nanos) throws InterruptedException {
            return stepped(true) ? 0 : real.awaitNanos(nanos);
        }

        @Override
        public boolean await(long time, TimeUnit unit) throws InterruptedException {
            return !stepped(true) && real.await(time, unit);
        }

        @Override
        public boolean awaitUntil(Date deadline) throws InterruptedException {
            return !stepped(true) && real.awaitUntil(deadline);
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
        public void signal() {
            signals++;
            real.signal();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
        public void signalAll() {
            signals++;
            real.signalAll();
        }
    }
}
