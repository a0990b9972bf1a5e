package dev.quire.progress;

import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/** What stands for waits in woven code: a puppet stops, others wait as ever. */
public final class Waits {
    /** What who spins waits for. */
    static final String SPIN = "a spin";

    private static final Map<Object, SteppedLock> MONITORS = new WeakHashMap<>();

    private Waits() {}

    // ---- Thread

    /** For {@link Thread#onSpinWait}. */
    public static void onSpinWait() {
        if (!Puppet.waits(SPIN)) {
            Thread.onSpinWait();
        }
    }

    /** For {@link Thread#yield}. */
    @SuppressWarnings({"ThreadPriorityCheck", "NamedLikeContextualKeyword"})
    public static void yield() {
        if (!Puppet.waits("a yield")) {
            Thread.yield();
        }
    }

    /** For {@link ThreadFactory#newThread}. */
    public static Thread newThread(ThreadFactory threads, Runnable work) {
        return Puppet.isCaller() ? Puppet.child(threads, work) : threads.newThread(work);
    }

    // ---- LockSupport: a park may end for no reason

    /** For {@link LockSupport#park(Object)}. */
    public static void park(Object blocker) {
        if (!Puppet.waits("a park")) {
            LockSupport.park(blocker);
        }
    }

    /** For {@link LockSupport#parkNanos(long)}. */
    public static void parkNanos(long nanos) {
        if (!Puppet.waits("a pause")) {
            LockSupport.parkNanos(nanos);
        }
    }

    /** For {@link LockSupport#parkNanos(Object, long)}. */
    public static void parkNanos(Object blocker, long nanos) {
        if (!Puppet.waits("a pause")) {
            LockSupport.parkNanos(blocker, nanos);
        }
    }

    // ---- monitors

    private static SteppedLock lockOf(Object monitor) {
        synchronized (MONITORS) {
            return MONITORS.computeIfAbsent(monitor, m -> new SteppedLock());
        }
    }

    /** For the entry of a monitor. */
    public static void enter(Object monitor) {
        lockOf(monitor).lock();
    }

    /** For its exit. */
    public static void exit(Object monitor) {
        lockOf(monitor).unlock();
    }
}
