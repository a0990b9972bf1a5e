package dev.quire.simulation.machine;

import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What woven code calls instead of the JDK, each under the name of what it stands for, with the
 * receiver first. Outside a simulation each does the same as that.
 */
public final class SimulatedCalls {
    private static final int PROCESSORS = 4; // so that a seed means the same on every machine
    private static final int LOOKS = 20;

    private SimulatedCalls() {}

    /** Before whatever others can see. */
    public static void point(int site) {
        Simulation simulation = Simulation.ofThisThread();
        if (simulation != null) {
            simulation.point();
        }
    }

    public static long nanoTime() {
        Simulation simulation = Simulation.ofThisThread();
        return simulation == null ? System.nanoTime() : simulation.nanoTime();
    }

    public static long currentTimeMillis() {
        Simulation simulation = Simulation.ofThisThread();
        return simulation == null ? System.currentTimeMillis() : simulation.nanoTime() / 1_000_000;
    }

    public static void parkNanos(long nanos) {
        parkNanos(SimulatedCalls.class, nanos);
    }

    public static void parkNanos(Object blocker, long nanos) {
        Simulation simulation = Simulation.ofThisThread();
        if (simulation == null) {
            LockSupport.parkNanos(blocker, nanos);
        } else {
            simulation.parkNanos(blocker, nanos);
        }
    }

    public static void unpark(Thread thread) {
        Simulation simulation = Simulation.ofThisThread();
        LockSupport.unpark(simulation == null ? thread : simulation.carrierOf(thread));
    }

    /** Who spins waits for another thread, which has to get on. */
    @SuppressWarnings("ThreadPriorityCheck") // the scheduler is ours
    public static void onSpinWait() {
        if (Simulation.ofThisThread() == null) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    public static Thread currentThread() {
        Simulation simulation = Simulation.ofThisThread();
        return simulation == null ? Thread.currentThread() : simulation.currentThread();
    }

    public static long threadId(Thread thread) {
        Simulation simulation = Simulation.ofThisThread();
        return simulation == null ? thread.threadId() : simulation.threadId(thread);
    }

    /** Every other thread passes for one of the platform's. */
    public static boolean isVirtual(Thread thread) {
        Simulation simulation = Simulation.ofThisThread();
        return simulation == null
                ? thread.isVirtual()
                : thread.isVirtual() && simulation.threadId(thread) % 2 == 0;
    }

    public static void start(Thread thread) {
        Simulation simulation = Simulation.ofThisThread();
        if (simulation == null) {
            thread.start();
        } else {
            simulation.start(thread);
        }
    }

    public static boolean isAlive(Thread thread) {
        Simulation simulation = Simulation.ofThisThread();
        return (simulation == null ? thread : simulation.carrierOf(thread)).isAlive();
    }

    public static void join(Thread thread) throws InterruptedException {
        Simulation simulation = Simulation.ofThisThread();
        (simulation == null ? thread : simulation.carrierOf(thread)).join();
    }

    public static int availableProcessors(Runtime runtime) {
        return Simulation.ofThisThread() == null ? runtime.availableProcessors() : PROCESSORS;
    }

    public static Condition newCondition(ReentrantLock lock) {
        return Simulation.ofThisThread() == null
                ? lock.newCondition()
                : new SimulatedCondition(lock);
    }

    public static boolean tryLock(ReentrantLock lock) {
        return lock.tryLock();
    }

    /** By the clock of the simulation: who wants it looks now and then. */
    public static boolean tryLock(ReentrantLock lock, long time, TimeUnit unit)
            throws InterruptedException {
        Simulation simulation = Simulation.ofThisThread();
        if (simulation == null) {
            return lock.tryLock(time, unit);
        }
        long nanos = unit.toNanos(time);
        long end = simulation.nanoTime() + nanos;
        while (!Thread.interrupted()) {
            if (lock.tryLock()) {
                return true;
            }
            long left = end - simulation.nanoTime();
            if (left <= 0) {
                return false;
            }
            simulation.parkNanos(lock, Math.min(left, 1 + nanos / LOOKS));
        }
        throw new InterruptedException();
    }

    /** How much is done at a time; 0 for as usual. */
    public static int limit(String of) {
        Simulation simulation = Simulation.ofThisThread();
        return simulation == null ? 0 : simulation.limit(of);
    }

    /** A set whose order is that of its making, and not of hashes that differ from run to run. */
    public static <T> Set<T> newKeySet() {
        return new CopyOnWriteArraySet<>();
    }

    /** Monitors are locks: who waits for one is woken by the simulation and not by the JVM. */
    public static void enter(Object monitor) {
        Simulation simulation = Simulation.ofThisThread();
        if (simulation != null) {
            simulation.monitor(monitor).lock();
        }
    }

    public static void exit(Object monitor) {
        Simulation simulation = Simulation.ofThisThread();
        if (simulation != null) {
            simulation.monitor(monitor).unlock();
        }
    }
}
