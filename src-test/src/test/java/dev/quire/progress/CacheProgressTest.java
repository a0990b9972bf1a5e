package dev.quire.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.PageCache;
import dev.quire.progress.scene.CacheScene;
import dev.quire.progress.scene.CacheTwins;
import dev.quire.weave.Site;
import dev.quire.weave.WovenLoader;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whoever is held up for good in the page cache, at whatever update of whatever is shared, in
 * reads, writes, faults, write-back, reclaim, relocation, cuts and drops: others hit, pin, write,
 * fault and complete every other page, also while the lists of the policy are his.
 *
 * <p>{@code -Dprogress.cache.rounds=N} for more, {@code -Dprogress.cache.targets=N} to hold
 * somebody up at every point, {@code -Dprogress.list=true} to be told at which nobody was, {@code
 * -Dseed=N} for the same.
 */
class CacheProgressTest {
    private static final int ROUNDS = Integer.getInteger("progress.cache.rounds", 25);
    private static final int TARGETS = Integer.getInteger("progress.cache.targets", 0);

    /** In the short form each build makes the same run; longer ones look further. */
    private static final long SEED = Long.getLong("seed", TARGETS > 0 ? System.nanoTime() : 1);

    private static final int ACTORS_MAX = 3;

    /** Somebody is held up at least at so many; the same run reaches a few more or less. */
    private static final int POINTS_MIN = 90;

    /** Who wants one of 512 pages whose slots hold nothing, while their memory is given back. */
    private static final String SLOTS = "SlotWindow.make";

    private static final String DROP = "SlotWindow.drop";

    private static final String PAGE = "FrameWaits.await";
    private static final Set<String> TRANSITIONS =
            Set.of("tryTakeLocked", "tryEvict", "tryInvalidate", "migrateLocked", "migrate");

    /** What only one who waits himself may be waited for. */
    private static final Set<String> NEXT_IN_LINE = Set.of(PAGE, "AddressSpace.lockToGrow");

    /** What no actor does: engines, opening and closing, and what is not part of every cache. */
    private static final List<String> ELSEWHERE =
            List.of(
                    "dev\\.quire\\.aio\\..*",
                    "dev\\.quire\\.progress\\..*",
                    "dev\\.quire\\.allocator\\..*", // AllocatorProgressTest
                    "dev\\.quire\\.pagecache\\.(warm|direct)\\..*",
                    "dev\\.quire\\.pagecache\\.lru\\.TwoListLru",
                    "dev\\.quire\\.pagecache\\.space\\.(Direct.*|Image.*|StoreLane|WarmPages)",
                    "dev\\.quire\\.pagecache\\.(SharedFile|.*Channel|FileBytes|FileLocks|OpenFiles)",
                    "dev\\.quire\\.pagecache\\.(CacheClosing|CacheAgents.*|SpillFiles|CursorPool)");

    private final Map<Puppet, String> pages = new HashMap<>();
    private final Map<String, Integer> waits = new TreeMap<>();

    private static Company company(Class<? extends Scene> scene, Company.Judge judge) {
        WovenLoader loader =
                Points.loader("dev.quire.allocator.", "dev.quire.pagecache.", "dev.quire.aio.");
        loader.loadAllBeside(PageAllocator.class);
        loader.loadAllBeside(PageCache.class);
        return new Company(loader, () -> loader.make(Scene.class, scene), judge);
    }

    @Test
    void shouldLetOthersUseEveryOtherPageWhoeverIsHeldUpWherever() {
        Company company = company(CacheScene.class, this::mayWait);
        int all = missed(company).size();
        for (int round = 0; round < ROUNDS; round++) {
            company.play(SEED + round, 1 + round % ACTORS_MAX, -1);
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
        assertThat(missed).as("held up with the lists").noneMatch(CacheProgressTest::hasLists);
        assertThat(all - missed.size()).as("points of %s", all).isGreaterThanOrEqualTo(POINTS_MIN);
    }

    /** Points of what the actors do, of which there are more at each of a lock's ways out. */
    private static List<Site> missed(Company company) {
        return company.missed().stream()
                .filter(site -> ELSEWHERE.stream().noneMatch(site.className()::matches))
                .filter(site -> !site.call().endsWith(".unlock"))
                .filter(site -> !site.method().equals("<init>"))
                .toList();
    }

    private static boolean hasLists(Site site) {
        return site.className().endsWith(".RtqShard") && site.method().equals("claim");
    }

    private boolean mayWait(Probe probe, Puppet other, List<Puppet> held) {
        String at = at(other);
        waits.merge(probe.kind() + ": " + at, 1, Integer::sum);
        pages.put(other, probe.about());
        if (at.equals(PAGE) && isItsTransition(other, held)) {
            return true;
        }
        boolean isItsChunk =
                at.equals(SLOTS) && held.stream().anyMatch(puppet -> isInside(puppet, DROP));
        return switch (probe.kind()) {
            case CacheScene.FAULT,
                    CacheScene.PREFETCH,
                    CacheScene.STREAM,
                    CacheScene.GROW,
                    CacheScene.DROP,
                    Company.CHOOSE ->
                    isItsChunk || nextInLine(at, held);
            default -> false;
        };
    }

    private static boolean nextInLine(String at, List<Puppet> held) {
        return NEXT_IN_LINE.contains(at)
                && held.stream().anyMatch(puppet -> puppet.isWaiting() && at(puppet).equals(SLOTS));
    }

    /** Whoever takes a page out, or moves it, has one; no more pages than that are waited for. */
    private boolean isItsTransition(Puppet other, List<Puppet> held) {
        Set<String> waitedFor = new HashSet<>(Set.of(pages.getOrDefault(other, "")));
        int underWay = 0;
        for (Puppet puppet : held) {
            underWay += puppet.place().stream().anyMatch(CacheProgressTest::takesAPage) ? 1 : 0;
            if (puppet.isWaiting() && at(puppet).equals(PAGE) && pages.containsKey(puppet)) {
                waitedFor.add(pages.getOrDefault(puppet, ""));
            }
        }
        return waitedFor.size() <= underWay;
    }

    private static boolean takesAPage(StackTraceElement element) {
        return TRANSITIONS.contains(element.getMethodName());
    }

    private static boolean isInside(Puppet puppet, String method) {
        return puppet.place().stream().anyMatch(element -> name(element).equals(method));
    }

    /** Class and method in which somebody waits. */
    private static String at(Puppet puppet) {
        List<StackTraceElement> place = puppet.place();
        if (place.isEmpty()) {
            return String.valueOf(puppet.waitsFor());
        }
        return name(place.getFirst());
    }

    private static String name(StackTraceElement element) {
        String name = element.getClassName();
        return name.substring(name.lastIndexOf('.') + 1) + "." + element.getMethodName();
    }

    @Test
    void shouldNoticeALockAroundTheCache() {
        shouldNotice(CacheTwins.Locked.class, "SteppedLock");
    }

    @Test
    void shouldNoticeAFaultThatWaitsForTheLists() {
        shouldNotice(CacheTwins.TwoLists.class, "TwoListLru");
    }

    private void shouldNotice(Class<? extends Scene> twin, String message) {
        Company company = company(twin, this::mayWait);
        assertThatThrownBy(
                        () -> {
                            for (int round = 0; round < 20; round++) {
                                company.play(SEED + round, 1, -1);
                            }
                        })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message)
                .hasMessageContaining("-Dseed=");
    }
}
