package dev.quire.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.space.Chunk;
import dev.quire.progress.scene.CacheScene;
import dev.quire.progress.scene.CacheTwins;
import dev.quire.progress.scene.SlotsScene;
import dev.quire.weave.Site;
import dev.quire.weave.WovenLoader;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Whoever is held up for good in the page cache, at whatever update of whatever is shared, in
 * reads, writes, faults, write-back, reclaim, relocation, cuts and drops: others hit, pin, write,
 * fault and complete every other page, also while the lists of the policy are his.
 *
 * <p>{@code -Dprogress.cache.rounds=N} for more, {@code -Dprogress.cache.targets=N} to hold
 * somebody up at every point, {@code -Dprogress.list=true} to be told at which nobody was, {@code
 * -Dseed=N} for the same; and what a failure says, to play that once more, see {@link Replay}.
 */
class CacheProgressTest {
    private static final int ROUNDS_USUALLY = 25;
    private static final int ROUNDS = Integer.getInteger("progress.cache.rounds", ROUNDS_USUALLY);
    private static final int TARGETS = Integer.getInteger("progress.cache.targets", 0);

    /** In the short form each build makes the same run; longer ones look further. */
    private static final long SEED = Long.getLong("seed", TARGETS > 0 ? System.nanoTime() : 1);

    /** Of plays in which something has to happen: that a twin is noticed, say. */
    private static final long SEED_CHOSEN = 1;

    /** To be played, and nothing else. */
    private static final @Nullable Replay ASKED = Replay.asked();

    private static final int ACTORS_MAX = 3;

    /** Somebody is held up at least at so many; the same run reaches a few more or less. */
    private static final int POINTS_MIN = 90;

    /** Takes the lock of a file's size. */
    private static final String GROW = "AddressSpace.lockToGrow";

    /** What needs the slot of a page that is not cached. */
    private static final Set<String> NEED_SLOTS =
            Set.of(CacheScene.FAULT, CacheScene.STREAM, CacheScene.GROW, CacheScene.DROP);

    /** So many tries for each point at which somebody has to be held up. */
    private static final int TARGETED_MAX = 200;

    /** Updates by who gives slots back. */
    private static final Set<String> GIVE_SLOTS_BACK =
            Set.of("SlotWindow.drop", "SlotMemory.giveBack", "ChunkDirectory.remove");

    private static final int ROUNDS_OF_SLOTS = 10;

    /** What no actor does: engines, opening and closing, and what is not part of every cache. */
    private static final List<String> ELSEWHERE =
            List.of(
                    "dev\\.quire\\.aio\\..*",
                    "dev\\.quire\\.progress\\..*",
                    "dev\\.quire\\.allocator\\.(?!frame\\.FrameTable$).*", // AllocatorProgressTest
                    "dev\\.quire\\.pagecache\\.(warm|direct)\\..*",
                    "dev\\.quire\\.pagecache\\.lru\\.TwoListLru",
                    "dev\\.quire\\.pagecache\\.space\\.(Direct.*|Image.*|StoreLane|WarmPages)",
                    "dev\\.quire\\.pagecache\\.(SharedFile|.*Channel|FileBytes|FileLocks|OpenFiles)",
                    "dev\\.quire\\.pagecache\\.(CacheClosing|CacheAgents.*|SpillFiles|CursorPool)");

    private final Map<String, Integer> waits = new TreeMap<>();

    private static Company company(Class<? extends Scene> scene, Company.Judge judge) {
        WovenLoader loader =
                Points.loader("dev.quire.allocator.", "dev.quire.pagecache.", "dev.quire.aio.");
        loader.loadAllBeside(PageAllocator.class);
        loader.loadAllBeside(PageCache.class);
        assertThat(loader.missing()).as("renamed").isEmpty();
        return new Company(loader, () -> loader.make(Scene.class, scene), judge);
    }

