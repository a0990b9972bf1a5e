package dev.quire.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.quire.allocator.PageAllocator;
import dev.quire.progress.scene.Twins;
import dev.quire.weave.Site;
import dev.quire.weave.WovenLoader;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Whoever is held up for good in the allocator, at whatever update of whatever is shared, one
 * thread, two or three: others allocate and free, in bounded time, all that is not in their hands.
 *
 * <p>{@code -Dprogress.rounds=N} for more, {@code -Dseed=N} for the same; and what a failure says,
 * to play that once more, see {@link Replay}.
 */
class AllocatorProgressTest {
    private static final int ROUNDS_USUALLY = 30;
    private static final int ROUNDS = Integer.getInteger("progress.rounds", ROUNDS_USUALLY);

    /** In the short form each build makes the same run; longer ones look further. */
    private static final long SEED =
            Long.getLong("seed", ROUNDS > ROUNDS_USUALLY ? System.nanoTime() : 1);

    /** To be played, and nothing else. */
    private static final @Nullable Replay ASKED = Replay.asked();

    private static final int ACTORS_MAX = 3;

    /** Some points are seldom reached, such as a steal that meets another one. */
    private static final int TARGETED_MAX = 400;

    private static Company company(Class<? extends Scene> scene) {
        WovenLoader loader = Points.loader("dev.quire.allocator.");
        loader.loadAllBeside(PageAllocator.class);
        return new Company(
                loader, () -> loader.make(Scene.class, scene), (probe, other, held) -> false);
    }

    /** Points that are the page cache's, where {@link CacheProgressTest} holds somebody up. */
    static final String CACHES = "FrameTable.(replace|tryLock|set|clear|unread|uses?|own):.*";

    /** Points that nobody comes to in here, and why. */
    private static final Map<String, String> ELSEWHERE =
            Map.of(
                    ".*<init>.*",
                    "nobody else knows it yet",
                    CACHES,
                    "called by the page cache only: CacheProgressTest",
                    "FrameRelease.(discard|put):.*",
                    "only when a free frame's word was changed",
                    "AllocatorScene.*",
                    "not the allocator");

    @Test
    void shouldLetOthersAllocateAndFreeWhoeverIsHeldUpWherever() {
        Company company = company(Twins.actual());
        if (ASKED != null) {
            company.play(ASKED);
            return;
        }
        int all = missed(company).size();
        for (int round = 0; round < ROUNDS; round++) {
            company.play(SEED + round, 1 + round % ACTORS_MAX, -1);
        }
        for (int again = 0; again < TARGETED_MAX; again++) {
            for (Site site : missed(company)) {
                company.play(SEED + again, 1 + again % ACTORS_MAX, site.number());
            }
        }
        List<Site> missed = missed(company);
        System.out.printf(
                Locale.ROOT,
                "progress of the allocator: seed=%d, %d checks, held up at %d of %d points%n",
                SEED,
                company.checks(),
                all - missed.size(),
                all);
        assertThat(missed).as("points at which nobody was held up").isEmpty();
    }

    private static List<Site> missed(Company company) {
        return company.missed().stream()
                .filter(site -> ELSEWHERE.keySet().stream().noneMatch(site.place()::matches))
                .toList();
    }

    @Test
    void shouldNoticeALock() {
        shouldNotice(Twins.Locked.class, "SteppedLock");
    }

    @Test
    void shouldNoticeASpin() {
        shouldNotice(Twins.Spinning.class, "waits for a spin");
    }

    @Test
    void shouldNoticeASpinThatDoesNotSaySo() {
        shouldNotice(Twins.Busy.class, "goes round and round");
    }

    private static void shouldNotice(Class<? extends Scene> twin, String message) {
        assertThat(failure(twin, -1)).contains(message).contains("-Dseed=");
    }

    /** What a twin is told of that fails in one of some plays. */
    private static String failure(Class<? extends Scene> twin, int target) {
        Company company = company(twin);
        return failure(
                () -> {
                    for (int round = 0; round < 40; round++) {
                        company.play(SEED + round, 1 + round % ACTORS_MAX, target);
                    }
                });
    }

    private static String failure(ThrowingCallable plays) {
        Throwable failure = catchThrowable(plays);
        assertThat(failure).isInstanceOf(AssertionError.class);
        return Objects.requireNonNull(failure.getMessage());
    }

    @Test
    void shouldFailAgainAsAFailureSays() {
        int target = company(Twins.Spinning.class).missed().getLast().number();
        for (int point : new int[] {-1, target}) {
            String first = failure(Twins.Spinning.class, point);
            Replay printed = Objects.requireNonNull(Replay.printed(first));
            assertThat(printed.target().isEmpty()).as(first).isEqualTo(point < 0);
            assertThat(first).endsWith("again: " + printed);
            Company company = company(Twins.Spinning.class);
            assertThat(failure(() -> company.play(printed))).isEqualTo(first);
        }
    }
}
