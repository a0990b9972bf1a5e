package dev.quire.pagecache.core;

import org.agrona.concurrent.Agent;

import java.util.concurrent.locks.ReentrantLock;

/** An agent that can be held still between two turns, so that invariants can be looked at. */
public final class PausableAgent implements Agent {
    private final Agent agent;
    private final ReentrantLock turn = new ReentrantLock();

    /**
     * A pausable form of an agent.
     *
     * @param agent does the work
     */
    public PausableAgent(Agent agent) {
        this.agent = agent;
    }

    /**
     * Runs something while the agent does nothing.
     *
     * @param look what to run
     */
    public void whilePaused(Runnable look) {
        turn.lock();
        try {
            look.run();
        } finally {
            turn.unlock();
        }
    }

    @Override
    public int doWork() throws Exception {
        turn.lock();
        try {
            return agent.doWork();
        } finally {
            turn.unlock();
        }
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }
}
