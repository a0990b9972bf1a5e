package dev.quire.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.simulation.disk.Mishap;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.machine.Limit;
import dev.quire.simulation.machine.Simulation;
import dev.quire.support.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

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
    private static final int CANARY_SEEDS_MAX = 120;
    private static final int WAKES = 1000;

    /** What players do in every short form, many times. */
    private static final List<String> OFTEN_DONE =
            List.of(
                    "crash",
                    "closed",
                    "sync",
                    "logSync",
                    "truncate",
                    "writeDirect",
                    "snapshot",
                    "readSnapshot",
                    "relocate",
                    "resize",
                    "punchHole");

    /** The same, by the weather and the crashes; the rest of them is in every run of more seeds. */
    private static final Set<Mishap> OFTEN_SUFFERED =
            EnumSet.of(
                    Mishap.SHORT_READ,
                    Mishap.SHORT_WRITE,
                    Mishap.LONG_WAIT,
                    Mishap.OVERTAKEN,
                    Mishap.TORN_WRITE,
                    Mishap.LOST_WRITE,
                    Mishap.SURVIVING_WRITE);

    private static final Set<Limit> OFTEN_ASKED = EnumSet.complementOf(EnumSet.of(Limit.CHANGES));

    private static final int SEEDS_FOR_OFTEN = 20;
    private static final int SEEDS_FOR_ALL = 200;

    private static long firstSeed() {
        return Long.getLong("simulation.seed", System.nanoTime());
    }

    @Test
    void shouldFindWhatWasAcknowledgedAndNothingThatWasNeverWrittenAfterEveryCrash() {
        long first = firstSeed();
        // Before: a JVM that dies says nothing any more.
        System.out.println("SimulationTest: " + SimulatedRun.replay(first, SEEDS));
        Map<String, Long> done = new TreeMap<>();
        for (long seed = first; seed < first + SEEDS; seed++) {
            new SimulatedRun(seed).run(done);
        }
        System.out.printf(
                "SimulationTest -Dsimulation.seed=%d: %d crashes, %s%n",
                first, done.getOrDefault("crash", 0L), done);
        if (SEEDS >= SEEDS_FOR_OFTEN) {
            shouldHaveBeenDone(done, SEEDS);
        }
    }

    private static void shouldHaveBeenDone(Map<String, Long> done, int seeds) {
        boolean all = seeds >= SEEDS_FOR_ALL;
        assertThat(done)
                .containsKeys(names(all ? EnumSet.allOf(Mishap.class) : OFTEN_SUFFERED))
                .containsKeys(names(all ? EnumSet.allOf(Limit.class) : OFTEN_ASKED))
                .containsKeys(OFTEN_DONE.toArray(String[]::new));
        assertThat(done.keySet()).as("failures").anyMatch(what -> what.startsWith("FAILED_"));
    }

    private static String[] names(Set<? extends Enum<?>> of) {
        return of.stream().map(Enum::name).toArray(String[]::new);
    }

    /** The canary of what the weather has to do: none of it when the disk is calm. */
    @Test
    void shouldTellRunsThatHadNoWeather() {
        Map<String, Long> done = new TreeMap<>();
        for (long seed = 1; seed <= 3; seed++) {
            new SimulatedRun(seed, Treachery.NONE, true, true).run(done);
        }
        assertThat(done)
                .containsKeys("crash", "write", "sync")
                .doesNotContainKeys("SHORT_READ", "SHORT_WRITE", "LONG_WAIT", "OVERTAKEN")
                .doesNotContainKeys("FAILED_READ", "FAILED_WRITE", "FAILED_SYNC", "FAILED_OPEN");
        assertThatThrownBy(() -> shouldHaveBeenDone(done, SEEDS_FOR_OFTEN))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("SHORT_READ");
    }

    @Test
    void shouldGiveTheLibraryTheLimitsThatWereDrawn() {
        assertThat(SimulatedRun.WOVEN.missing()).as("renamed").isEmpty();
        List<Integer> pages = new ArrayList<>();
        Simulation simulation = new Simulation(1, 0);
        simulation.run(
                () -> {
                    pages.add(pagesOfAWrite());
                    simulation.limit(Limit.WRITE_PAGES, 3);
                    pages.add(pagesOfAWrite());
                });
        assertThat(pages).containsExactly(256, 3);
        assertThat(simulation.asked(Limit.WRITE_PAGES)).isEqualTo(1);
    }

    private static int pagesOfAWrite() {
        try {
            Method method =
                    SimulatedRun.WOVEN
                            .loadClass("dev.quire.pagecache.writeback.PageRun")
                            .getDeclaredMethod("pagesMax", int.class);
            method.setAccessible(true);
            return (int) method.invoke(null, 4096);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whatever ran before, in this process or in none. */
    @Test
    void shouldDoTheSameAgainForTheSameSeed() {
        long first = firstSeed();
        System.out.println("SimulationTest, again: " + SimulatedRun.replay(first, SEEDS));
        long[] seeds = LongStream.range(first, first + Math.min(SEEDS, 4)).toArray();
        CompletableFuture<List<String>> fresh =
                CompletableFuture.supplyAsync(() -> inAnotherProcess(seeds[seeds.length - 1]));
        Map<Long, String> traces = new HashMap<>();
        for (long seed : seeds) {
            traces.put(seed, traced(seed));
        }
        for (int i = seeds.length - 1; i >= 0; i--) {
            assertThat(traced(seeds[i]))
                    .as("replay: " + SimulatedRun.replay(seeds[i], 1))
                    .isEqualTo(traces.get(seeds[i]));
        }
        assertThat(fresh.join())
                .as("replay: " + SimulatedRun.replay(seeds[seeds.length - 1], 1))
                .contains(traces.get(seeds[seeds.length - 1]));
    }

    private static String traced(long seed) {
        return SimulatedRun.traced(seed, new SimulatedRun(seed).run(new TreeMap<>()));
    }

    private static List<String> inAnotherProcess(long seed) {
        try {
            return ChildJvm.run(
                    List.of(),
                    List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", "-ea"),
                    SimulatedRun.class,
                    Long.toString(seed));
        } catch (Exception e) {
            throw new AssertionError(SimulatedRun.replay(seed, 1), e);
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
                new SimulatedRun(seed, treachery, minded, false).run(new TreeMap<>());
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

    /** A timer of the JDK goes by the real clock. */
    @Test
    @SuppressWarnings("ThreadPriorityCheck") // the scheduler is ours
    void shouldRefuseToSleepByTheRealClock() {
        Simulation simulation = new Simulation(1, 0);
        assertThatThrownBy(
                        () ->
                                simulation.run(
                                        () -> {
                                            Thread sleeper =
                                                    simulation
                                                            .threads()
                                                            .newThread(SimulationTest::sleepReally);
                                            sleeper.start();
                                            while (sleeper.isAlive()) {
                                                Thread.yield();
                                            }
                                        }))
                .hasMessageContaining("woken from the real world");
    }

    /** So often that it is asleep when a timer goes off. */
    private static void sleepReally() {
        for (int i = 0; i < WAKES; i++) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void shouldSayWhereARunIsThatDoesNotEnd() throws InterruptedException {
        CountDownLatch given = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try {
            assertThatThrownBy(
                            () ->
                                    SimulatedRun.watched(
                                            Duration.ofMillis(200),
                                            () -> {
                                                new Simulation(1, 0).run(() -> spinUntil(given));
                                                ended.countDown();
                                                return null;
                                            }))
                    .hasMessageStartingWith("no end after PT0.2S")
                    .hasMessageContaining("Thread[#")
                    .hasMessageContaining("spinUntil");
        } finally {
            given.countDown();
            ended.await();
        }
    }

    private static void spinUntil(CountDownLatch given) {
        while (given.getCount() > 0) {
            Thread.onSpinWait();
        }
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
