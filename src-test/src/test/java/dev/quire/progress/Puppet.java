package dev.quire.progress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * A thread that goes on when it is told to, up to a point of woven code, and stays there for as
 * long as nobody tells it to go on. While it runs, who told it waits: of all puppets one runs at a
 * time, so that what they do depends on the orders that they get, and on nothing else.
 *
 * <p>Where it would wait for others it stops as well, see {@link #waits}: it looks again when it is
 * told to go on.
 */
public final class Puppet {
    /** How a run ended. */
    public enum Stop {
        /** Before an update of what threads share. */
        AT_POINT,
        /** It waits for another thread. */
        WAITING,
        /** Its work is done. */
        DONE
    }

    private static final ThreadLocal<@Nullable Puppet> CURRENT = new ThreadLocal<>();

    /** Threads that puppets have started since somebody asked. */
    private static final Queue<Puppet> STARTED = new ConcurrentLinkedQueue<>();

    private static final int HANGS_SECONDS = 60;
    private static final int FRAMES_TOLD = 14;

    private final Semaphore go = new Semaphore(0);
    private final Semaphore stopped = new Semaphore(0);
    private final Thread thread;
    private IntPredicate stopsAt = site -> true;
    private Stop stop = Stop.AT_POINT;
    private int site = -1;
    private Object waitsFor = "";
    private @Nullable Throwable failure;

    /**
     * A puppet that has not begun.
     *
     * @param threads makes its thread
     * @param work what it does
     */
    @SuppressWarnings("CatchThrowable") // told to who runs it
    public Puppet(ThreadFactory threads, Runnable work) {
        thread =
                threads.newThread(
                        () -> {
                            CURRENT.set(this);
                            go.acquireUninterruptibly();
                            try {
                                work.run();
                            } catch (Throwable e) {
                                failure = e;
                            }
                            stop = Stop.DONE;
                            stopped.release();
                        });
        if (!thread.isVirtual()) {
            thread.setDaemon(true);
        }
        thread.start();
    }

    /**
     * Lets it go on.
     *
     * @param stopsAt asked at each point whether it stops there
     * @return where it stopped
     * @throws AssertionError if its work failed, or it hangs
     */
    public Stop run(IntPredicate stopsAt) {
        if (stop == Stop.DONE) {
            throw new IllegalStateException("it is done");
        }
        this.stopsAt = stopsAt;
        go.release();
        try {
            if (!stopped.tryAcquire(HANGS_SECONDS, TimeUnit.SECONDS)) {
                AssertionError hangs = new AssertionError("a puppet hangs between two points");
                hangs.setStackTrace(thread.getStackTrace());
                throw hangs;
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        Throwable failed = failure;
        if (failed != null) {
            failure = null;
            throw new AssertionError("a puppet failed: " + failed, failed);
        }
        return stop;
    }

    /** Whether its work is done. */
    public boolean isDone() {
        return stop == Stop.DONE;
    }

    /** Whether it is at a point, and would go on if it was let. */
    public boolean isAtPoint() {
        return stop == Stop.AT_POINT && site >= 0;
    }

    /** Whether it waits for another one. */
    public boolean isWaiting() {
        return stop == Stop.WAITING;
    }

    /** The point that it reached last. */
    public int site() {
        return site;
    }

    /** What it waits for, if it does. */
    public Object waitsFor() {
        return waitsFor;
    }

    /** Where it is in Quire's code, innermost first. */
    public List<StackTraceElement> place() {
        return Arrays.stream(thread.getStackTrace())
                .filter(element -> element.getClassName().startsWith("dev.quire."))
                .filter(element -> !element.getClassName().startsWith("dev.quire.progress."))
                .toList();
    }

    /** The same, in lines. */
    public String story() {
        return place().stream()
                .limit(FRAMES_TOLD)
                .map(at -> "\n    at " + at)
                .collect(Collectors.joining());
    }

    /** The puppets that puppets have started since the last call. */
    static List<Puppet> takeStarted() {
        List<Puppet> taken = new ArrayList<>();
        for (Puppet next = STARTED.poll(); next != null; next = STARTED.poll()) {
            taken.add(next);
        }
        return taken;
    }

    // ---- called by itself

    /**
     * A thread that a puppet starts is a puppet, too.
     *
     * @param threads makes its thread
     * @param work what it does
     * @return to be started
     */
    static Thread child(ThreadFactory threads, Runnable work) {
        return new Thread(work) {
            @Override
            public void start() {
                STARTED.add(new Puppet(threads, work));
            }
        };
    }

    /** Whether the calling thread is a puppet. */
    public static boolean isCaller() {
        return CURRENT.get() != null;
    }

    /**
     * A point of woven code: the hook.
     *
     * @param site which
     */
    public static void reach(int site) {
        Puppet puppet = CURRENT.get();
        if (puppet != null) {
            puppet.site = site;
            if (puppet.stopsAt.test(site)) {
                puppet.stopAs(Stop.AT_POINT);
            }
        }
    }

    /**
     * The calling thread cannot go on before another one has.
     *
     * @param what it waits for
     * @return false if it is no puppet, and has to wait in its own way; true to look again
     */
    public static boolean waits(Object what) {
        Puppet puppet = CURRENT.get();
        if (puppet == null) {
            return false;
        }
        puppet.waitsFor = what;
        puppet.stopAs(Stop.WAITING);
        puppet.waitsFor = "";
        return true;
    }

    private void stopAs(Stop how) {
        stop = how;
        stopped.release();
        go.acquireUninterruptibly();
    }
}
