package dev.quire.pagecache;

import org.agrona.concurrent.IdleStrategy;
import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Who runs the agents of a cache, and how. Immutable.
 *
 * <p>By default each runs in a daemon thread of its own, sleeps until there is work for it, and
 * reports errors to the log.
 *
 * <p>Whoever runs the agents, what stores may take long over is done on other threads, which come
 * when they are needed and end when they are idle: writes in the background, reads of stores that
 * have only blocking ones, hooks of asynchronous reads, the close of the cache. The thread factory
 * makes them, too; waits for a page in {@link PagedFile#readAsync} are those of virtual threads.
 *
 * @param driven whether the program runs them itself, through {@link PageCache#agents} or {@link
 *     PageCache#agentInvoker}; otherwise they have threads of their own
 * @param namePrefix what their names begin with, and those of their threads
 * @param idleStrategy how their threads idle; null to sleep until they are woken, which costs
 *     nothing while nothing happens
 * @param threadFactory makes their threads, and those that wait for stores; null for daemon threads
 * @param onError told what an agent throws, or what is done for one on another thread, and which
 *     goes on; null for the log. A store that fails is no such error: it is told to who writes, and
 *     logged
 */
public record Threading(
        boolean driven,
        String namePrefix,
        @Nullable Supplier<IdleStrategy> idleStrategy,
        @Nullable ThreadFactory threadFactory,
        @Nullable Consumer<Throwable> onError) {
    private static final String PREFIX = "quire-";

    /** Checks the name. */
    public Threading {
        Objects.requireNonNull(namePrefix, "namePrefix");
    }

    /**
     * The default: threads of their own.
     *
     * @return daemon threads, named {@code quire-reclaimer} and so on
     */
    public static Threading own() {
        return new Threading(false, PREFIX, null, null, null);
    }

    /**
     * The program runs the agents, as often as it can: nothing is written back and no frame comes
     * free but by them, except that a thread that has to wait for them runs them itself.
     *
     * @return no threads for the agents; those that wait for stores are made all the same
     */
    public static Threading embedded() {
        return new Threading(true, PREFIX, null, null, null);
    }

    /**
     * The same with another name.
     *
     * @param prefix what names begin with
     * @return a copy
     */
    public Threading named(String prefix) {
        return new Threading(driven, prefix, idleStrategy, threadFactory, onError);
    }

    /**
     * The same with another way to idle.
     *
     * @param strategy called once for each thread
     * @return a copy
     */
    public Threading idling(Supplier<IdleStrategy> strategy) {
        return new Threading(driven, namePrefix, strategy, threadFactory, onError);
    }

    /**
     * The same with other threads.
     *
     * @param factory makes them; they should be daemons, and are named by the cache
     * @return a copy
     */
    public Threading threads(ThreadFactory factory) {
        return new Threading(driven, namePrefix, idleStrategy, factory, onError);
    }

    /**
     * The same with another way to report errors.
     *
     * @param handler told what an agent throws, on the thread that runs it or works for it; must
     *     not throw
     * @return a copy
     */
    public Threading onError(Consumer<Throwable> handler) {
        return new Threading(driven, namePrefix, idleStrategy, threadFactory, handler);
    }

    /** A thread for something of the cache. */
    Thread thread(String name, Runnable task) {
        Thread thread;
        if (threadFactory == null) {
            thread = new Thread(task);
            thread.setDaemon(true);
        } else {
            thread = threadFactory.newThread(task);
        }
        thread.setName(name);
        return thread;
    }

    /** Makes the thread that closes the cache. */
    ThreadFactory closerThreads() {
        return task -> thread(namePrefix + "closer", task);
    }

    /** Makes the threads that wait for a page for those who do not wait themselves. */
    ThreadFactory readerThreads() {
        return Thread.ofVirtual().name(namePrefix + "read").factory();
    }

    /**
     * Makes the threads that wait for stores, and for hooks: as many as there are at a time, also
     * where the program runs the agents, which never wait for a store themselves.
     */
    ThreadFactory storeThreads() {
        AtomicInteger made = new AtomicInteger();
        return task -> thread(namePrefix + "store-" + made.getAndIncrement(), task);
    }
}
