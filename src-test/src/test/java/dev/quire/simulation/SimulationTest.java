package dev.quire.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.AsyncIo;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.PageCache;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.machine.SimulatedLibrary;
import dev.quire.simulation.machine.Simulation;
import dev.quire.weave.WovenLoader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * The whole stack, from the players through the page cache and an I/O engine down to the disk, on
 * one thread in an order that follows from a seed, with other threads getting in between at
 * accesses that they can see; four lives a run, each ended by a crash.
 *
 * <p>{@code -Dsimulation.seed=N} is the first seed, {@code -Dsimulation.seeds=N} how many; {@code
 * -Dsimulation.trace=true} prints what happens.
 */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 25);
    private static final int CANARY_SEEDS_MAX = 60;
    private static final int WAKES = 1000;

    private static final WovenLoader WOVEN = woven();

    private static WovenLoader woven() {
        WovenLoader loader = SimulatedLibrary.loader();
        // What a run does must not depend on those before it: no run is the one that initializes.
        for (Class<?> anchor : List.of(PageAllocator.class, AsyncIo.class, PageCache.class)) {
            loader.initializeBeside(anchor, name -> true);
        }
        loader.initializeBeside(
                Players.class,
                name -> name.startsWith("dev.quire.simulation.") && !name.contains("Test"));
        return loader;
    }

    private static long run(long seed, Treachery treachery, Map<String, Long> done) {
        return run(seed, treachery, true, done);
    }

    private static long run(
            long seed, Treachery treachery, boolean minded, Map<String, Long> done) {
        int stepsToPoint = new int[] {0, 3, 30, 300}[(int) Math.floorMod(seed, 4L)];
        Simulation simulation = new Simulation(seed, stepsToPoint);
        simulation.run(
                () -> {
                    String players = Players.class.getName();
                    WOVEN.make(Runnable.class, players, simulation, treachery, minded, done).run();
                });
        done.merge("steps", simulation.steps(), Long::sum);
        return simulation.trace().hash();
    }

    private static String replay(long seed) {
        return "mvn -pl src-test -am test -Dtest=SimulationTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dsimulation.seeds=1 -Dsimulation.seed="
                + seed;
    }

    @Test
    void shouldFindWhatWasAcknowledgedAndNothingThatWasNeverWrittenAfterEveryCrash() {
        long first = Long.getLong("simulation.seed", System.nanoTime());
        Map<String, Long> done = new TreeMap<>();
        for (long seed = first; seed < first + SEEDS; seed++) {
            try {
                run(seed, Treachery.NONE, done);
            } catch (AssertionError e) {
                throw new AssertionError("replay: " + replay(seed) + "\n" + done, e);
            }
        }
        System.out.printf(
                "SimulationTest -Dsimulation.seed=%d: %d crashes, %s%n",
                first, done.getOrDefault("crash", 0L), done);
        if (SEEDS >= 20) {
            assertThat(done)
                    .containsKeys("crash", "closed", "sync", "logSync", "truncate", "writeDirect")
                    .containsKeys("snapshot", "readSnapshot", "relocate", "resize", "punchHole");
        }
    }

    @Test
    void shouldDoTheSameAgainForTheSameSeed() {
        long first = Long.getLong("simulation.seed", System.nanoTime());
        for (long seed = first; seed < first + Math.min(SEEDS, 4); seed++) {
            assertThat(run(seed, Treachery.NONE, new TreeMap<>()))
                    .as("trace of -Dsimulation.seed=%d", seed)
                    .isEqualTo(run(seed, Treachery.NONE, new TreeMap<>()));
        }
    }

    /** The canary of the test above. */
    @Test
    void shouldTellARunThatTheRealClockHasAPartIn() {
        assertThat(sleepsByTheRealClock()).isNotEqualTo(sleepsByTheRealClock());
    }

    private static long sleepsByTheRealClock() {
        Simulation simulation = new Simulation(1, 0);
        simulation.run(() -> simulation.sleep(1 + System.nanoTime() % 1_000_000));
        return simulation.trace().hash();
    }

    @ParameterizedTest
    @EnumSource(value = Treachery.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldNoticeADiskThatBreaksItsPromises(Treachery treachery) {
        shouldBeNoticed(treachery, true);
    }

    /** The canary of the ledger: its pages do not wait for their log. */
    @Test
    void shouldNoticePagesThatGoBeforeTheirLog() {
        shouldBeNoticed(Treachery.NONE, false);
    }

    private static void shouldBeNoticed(Treachery treachery, boolean minded) {
        for (long seed = 1; seed <= CANARY_SEEDS_MAX; seed++) {
            try {
                run(seed, treachery, minded, new TreeMap<>());
            } catch (AssertionError noticed) {
                System.out.println(treachery + ", seed " + seed + ": " + noticed.getMessage());
                assertThat(noticed.getCause()).isInstanceOf(AssertionError.class);
                return;
            }
        }
        throw new AssertionError("nobody noticed");
    }

    @Test
    void shouldNoticeThreadsThatWaitForEachOther() {
        Simulation simulation = new Simulation(1, 0);
        assertThatThrownBy(() -> simulation.run(LockSupport::park))
                .hasMessageContaining("all threads wait for ever");
    }

    @Test
    @SuppressWarnings("ThreadPriorityCheck") // the scheduler is ours
    void shouldRefuseToBeWokenFromTheRealWorld() {
        Simulation simulation = new Simulation(1, 0);
        assertThatThrownBy(
                        () ->
                                simulation.run(
                                        () -> {
                                            Thread sleeper =
                                                    simulation
                                                            .threads()
                                                            .newThread(SimulationTest::sleep);
                                            sleeper.start();
                                            Thread.ofPlatform().start(() -> wake(sleeper));
                                            while (sleeper.isAlive()) {
                                                Thread.yield();
                                            }
                                        }))
                .hasMessageContaining("woken from the real world");
    }

    /** Sleeps more often than it is woken. */
    private static void sleep() {
        for (int i = 0; i < 2 * WAKES; i++) {
            LockSupport.park();
        }
    }

    /** Until it is asleep when it is woken: the machine has no processor for each thread. */
    private static void wake(Thread sleeper) {
        for (int i = 0; i < WAKES; i++) {
            LockSupport.unpark(sleeper);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
