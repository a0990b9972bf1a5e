package dev.quire.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.weave.WovenLoader;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Each operation with the first of its steps of each kind refused, then the second, and so on until
 * none is, or as far as is asked; once, and from there on. Whatever failed: who did not say so has
 * done it, what is said names what failed, invariants hold, nothing is leaked, and the operation
 * works when it is tried again.
 *
 * <p>{@code -Dfaults.steps=N} lets the first N calls of each kind fail; with more than one, also
 * where more fails after a failure, and with all engines. {@code -Dfaults.only=WRITE_DIRECT/URING}
 * takes only operations that begin so.
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailTheNthTest {
    private static final String SCENES = "dev.quire.faults.scene.";
    private static final int ALLOCATORS = 2;
    private static final boolean LONG = Trials.STEPS > 1;

    /** The engines of a cache of which every step is let fail; of the others, the first. */
    private static final int FULL_WAYS = 2;

    private static final int OTHER_STEPS = 3;
    private static final String ONLY = System.getProperty("faults.only", "");
    private static final Logger LOG = Logger.getLogger("dev.quire");

    @TempDir static Path directory;
    private static final WovenLoader LOADER = Questions.loader();
    private Trials trials = new Trials(Path.of(""));
    private Level logged = Level.ALL;

    @BeforeAll
    void prepare() {
        trials = new Trials(directory);
        logged = LOG.getLevel();
        LOG.setLevel(Level.OFF); // each failure is logged, as it should be
    }

    @AfterAll
    void report() throws Exception {
        LOG.setLevel(logged);
        trials.awaitCollected();
        System.out.println("FailTheNthTest " + trials);
        boolean ring = ways().getFirst().startsWith("URING");
        boolean all = trials.scenes() == operations().count() + engines().count() + ALLOCATORS;
        if (all && ring && ONLY.isEmpty()) {
            Set<Point> never = EnumSet.complementOf(EnumSet.copyOf(trials.struckAt()));
            never.remove(Point.STATFS_EIO); // asked only of a file that refuses direct I/O
            never.remove(Point.WAITER); // a matter of who is faster
            assertThat(never).as("points at which nothing was let fail").isEmpty();
        }
    }

    private static List<String> ways() {
        return LOADER.make(Ways.class, SCENES + "WaysHere").in(directory);
    }

    /** Each in all ways; in the short form, and where two things fail, in one of them in turns. */
    private static Stream<String> inWays(boolean all) throws ReflectiveOperationException {
        List<String> ways = all ? ways() : ways().subList(0, FULL_WAYS);
        Object[] steps = LOADER.loadClass(SCENES + "CacheStep").getEnumConstants();
        return IntStream.range(0, steps.length * ways.size())
                .filter(i -> all || i % ways.size() == i / ways.size() % ways.size())
                .mapToObj(i -> steps[i / ways.size()] + "/" + ways.get(i % ways.size()))
                .filter(name -> name.startsWith(ONLY));
    }

    static Stream<String> operations() throws ReflectiveOperationException {
        return inWays(LONG);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("operations")
    void shouldKeepItsPromisesWhateverFailsInACache(String operation) throws Exception {
        boolean full = ways().subList(0, FULL_WAYS).stream().anyMatch(operation::endsWith);
        int steps = full ? Trials.STEPS : Math.min(Trials.STEPS, OTHER_STEPS);
        trials.allOf(operation, () -> scene("CacheScene", operation), steps);
    }

    static Stream<String> longOperations() throws ReflectiveOperationException {
        return LONG ? inWays(false) : Stream.of();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("longOperations")
    void shouldKeepItsPromisesWhateverFailsInACacheAfterAFailure(String operation)
            throws Exception {
        trials.twoOf(operation, () -> scene("CacheScene", operation));
    }

    static Stream<String> engines() {
        return Stream.of(
                        "AUTO/plain",
                        "URING/plain",
                        "URING/registered",
                        "THREAD_POOL/plain",
                        "CHANNEL/plain")
                .filter(name -> name.startsWith(ONLY));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("engines")
    void shouldOpenOrRefuseAndLeakNothingWhateverFailsInAnEngine(String engine) throws Exception {
        assumeTrue(
                !engine.startsWith("URING") || ways().getFirst().startsWith("URING"),
                "io_uring is refused here");
        trials.allOf(engine, () -> scene("EngineScene", engine), Trials.STEPS);
        if (LONG) {
            trials.twoOf(engine, () -> scene("EngineScene", engine));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WANTED", "REQUIRED"})
    void shouldGiveEverythingBackWhateverFailsInAnAllocator(String option) throws Exception {
        assumeTrue(option.startsWith(ONLY), "left out by -Dfaults.only");
        trials.allOf(option, () -> scene("AllocatorScene", option), Trials.STEPS);
        if (LONG) {
            trials.twoOf(option, () -> scene("AllocatorScene", option));
        }
    }

    // ---- canaries

    @Test
    void shouldHaveWovenEveryMethodThatItNames() throws Exception {
        Scene scene = scene("CacheScene", "FAULT/THREAD_POOL/buffered");
        trials.one("survey", scene, Plan.survey());
        LOADER.loadClass("dev.quire.aio.os.Uring");
        LOADER.loadClass("dev.quire.allocator.FrameSupply");
        assertThat(LOADER.missing()).as("renamed").isEmpty();
    }

    @Test
    void shouldNoticeAWriteThatOnlySaysThatItWrote() {
        Scene scene = scene("CacheScene", "SYNC_RANGE/THREAD_POOL/buffered");
        assertThatThrownBy(() -> trials.one("liar", scene, Plan.lying(Point.PWRITE_EIO)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("version of page 4");
    }

    @Test
    void shouldNoticeADescriptorThatIsNotClosed() {
        Scene scene = scene("EngineScene", "THREAD_POOL/plain");
        assertThatThrownBy(() -> trials.one("leak", scene, Plan.lying(Point.CLOSE_EIO)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("open: fd=");
    }

    @ParameterizedTest
    @CsvSource({"MADVISE_ENOMEM, WANTED, not given back: ", "MUNLOCK_ENOMEM, REQUIRED, locked: "})
    void shouldNoticeMemoryThatIsKept(Point point, String option, String message) {
        Scene scene = scene("AllocatorScene", option);
        assertThatThrownBy(() -> trials.one("keeps", scene, Plan.lying(point)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldNoticeAnArenaThatIsNotClosed() {
        Scene scene = scene("LeakingScene", "ARENA");
        assertThatThrownBy(() -> trials.one("leak", scene, Plan.survey()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("by woven//dev.quire.faults.scene.LeakingScene");
    }

    @Test
    void shouldNoticeMemoryThatIsReachable() throws Exception {
        Scene scene = scene("LeakingScene", "MEMORY");
        trials.one("reachable", scene, Plan.survey());
        System.gc();
        assertThat(Resources.uncollected()).anyMatch(range -> range.contains("reachable"));
        scene.abandon();
    }

    @Test
    void shouldNoticeAnOperationThatSwallowsItsFailure() {
        Scene honest = scene("CacheScene", "WRITE_UNCACHED/THREAD_POOL/buffered");
        assertThatThrownBy(
                        () ->
                                trials.one(
                                        "swallows",
                                        new Swallowing(honest),
                                        Plan.once(Point.PREAD_EIO, 1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("version of page 10");
    }

    @Test
    void shouldNoticeAFailureThatDoesNotSayWhatFailed() {
        Scene honest = scene("CacheScene", "WRITE_UNCACHED/THREAD_POOL/buffered");
        assertThatThrownBy(
                        () ->
                                trials.one(
                                        "mumbles",
                                        new Mumbling(honest),
                                        Plan.once(Point.PREAD_EIO, 1)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not what failed");
    }

    /** Says that it is done, whatever came of it. */
    private static class Swallowing implements Scene {
        private final Scene honest;

        Swallowing(Scene honest) {
            this.honest = honest;
        }

        @Override
        public void prepare(Path directory) throws Exception {
            honest.prepare(directory);
        }

        @Override
        public void act() throws Exception {
            try {
                honest.act();
            } catch (RuntimeException e) {
                swallow(e);
            }
        }

        void swallow(RuntimeException e) {
            assertThat(e).isNotNull();
        }

        @Override
        public void check(boolean acknowledged) throws Exception {
            honest.check(acknowledged);
        }

        @Override
        public void actAgain() throws Exception {
            honest.actAgain();
        }

        @Override
        public void finish() throws Exception {
            honest.finish();
        }

        @Override
        public void abandon() {
            honest.abandon();
        }
    }

    private static final class Mumbling extends Swallowing {
        Mumbling(Scene honest) {
            super(honest);
        }

        @Override
        void swallow(RuntimeException e) {
            throw new IllegalStateException("something failed");
        }
    }

    private static Scene scene(String type, String words) {
        return LOADER.make(Scene.class, SCENES + type, words);
    }
}
