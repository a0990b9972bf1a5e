package dev.quire.pagecache.core;

import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;

/**
 * How an agent idles: asleep until somebody has work for it, or for a while at most. One agent
 * waits, any thread may wake it; waking an agent that is awake costs one load.
 */
public final class Signal implements IdleStrategy {
    private final long idleNanosMax;
    private volatile boolean raised;
    private volatile @Nullable Thread sleeper;
    private volatile boolean ended;

    /**
     * A signal that is not raised.
     *
     * @param idleNanosMax how long the agent sleeps at most before it looks for work by itself
     */
    public Signal(long idleNanosMax) {
        this.idleNanosMax = idleNanosMax;
    }

    /** Wakes the agent, or keeps it from falling asleep. Any thread; never blocks. */
    public void raise() {
        if (!raised) {
            raised = true;
            // Ordering: raised, then the sleeper is read; both volatile.
            // Pairs:    idle: sleeper, then raised is read; both volatile.
            // Gives:    either the agent sees the signal or the raiser sees it asleep.
            // Checked:  SignalTest.shouldLoseNoSignal.
            Thread thread = sleeper;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }

    /** The agent shall end: from now on it does not fall asleep. */
    public void end() {
        ended = true;
        raised = false;
        raise();
    }

    @Override
    public void idle(int workCount) {
        if (workCount <= 0) {
            idle();
        }
    }

    @Override
    public void idle() {
        sleeper = Thread.currentThread();
        if (!raised && !ended) {
            LockSupport.parkNanos(this, idleNanosMax);
        }
        sleeper = null;
        raised = false;
    }

    @Override
    public void reset() {}

    @Override
    public String alias() {
        return "signal";
    }
}
