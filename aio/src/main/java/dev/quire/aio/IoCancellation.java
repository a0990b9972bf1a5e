package dev.quire.aio;

import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * Advice to give up the requests that were submitted with it, now and from now on. One object may
 * be given to many requests, of several engines.
 *
 * <p>It is advice: each request still completes exactly once, and that completion is the truth. A
 * request that had not begun, or that the kernel could give up, fails with {@code ECANCELED}; one
 * that the device works on goes on to its result, and its memory is the system's until then.
 *
 * <p>Any thread. It cannot be taken back: use a new one for further requests.
 */
public final class IoCancellation {
    // How to tell the engines that have had a request with this. Few, and added to seldom.
    private final Set<Runnable> engines = new CopyOnWriteArraySet<>();
    private volatile boolean cancelled;

    /** Advice not given yet. */
    public IoCancellation() {}

    /** Gives the advice. Never waits; more than once changes nothing. */
    public void cancel() {
        // Ordering: the flag is stored before the engines are read; both volatile.
        // Pairs:    watchedBy, then the engine's look at the flag, both before a request begins.
        // Gives:    this call sees the engine, or the engine sees the flag.
        // Checked:  jcstress CancelAgainstSubmit.
        cancelled = true;
        engines.forEach(Runnable::run);
    }

    /**
     * Whether the advice was given.
     *
     * @return true from the first {@link #cancel} on
     */
    public boolean isCancelled() {
        return cancelled;
    }

    /** Names how an engine is told, by the same object each time, before it begins a request. */
    void watchedBy(Runnable lookForAborts) {
        engines.add(lookForAborts);
    }
}
