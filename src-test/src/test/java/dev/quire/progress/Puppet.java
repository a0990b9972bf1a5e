package dev.quire.progress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /**
     * What a method was last called with.
     *
     * @param about such as a file, or what the method belongs to
     * @param number of a page, or a frame
     */
    public record Call(Object about, long number) {}

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

    /** Written while it runs, read while it does not. */
    private final Map<String, Call> calls = new HashMap<>();

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

    /** Whether it is inside a method, named by its class without the package, and itself. */
    public boolean isInside(String method) {
        return place().stream().anyMatch(element -> name(element).equals(method));
    }

    /** The method that it is in, of Quire's innermost; empty if it is in none. */
    public String method() {
        List<StackTraceElement> place = place();
        return place.isEmpty() ? "" : name(place.getFirst());
    }

    private static String name(StackTraceElement element) {
        String name = element.getClassName();
        return name.substring(name.lastIndexOf('.') + 1) + "." + element.getMethodName();
    }

    /** What a method that it is inside, and that does not call itself, was called with. */
    public Optional<Call> call(String method) {
        return isInside(method) ? Optional.ofNullable(calls.get(method)) : Optional.empty();
    }

    /** Whether it waits for a lock that the other one holds. */
    public boolean isWaitingForALockOf(Puppet other) {
        return isWaiting() && waitsFor instanceof SteppedLock lock && lock.isHeldBy(other.thread);
    }

    /** Where it is, in lines. */
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
     * The beginning of a method of woven code that says what it is about.
     *
     * @param method class without its package, and method
     * @param about see {@link Call}
     * @param number see there
     */
    public static void enter(String method, Object about, long number) {
        Puppet puppet = CURRENT.get();
        if (puppet != null) {
            puppet.calls.put(method, new Call(about, number));
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