    @Test
    void shouldLetOthersUseEveryOtherPageWhoeverIsHeldUpWherever() {
        Company company = company(CacheScene.class, this::mayWait);
        if (ASKED != null) {
            company.play(ASKED);
            return;
        }
        int all = missed(company).size();
        for (int round = 0; round < ROUNDS; round++) {
            company.play(SEED + round, 1 + round % ACTORS_MAX, -1);
        }
        for (int again = 0; again < TARGETED_MAX; again++) {
            for (Site site :
                    missed(company).stream().filter(CacheProgressTest::isRequired).toList()) {
                company.play(SEED + again, 1 + again % ACTORS_MAX, site.number());
            }
        }
        for (int again = 0; again < TARGETS; again++) {
            for (Site site : missed(company)) {
                company.play(SEED + again, 1 + again % ACTORS_MAX, site.number());
            }
        }
        List<Site> missed = missed(company);
        System.out.printf(
                Locale.ROOT,
                "progress of the page cache: seed=%d, %d checks, held up at %d of %d points,"
                        + " waits=%s%n",
                SEED,
                company.checks(),
                all - missed.size(),
                all,
                waits);
        if (Boolean.getBoolean("progress.list")) {
            missed.forEach(site -> System.out.println("  nobody was held up at " + site));
        }
        assertThat(missed).as("where somebody has to be").noneMatch(CacheProgressTest::isRequired);
        if (ROUNDS >= ROUNDS_USUALLY) {
            assertThat(all - missed.size())
                    .as("points of %s", all)
                    .isGreaterThanOrEqualTo(POINTS_MIN);
        }
    }

    /** Points of what the actors do, of which there are more at each of a lock's ways out. */
    private static List<Site> missed(Company company) {
        return company.missed().stream()
                .filter(site -> ELSEWHERE.stream().noneMatch(site.className()::matches))
                .filter(site -> !site.call().endsWith(".unlock"))
                .filter(site -> !site.method().equals("<init>"))
                .toList();
    }

    /** With the lists, and in what {@link AllocatorProgressTest} leaves to this. */
    private static boolean isRequired(Site site) {
        return site.simpleName().equals("RtqShard.claim")
                || site.place().matches(AllocatorProgressTest.CACHES);
    }

    /** For a page only of who has it, for slots only of who gives them back. */
    private boolean mayWait(Probe probe, Puppet other, List<Puppet> held) {
        String at = other.method();
        waits.merge(probe.kind() + ": " + at, 1, Integer::sum);
        return switch (at) {
            case Points.SLEEP -> isForItsPage(probe, other) && isForATransition(other, held);
            case Points.MAKE_SLOTS ->
                    NEED_SLOTS.contains(probe.kind()) && isForSlotsOfOneOf(other, held);
            case GROW -> probe.kind().equals(CacheScene.GROW) && isNextInLine(other, held);
            default -> false;
        };
    }

    private static boolean isForItsPage(Probe probe, Puppet other) {
        return other.call(Points.WAIT)
                .filter(page -> probe.isAbout(page.about(), page.number()))
                .isPresent();
    }

    /** Whether the frame that somebody waits for is the one that a held one takes, or moves. */
    private static boolean isForATransition(Puppet other, List<Puppet> held) {
        return other.call(Points.SLEEP).stream()
                .anyMatch(
                        sleep ->
                                held.stream()
                                        .flatMap(CacheProgressTest::framesInTransition)
                                        .anyMatch(frame -> frame == sleep.number()));
    }

    private static Stream<Long> framesInTransition(Puppet puppet) {
        return Points.TRANSITIONS.keySet().stream()
                .flatMap(method -> puppet.call(method).stream())
                .map(Puppet.Call::number);
    }

    private static boolean isForSlotsOfOneOf(Puppet other, List<Puppet> held) {
        return held.stream()
                .anyMatch(
                        puppet ->
                                puppet.isInside(Points.DROP_SLOTS)
                                        && slots(puppet, Points.DROP_SLOTS)
                                                .equals(slots(other, Points.MAKE_SLOTS)));
    }

