package dev.quire.pagecache;

import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.writeback.AgentWork;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.CompositeAgent;
import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The agents of a cache: each in a thread of its own, or run by the program. Whatever one throws is
 * reported, and it goes on.
 */
final class CacheAgents {
    private static final System.Logger LOG = System.getLogger(CacheAgents.class.getName());
    private static final int END_RETRY_MILLIS = 10_000;
    private static final long REST_NANOS_MAX = 10_000_000_000L;
    private static final long REST_POLL_NANOS = 100_000;

    private final Threading threading;
    private final List<Turns> agents = new ArrayList<>();
    // Held for each turn of an agent: verify() needs them at rest.
    private final ReentrantReadWriteLock atWork = new ReentrantReadWriteLock();
    private final Set<String> working = ConcurrentHashMap.newKeySet(); // who holds it, in words
    private final AtomicLong failedTurns = new AtomicLong();
    private volatile boolean ended;

    CacheAgents(Threading threading) {
        this.threading = threading;
    }

    /** One agent, its turns and what it sleeps on. */
    private final class Turns implements Agent {
        private final Agent agent;
        private final Signal signal;
        private final AtomicBoolean busy = new AtomicBoolean();
        private final AtomicBoolean closed = new AtomicBoolean();
        private @Nullable AgentRunner runner;

        Turns(Agent agent, Signal signal) {
            this.agent = agent;
            this.signal = signal;
        }

        @Override
        @SuppressWarnings("Interruption")
        public int doWork() {
            if (!busy.compareAndSet(false, true)) {
                return 0; // run by another thread, or by this one further up
            }
            boolean interrupted = threading.driven() && Thread.interrupted();
            try {
                return turn(roleName(), () -> ended ? 0 : agent.doWork());
            } finally {
                if (!threading.driven()) {
                    Thread.interrupted(); // left by a callback; the runner would end
                } else if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                busy.set(false);
            }
        }

        @Override
        public String roleName() {
            return threading.namePrefix() + agent.roleName().replaceFirst("^quire-", "");
        }

        /** Called by who runs it, and when the cache ends; before that it means nothing. */
        @Override
        public void onClose() {
            if (ended && closed.compareAndSet(false, true)) {
                agent.onClose();
            }
        }

        void start() {
            IdleStrategy idle =
                    threading.idleStrategy() == null ? signal : threading.idleStrategy().get();
            AgentRunner started = new AgentRunner(idle, e -> report(roleName(), e), null, this);
            runner = started;
            AgentRunner.startOnThread(started, task -> threading.thread(roleName(), task));
        }

        void end() {
            signal.end();
            if (runner != null) {
                runner.close(
                        END_RETRY_MILLIS,
                        thread -> LOG.log(Level.WARNING, "thread does not end: {0}", thread));
            }
            onClose();
        }
    }

    @SuppressWarnings("CatchThrowable") // the program's code: the agents go on all the same
    private void report(String who, Throwable e) {
        if (threading.onError() == null) {
            long errors = failedTurns.incrementAndGet();
            if (Long.bitCount(errors) == 1) { // what fails at every turn would fill the log
                LOG.log(Level.ERROR, who + " failed, and goes on: errors=" + errors, e);
            }
            return;
        }
        try {
            threading.onError().accept(e);
        } catch (Throwable second) {
            second.addSuppressed(e);
            LOG.log(Level.ERROR, who + " failed, and so did its error handler", second);
        }
    }

    /** Adds an agent; before {@link #start}. */
    void add(Agent agent, Signal signal) {
        agents.add(new Turns(agent, signal));
    }

    void start() {
        if (threading.driven()) {
            return;
        }
        try {
            agents.forEach(Turns::start);
        } catch (RuntimeException | Error e) { // no thread to be had
            end();
            throw e;
        }
    }

    /** The agents, for who runs them himself. */
    List<Agent> embedded() {
        if (!threading.driven()) {
            throw new IllegalStateException(
                    "the agents have threads of their own: configure Threading.embedded()");
        }
        return List.copyOf(agents);
    }

    AgentInvoker invoker() {
        Agent all = new CompositeAgent(embedded());
        return new AgentInvoker(e -> report(all.roleName(), e), null, all);
    }

    /**
     * Called by a thread that has to wait for them: if nobody else is there to run them, it does.
     *
     * @return whether anything was done
     */
    boolean help() {
        int done = 0;
        if (threading.driven()) {
            for (Turns agent : agents) {
                done += agent.doWork();
            }
        }
        return done > 0;
    }

    /** Does something for an agent, or as one; whatever it throws is reported. */
    @SuppressWarnings("CatchThrowable")
    int turn(String who, AgentWork.Work work) {
        atWork.readLock().lock();
        working.add(who);
        try {
            return work.run();
        } catch (Throwable e) {
            report(who, e);
            return 0;
        } finally {
            working.remove(who);
            atWork.readLock().unlock();
        }
    }

    /**
     * Does something while they rest.
     *
     * @throws IllegalStateException if they do not come to rest, because a store hangs, say
     */
    void atRest(Runnable work) {
        long start = System.nanoTime();
        // Only tried: who queues for it keeps the others from their next turn.
        while (!atWork.writeLock().tryLock()) {
            if (System.nanoTime() - start > REST_NANOS_MAX) {
                throw new IllegalStateException("agents do not come to rest: working=" + working);
            }
            LockSupport.parkNanos(REST_POLL_NANOS);
        }
        try {
            work.run();
        } finally {
            atWork.writeLock().unlock();
        }
    }

    /** Ends them; waits for their turns. */
    void end() {
        atWork.writeLock().lock();
        try {
            ended = true;
        } finally {
            atWork.writeLock().unlock();
        }
        agents.reversed().forEach(Turns::end);
    }
}
