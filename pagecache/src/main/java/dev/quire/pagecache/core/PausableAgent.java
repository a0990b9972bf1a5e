package dev.quire.pagecache.core;

import org.agrona.concurrent.Agent;

import java.lang.System.Logger.Level;
import java.util.concurrent.locks.Lock;

/**
 * An agent that works only while it may: whoever holds the lock has it at rest.
 *
 * @param agent does the work
 * @param lock held during each turn of it
 */
public record PausableAgent(Agent agent, Lock lock) implements Agent {
    private static final System.Logger LOG = System.getLogger(PausableAgent.class.getName());

    /**
     * One turn; what it throws is logged, and the agent idles: its runner would end by an error.
     */
    @Override
    @SuppressWarnings({"CatchThrowable", "Interruption"})
    public int doWork() {
        lock.lock();
        try {
            return agent.doWork();
        } catch (Throwable e) {
            LOG.log(Level.ERROR, agent.roleName() + " failed, and goes on", e);
            return 0;
        } finally {
            Thread.interrupted(); // left by a callback; the runner would end
            lock.unlock();
        }
    }

    @Override
    public void onClose() {
        agent.onClose();
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }
}
