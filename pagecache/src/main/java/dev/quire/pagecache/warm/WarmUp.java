package dev.quire.pagecache.warm;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A warm restart of one file, under way or over. It is a hint: whatever becomes of it, the file's
 * content is right, only colder.
 */
public final class WarmUp {
    /** What became of it. */
    public enum Outcome {
        /** It is under way. */
        RUNNING,
        /** Everything in the dump was read that fits in the cache. */
        LOADED,
        /** Frames became short: the rest was left out. */
        SHORT_OF_FRAMES,
        /** Ended by {@link #stop}, because the file was closed or fenced, or by a failure. */
        STOPPED,
        /** There is no dump at that path. */
        NO_DUMP,
        /** The dump is not whole, or none at all: it was ignored. */
        DAMAGED,
        /** The dump is of another file, or of pages of another size: it was ignored. */
        FOREIGN,
        /** The file was changed since, other than by growing while open: the dump was ignored. */
        STALE
    }

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Outcome outcome = Outcome.RUNNING;
    private volatile String reason = "";
    private volatile boolean stopping;
    private volatile long pagesDumped;
    private volatile long pagesLoaded;

    WarmUp() {}

    /**
     * What became of it.
     *
     * @return RUNNING until it is over
     */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * Why it was not LOADED.
     *
     * @return the line that was logged; empty when there is nothing to say
     */
    public String reason() {
        return reason;
    }

    /**
     * How many pages the dump has.
     *
     * @return pages; 0 until it was read, and when it was ignored
     */
    public long pagesDumped() {
        return pagesDumped;
    }

    /**
     * How many pages of the dump were cached at the end.
     *
     * @return pages; 0 until then
     */
    public long pagesLoaded() {
        return pagesLoaded;
    }

    /** Asks it to end soon: what is under way is still read. Any thread; never blocks. */
    public void stop() {
        stopping = true;
    }

    /**
     * Waits until it is over.
     *
     * @param max how long at most
     * @return false if it is not over yet
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean await(Duration max) throws InterruptedException {
        return ended.await(max.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits until it is over, whatever comes; who calls this has stopped it. */
    void awaitEnd() {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean stopping() {
        return stopping;
    }

    void dumped(long pages) {
        pagesDumped = pages;
    }

    void loaded(long pages) {
        pagesLoaded = pages;
    }

    void end(Outcome outcome, String reason) {
        this.reason = reason;
        this.outcome = outcome;
        ended.countDown();
    }

    @Override
    public String toString() {
        return "WarmUp["
                + outcome
                + ", pagesDumped="
                + pagesDumped
                + ", pagesLoaded="
                + pagesLoaded
                + (reason.isEmpty() ? "" : ", " + reason)
                + "]";
    }
}
