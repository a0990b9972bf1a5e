package dev.quire.simulation.machine;

import java.util.ArrayDeque;
import java.util.Date;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** A condition of a lock whose timed waits go by the clock of the simulation. */
@SuppressWarnings("WaitNotInLoop") // the loops are those of its users
final class SimulatedCondition implements Condition {
    private final ReentrantLock lock;
    private final Deque<Waiter> waiters = new ArrayDeque<>(); // under the lock

    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private boolean signalled;
    }

    SimulatedCondition(ReentrantLock lock) {
        this.lock = lock;
    }

    @Override
    public void awaitUninterruptibly() {
        boolean interrupted = false;
        Waiter waiter = begin();
        int holds = release();
        while (!waiter.signalled) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        acquire(holds);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void await() throws InterruptedException {
        awaitNanos(Long.MAX_VALUE / 4);
    }

    @Override
    public long awaitNanos(long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Simulation simulation = Simulation.here();
        long end = simulation.nanoTime() + nanos;
        Waiter waiter = begin();
        int holds = release();
        boolean interrupted = false;
        while (!waiter.signalled && !interrupted && simulation.nanoTime() < end) {
            simulation.parkNanos(this, end - simulation.nanoTime());
            interrupted = Thread.interrupted();
        }
        acquire(holds);
        waiters.remove(waiter);
        if (interrupted && !waiter.signalled) {
            throw new InterruptedException();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return end - simulation.nanoTime();
    }

    @Override
    public boolean await(long time, TimeUnit unit) throws InterruptedException {
        return awaitNanos(unit.toNanos(time)) > 0;
    }

    @Override
    public boolean awaitUntil(Date deadline) {
        throw new UnsupportedOperationException("the simulation has no calendar");
    }

    @Override
    public void signal() {
        checkHeld();
        wake(waiters.poll());
    }

    @Override
    public void signalAll() {
        checkHeld();
        while (!waiters.isEmpty()) {
            wake(waiters.poll());
        }
    }

    private static void wake(@org.jspecify.annotations.Nullable Waiter waiter) {
        if (waiter != null) {
            waiter.signalled = true;
            LockSupport.unpark(waiter.thread);
        }
    }

    private Waiter begin() {
        checkHeld();
        Waiter waiter = new Waiter();
        waiters.add(waiter);
        return waiter;
    }

    private void checkHeld() {
        if (!lock.isHeldByCurrentThread()) {
            throw new IllegalMonitorStateException("the lock is not held");
        }
    }

    private int release() {
        int holds = lock.getHoldCount();
        for (int i = 0; i < holds; i++) {
            lock.unlock();
        }
        return holds;
    }

    private void acquire(int holds) {
        for (int i = 0; i < holds; i++) {
            lock.lock();
        }
    }
}
