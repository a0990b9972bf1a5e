package dev.quire.simulation;

import dev.quire.aio.AsyncIo;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.PageCache;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.machine.SimulatedLibrary;
import dev.quire.simulation.machine.Simulation;
import dev.quire.weave.WovenLoader;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A run of the players, on a thread of its own that is given up when it takes too long.
 *
 * @param seed what everything follows from
 * @param treachery what the disk does that no disk may do
 * @param minded whether pages of the ledger wait for its log
 * @param calm whether the disk is fast and never fails while there is power
 */
record SimulatedRun(long seed, Treachery treachery, boolean minded, boolean calm) {
    static final WovenLoader WOVEN = woven();

    private static final Duration MOST = Duration.ofMinutes(5); // mostly it is some tenths of 1 s

    /** A run in which nothing is broken on purpose. */
    SimulatedRun(long seed) {
        this(seed, Treachery.NONE, true, false);
    }

    private static WovenLoader woven() {
        WovenLoader loader = SimulatedLibrary.loader();
        // What a run does must not depend on those before it: no run is the one that initializes.
        for (Class<?> anchor : List.of(PageAllocator.class, AsyncIo.class, PageCache.class)) {
            loader.initializeBeside(anchor, name -> true);
        }
        String self = SimulatedRun.class.getName();
        loader.initializeBeside(
                Players.class,
                name ->
                        name.startsWith("dev.quire.simulation.")
                                && !name.contains("Test")
                                && !name.equals(self));
        return loader;
    }

    /** What runs are done by, so that a process of its own can do them again: its seeds. */
    public static void main(String[] seeds) {
        for (String seed : seeds) {
            long hash = new SimulatedRun(Long.parseLong(seed)).run(new TreeMap<>());
            System.out.println(traced(Long.parseLong(seed), hash));
        }
    }

    /** What the process says of a run. */
    static String traced(long seed, long hash) {
        return "trace of %d: %016x".formatted(seed, hash);
    }

    /** How to run so many seeds again. */
    static String replay(long first, int seeds) {
        return "mvn -pl src-test -am test -Dtest=SimulationTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dsimulation.seeds=%d -Dsimulation.seed=%d".formatted(seeds, first);
    }

    /**
     * Runs it.
     *
     * @param done counts what was done
     * @return hash of what happened
     * @throws AssertionError what failed, and how to do it again
     */
    long run(Map<String, Long> done) {
        try {
            return watched(MOST, () -> play(done));
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "\nreplay: " + replay(seed, 1) + "\n" + done, e.getCause());
        }
    }

    private long play(Map<String, Long> done) {
        int stepsToPoint = new int[] {0, 3, 30, 300}[(int) Math.floorMod(seed, 4L)];
        Simulation simulation = new Simulation(seed, stepsToPoint);
        String players = Players.class.getName();
        simulation.run(
                () ->
                        WOVEN.make(
                                        Runnable.class,
                                        players,
                                        simulation,
                                        treachery,
                                        minded,
                                        calm,
                                        done)
                                .run());
        done.merge("steps", simulation.steps(), Long::sum);
        return simulation.trace().hash();
    }

    /** Fails, and says where it is, when something does not end; it goes on, but nobody waits. */
    static <T> T watched(Duration most, Callable<T> task) {
        FutureTask<T> run = new FutureTask<>(task);
        Thread.ofPlatform().daemon().name("simulation").start(run);
        try {
            return run.get(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            throw new AssertionError("no end after " + most + ", " + Simulation.whereabouts());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof AssertionError failure) {
                throw failure;
            }
            throw new AssertionError(String.valueOf(cause), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted, " + Simulation.whereabouts(), e);
        }
    }
}
