package dev.quire.simulation.machine;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One run: virtual threads on the one thread that calls {@link #run}, of which the next to go on is
 * drawn from a seed, and a clock that is theirs. A thread goes on until it waits, or until a point
 * at which it is made to step aside ({@link #point}). When none can go on, the clock jumps to the
 * next timer; when there is none, they wait for each other for ever, which is a failure.
 *
 * <p>The scheduler of a virtual thread cannot be chosen by public means: its builder is reached by
 * reflection, which takes {@code --add-opens java.base/java.lang=ALL-UNNAMED}. Threads that a
 * thread of the simulation starts inherit it.
 */
public final class Simulation implements Executor {
    private static final long STEP_NANOS_MAX = 2_000;
    private static final long STEPS_MAX = 50_000_000;

    private static volatile @Nullable Simulation active;

    private final long seed;
    private final SplittableRandom random;
    private final Trace trace = new Trace();
    private final IdentityHashMap<Runnable, SimulatedThread> threads = new IdentityHashMap<>();
    private final IdentityHashMap<Thread, SimulatedThread> known = new IdentityHashMap<>();
    private final IdentityHashMap<Object, ReentrantLock> monitors = new IdentityHashMap<>();
    // By number: in which order a step woke them (a pool its workers, by their hash) is of no
    // matter.
    private final List<SimulatedThread> runnable = new ArrayList<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Thread carrier = Thread.currentThread();
    private final int stepsToPoint;
    private int untilPoint;
    private long nowNanos = 1_000_000_000;
    private long steps;
    private long timersMade;
    private @Nullable SimulatedThread current;
    private @Nullable Thread facadeOfNext;
    private @Nullable SimulatedThread latest;
    private final Map<String, Integer> limits = new HashMap<>();
    private final Map<String, Long> limitsAsked = new HashMap<>();
    private volatile @Nullable SimulatedThread wokenFromOutside;
    private volatile @Nullable Throwable failure;
    private volatile boolean over;

    /** A thread: what runs it, and as whom it is known to the code of the library. */
    private static final class SimulatedThread {
        private final int id;
        private final Runnable continuation;
        private final @Nullable Thread facade;
        private @Nullable Thread thread;

        SimulatedThread(int id, Runnable continuation, @Nullable Thread facade) {
            this.id = id;
            this.continuation = continuation;
            this.facade = facade;
        }

        @Override
        public String toString() {
            return "thread " + id + (thread == null ? "" : " " + thread.getName());
        }
    }

    private record Timer(long atNanos, long number, Runnable action) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    /**
     * A machine without threads.
     *
     * @param seed what everything follows from
     * @param stepsToPoint of how many points one makes its thread step aside, on average; 0 for
     *     none
     */
    public Simulation(long seed, int stepsToPoint) {
        this.seed = seed;
        this.stepsToPoint = stepsToPoint;
        random = random("scheduler");
        untilPoint = nextPoint();
    }

    /** Numbers for one purpose, which follow from the seed and do not disturb those of others. */
    public SplittableRandom random(String purpose) {
        return new SplittableRandom(seed * 0x9e3779b97f4a7c15L + purpose.hashCode());
    }

    public Trace trace() {
        return trace;
    }

    public long seed() {
        return seed;
    }

    public long steps() {
        return steps;
    }

    /** The simulation that the calling thread is part of; null when it is of the real world. */
    public static @Nullable Simulation ofThisThread() {
        Simulation simulation = active;
        return simulation != null
                        && simulation.current != null
                        && Thread.currentThread().isVirtual()
                ? simulation
                : null;
    }

    /** The simulation of the calling thread. */
    public static Simulation here() {
        Simulation simulation = ofThisThread();
        if (simulation == null) {
            throw new IllegalStateException("not in a simulation: " + Thread.currentThread());
        }
        return simulation;
    }

    // ---- a run

    /**
     * Runs something, and all that it starts, until it is done.
     *
     * @throws AssertionError what any thread failed with, or why none can go on
     */
    public void run(Runnable main) {
        if (active != null) {
            throw new IllegalStateException("one simulation at a time: another is running");
        }
        active = this;
        try {
            Thread thread = newThread(() -> guarded(main));
            thread.setName("main");
            thread.start();
            while (thread.isAlive() && failure == null) {
                step();
            }
        } finally {
            over = true;
            active = null;
        }
        Throwable failed = failure;
        if (failed != null) {
            SimulatedThread woken = wokenFromOutside;
            throw new AssertionError(
                    failed + (woken == null ? "" : ": " + described(woken)), failed);
        }
    }

    /** Ends the run with a failure. */
    public void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        }
    }

    @SuppressWarnings("CatchThrowable") // the run fails with it
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            fail(e);
        }
    }

    private void step() {
        nowNanos += 1 + random.nextLong(STEP_NANOS_MAX);
        fireTimers();
        if (runnable.isEmpty()) {
            Timer next = timers.peek();
            if (next == null) {
                fail(new IllegalStateException("all threads wait for ever:" + dump()));
                return;
            }
            nowNanos = Math.max(nowNanos, next.atNanos);
            return;
        }
        if (++steps > STEPS_MAX) {
            fail(new IllegalStateException("no end after " + steps + " steps:" + dump()));
            return;
        }
        SimulatedThread next = runnable.remove(random.nextInt(runnable.size()));
        trace.event(1, nowNanos * 31 + next.id, () -> nowNanos + " " + next);
        current = next;
        try {
            next.continuation.run();
        } finally {
            current = null;
        }
    }

    private void fireTimers() {
        for (Timer next = timers.peek();
                next != null && next.atNanos <= nowNanos;
                next = timers.peek()) {
            timers.remove();
            next.action.run();
        }
    }

    private String dump() {
        StringBuilder text = new StringBuilder();
        for (SimulatedThread thread : threads.values()) {
            Thread of = thread.thread;
            if (of != null && of.isAlive()) {
                text.append(described(thread));
            }
        }
        return text.toString();
    }

    private static String described(SimulatedThread thread) {
        if (thread.thread == null) {
            return "a thread that has not run";
        }
        StringBuilder text = new StringBuilder();
        describe(text, thread.toString(), thread.thread);
        return text.toString();
    }

    private static void describe(StringBuilder text, String name, Thread thread) {
        text.append("\n  ").append(name);
        for (StackTraceElement line : thread.getStackTrace()) {
            text.append("\n      at ").append(line);
        }
    }

    // ---- its threads

    /** Called by the JDK with the rest of a thread of ours that can go on. */
    @Override
    public void execute(Runnable continuation) {
        if (over) {
            return; // a timer of the real world, after the end
        }
        Thread caller = Thread.currentThread();
        if (!caller.equals(carrier) && !caller.isVirtual()) {
            // Not described here: who looks at a thread on its way would send it on its way again.
            wokenFromOutside = threads.get(continuation);
            fail(new IllegalStateException("woken from the real world, by " + caller));
            return;
        }
        SimulatedThread thread = threads.get(continuation);
        if (thread == null) {
            thread = new SimulatedThread(threads.size(), continuation, facadeOfNext);
            facadeOfNext = null;
            threads.put(continuation, thread);
            latest = thread;
        }
        int place = runnable.size();
        while (place > 0 && runnable.get(place - 1).id > thread.id) {
            place--;
        }
        runnable.add(place, thread);
    }

    /** Makes threads of this simulation. */
    public ThreadFactory threads() {
        return this::newThread;
    }

    private Thread newThread(Runnable task) {
        try {
            Constructor<?> of =
                    Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                            .getDeclaredConstructor(Executor.class);
            of.setAccessible(true);
            return ((Thread.Builder.OfVirtual) of.newInstance(this))
                    .unstarted(
                            () -> {
                                currentThread(); // so that it is known as whom it runs
                                task.run();
                            });
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    "no scheduler for virtual threads: this JDK has another builder of them, or"
                            + " --add-opens java.base/java.lang=ALL-UNNAMED is missing",
                    e);
        }
    }

    /**
     * Where the thread of the simulation, and whoever it runs, is now; for who looks from outside.
     */
    public static String whereabouts() {
        Simulation simulation = active;
        if (simulation == null) {
            return "no simulation is under way";
        }
        StringBuilder text = new StringBuilder("steps=").append(simulation.steps).append(':');
        describe(text, simulation.carrier.toString(), simulation.carrier);
        SimulatedThread now = simulation.current;
        return text.append(now == null ? "" : described(now)).toString();
    }

    /** The calling thread, as the library's code knows it. */
    Thread currentThread() {
        Thread thread = Thread.currentThread();
        SimulatedThread now = current;
        if (now == null || !thread.isVirtual()) {
            return thread;
        }
        if (now.thread == null) {
            now.thread = thread;
            known.put(thread, now);
        }
        return now.facade != null ? now.facade : thread;
    }

    /** The thread that runs what another one stands for. */
    Thread carrierOf(Thread thread) {
        SimulatedThread standing = known.get(thread);
        return standing != null && standing.thread != null ? standing.thread : thread;
    }

    long threadId(Thread thread) {
        SimulatedThread of = known.get(thread);
        return of != null ? of.id + 1L : thread.threadId() + Integer.MAX_VALUE;
    }

    /** Starts a platform thread as one of ours. */
    @SuppressWarnings("NullAway") // started a line before
    void start(Thread thread) {
        if (thread.isVirtual()) {
            thread.start(); // inherits its scheduler
            return;
        }
        Thread runs = newThread(thread);
        runs.setName(thread.getName());
        facadeOfNext = thread;
        runs.start();
        SimulatedThread made = latest;
        made.thread = runs;
        known.put(runs, made);
        known.put(thread, made);
    }

    ReentrantLock monitor(Object of) {
        return monitors.computeIfAbsent(of, object -> new ReentrantLock());
    }

    // ---- its clock

    long nanoTime() {
        return nowNanos += 20; // who only looks at the clock sees it go on
    }

    /** Sleeps; nothing wakes the thread before. */
    public void sleep(long nanos) {
        long end = nowNanos + nanos;
        while (nowNanos < end) {
            parkNanos(this, end - nowNanos);
        }
    }

    void parkNanos(Object blocker, long nanos) {
        if (nanos <= 0) {
            return;
        }
        Thread thread = Thread.currentThread();
        Timer timer = at(nowNanos + nanos, () -> LockSupport.unpark(thread));
        LockSupport.park(blocker);
        timers.remove(timer);
    }

    private Timer at(long atNanos, Runnable action) {
        Timer timer = new Timer(Math.max(atNanos, nowNanos), timersMade++, action);
        timers.add(timer);
        return timer;
    }

    // ---- how much the library does at a time

    /**
     * Has the library do so much at a time from now on.
     *
     * @param count 0 for as usual
     */
    public void limit(Limit limit, int count) {
        if (count < 0 || count > limit.most()) {
            throw new IllegalArgumentException(
                    "%s must be 0..%d: count=%d".formatted(limit, limit.most(), count));
        }
        limits.put(limit.name(), count);
    }

    int limit(String of) {
        int count = limits.getOrDefault(of, 0);
        if (count > 0) {
            limitsAsked.merge(of, 1L, Long::sum);
        }
        return count;
    }

    /** How often something else than usual was the answer. */
    public long asked(Limit limit) {
        return limitsAsked.getOrDefault(limit.name(), 0L);
    }

    // ---- where threads step aside

    /** A place where another thread may get in between. */
    @SuppressWarnings("ThreadPriorityCheck") // the scheduler is ours
    void point() {
        if (--untilPoint == 0) {
            untilPoint = nextPoint();
            Thread.yield();
        }
    }

    private int nextPoint() {
        return stepsToPoint == 0 ? -1 : 1 + random.nextInt(2 * stepsToPoint);
    }
}
