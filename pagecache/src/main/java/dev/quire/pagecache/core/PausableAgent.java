package dev.quire.pagecache.core;

import org.agrona.concurrent.Agent;

import java.util.concurrent.locks.Lock;

/**
 * An agent that works only while it may: whoever holds the lock has it at rest.
 *
 * @param agent does the work
 * @param lock held during each turn of it
 */
public record PausableAgent(Agent agent, Lock lock) implements Agent {
    @Override
    public int doWork() throws Exception {
        lock.lock();
        try {
            return agent.doWork();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }
}