    /** The 512 slots that a method is about, by their number in their window. */
    private static Optional<Puppet.Call> slots(Puppet puppet, String method) {
        return puppet.call(method)
                .map(call -> new Puppet.Call(call.about(), call.number() >>> Chunk.SHIFT));
    }

    /** Who makes a file longer waits for another one who does, and who waits for slots himself. */
    private static boolean isNextInLine(Puppet other, List<Puppet> held) {
        return held.stream()
                .anyMatch(
                        puppet ->
                                other.isWaitingForALockOf(puppet)
                                        && puppet.isWaiting()
                                        && isForSlotsOfOneOf(puppet, held));
    }

    /** All but those 512 pages: what is read ahead, or before it is wanted, is left out of them. */
    @Test
    void shouldLetOthersUseEveryPageButThoseWhoseSlotsAreGivenBack() {
        Company company = company(SlotsScene.class, this::mayWait);
        if (ASKED != null) {
            company.play(ASKED);
            return;
        }
        for (int round = 0; round < ROUNDS_OF_SLOTS; round++) {
            for (Site site : company.missed()) {
                if (GIVE_SLOTS_BACK.contains(site.simpleName())) {
                    company.play(SEED_CHOSEN + round, 1, site.number());
                }
            }
        }
        assertThat(company.missed())
                .extracting(Site::simpleName)
                .doesNotContainAnyElementsOf(GIVE_SLOTS_BACK);
        assertThat(waits).containsKey(CacheScene.FAULT + ": " + Points.MAKE_SLOTS);
    }

    @Test
    void shouldNoticeALockAroundTheCache() {
        shouldNotice(CacheTwins.Locked.class, "SteppedLock");
    }

    @Test
    void shouldNoticeAFaultThatWaitsForTheLists() {
        shouldNotice(CacheTwins.TwoLists.class, "TwoListLru");
    }

    /** A page moves, but another one is waited for, which is latched. */
    @Test
    void shouldNoticeAWaitForAPageThatNobodyMoves() {
        Company.Judge whileOneMoves =
                (probe, other, held) ->
                        isForATransition(other, held)
                                || held.stream()
                                        .flatMap(CacheProgressTest::framesInTransition)
                                        .findAny()
                                        .isEmpty();
        assertThat(failure(CacheTwins.LatchedPages.class, whileOneMoves, 2))
                .contains("hit of ")
                .contains("Relocation.migrate")
                .contains("awaitAny");
    }

    /** The page that is waited for moves, but is not the one that is read. */
    @Test
    void shouldNoticeAHitThatWaitsForAnotherPage() {
        Company.Judge forOneThatMoves =
                (probe, other, held) ->
                        mayWait(probe, other, held) || !isForATransition(other, held);
        assertThat(failure(CacheTwins.OtherPages.class, forOneThatMoves, 1))
                .contains("hit of ")
                .contains("Relocation.migrate")
                .contains("awaitAny");
    }

    @Test
    void shouldFailAgainAsAFailureSays() {
        String first = failure(CacheTwins.OtherPages.class, this::mayWait, 1);
        Replay printed = Objects.requireNonNull(Replay.printed(first));
        Company company = company(CacheTwins.OtherPages.class, this::mayWait);
        assertThat(failure(() -> company.play(printed))).isEqualTo(first);
    }

    private void shouldNotice(Class<? extends Scene> twin, String message) {
        assertThat(failure(twin, this::mayWait, 1)).contains(message).contains("-Dseed=");
    }

    /** What a twin is told of that fails in one of some plays. */
    private static String failure(Class<? extends Scene> twin, Company.Judge judge, int actors) {
        Company company = company(twin, judge);
        return failure(
                () -> {
                    for (int round = 0; round < 20; round++) {
                        company.play(SEED_CHOSEN + round, actors, -1);
                    }
                });
    }

    private static String failure(ThrowingCallable plays) {
        Throwable failure = catchThrowable(plays);
        assertThat(failure).isInstanceOf(AssertionError.class);
        return Objects.requireNonNull(failure.getMessage());
    }
}
