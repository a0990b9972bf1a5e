package dev.quire.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.bench.trace.Trace;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The simulators against examples worked by hand, and against what is known of them. */
final class ReferenceCacheTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    /** Belady's own string, on which FIFO does worse with more frames. */
    private static final String ANOMALY = "1 2 3 4 1 2 5 1 2 3 4 5";

    /** The one of Silberschatz, Galvin and Gagne, Operating System Concepts. */
    private static final String TEXTBOOK = "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1";

    @ParameterizedTest
    @CsvSource({"3, 10", "4, 8", "5, 5"})
    void shouldMissAsTheTextbookSaysWithStrictLru(int frames, int misses) {
        assertThat(misses(ReferencePolicy.STRICT_LRU, frames, ANOMALY)).isEqualTo(misses);
        assertThat(misses(ReferencePolicy.STRICT_LRU, 3, TEXTBOOK)).isEqualTo(12);
    }

    @ParameterizedTest
    @CsvSource({"3, 7", "4, 6", "5, 5"})
    void shouldMissAsTheTextbookSaysWithBelady(int frames, int misses) {
        assertThat(misses(ReferencePolicy.BELADY, frames, ANOMALY)).isEqualTo(misses);
        assertThat(misses(ReferencePolicy.BELADY, 3, TEXTBOOK)).isEqualTo(9);
    }

    @Test
    void shouldGiveASecondChanceInTheOrderOfArrivalWithClock() {
        // All three are used when 4 comes: the hand clears 1, 2, 3 and takes 1, though 3 was used
        // longest ago.
        assertThat(hits(ReferencePolicy.CLOCK, 3, "1 2 3 3 2 1 4 1 2 4")).isEqualTo("...HHH...H");
        assertThat(hits(ReferencePolicy.STRICT_LRU, 3, "1 2 3 3 2 1 4 1 2 4"))
                .isEqualTo("...HHH.HHH");
    }

    @Test
    void shouldShiftItsTargetByGhostsWithArc() {
        // 2 leaves T1 for B1 when 3 comes; its return makes p = 1, so that 1 leaves T2 for B2; the
        // return of 1 makes p = 0, so that 3 leaves T1; and so on.
        assertThat(hits(ReferencePolicy.ARC, 2, "1 2 1 3 2 1 2 3 2")).isEqualTo("..H...H.H");
    }

    @Test
    void shouldKeepWhatWasUsedTwiceThroughAScanWithArc() {
        LongStream hot = LongStream.range(0, 16).map(i -> i % 8);
        LongStream scan = LongStream.range(100, 1100);
        LongStream again = LongStream.range(0, 8);
        Trace trace =
                Trace.of("scan", LongStream.concat(LongStream.concat(hot, scan), again).toArray());

        assertThat(hits(ReferencePolicy.ARC, 16, trace)).endsWith("HHHHHHHH");
        assertThat(hits(ReferencePolicy.STRICT_LRU, 16, trace)).endsWith("........");
    }

    @Test
    void shouldPromoteWhatWasUsedTwiceOrCameBackWithS3Fifo() {
        // 10 frames, one of them for the small queue. 0 is used twice more and 1 once more; 10
        // sends 0 to the main queue and 1 to the ghosts, whence its return brings it to main. 2
        // had to go for that, comes back and goes to main too. Nothing of that is lost to a scan.
        String filled = "0 1 2 3 4 5 6 7 8 9 0 0 1 10";
        String scan = " 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29";
        assertThat(hits(ReferencePolicy.S3_FIFO, 10, filled + " 0 1 0 1 2 2 3" + scan + " 0 1 2 3"))
                .isEqualTo(".".repeat(10) + "HHH." + "H.HH.H." + ".".repeat(19) + "HHHH");
    }

    @Test
    void shouldForgetGhostsBeyondTheRoomOfTheMainQueueWithS3Fifo() {
        // There are 9 ghosts, 0 the first of them. When 0 comes back after 17, the room for it is
        // made by the ninth; after 18 by the tenth, so that 0 is forgotten, begins anew in the
        // small queue, and is taken by the scan.
        String scan = " 30 31 32 33 34 35 36 37 38 39 40";
        assertThat(hits(ReferencePolicy.S3_FIFO, 10, numbers(0, 17) + " 0" + scan + " 0"))
                .endsWith("H");
        assertThat(hits(ReferencePolicy.S3_FIFO, 10, numbers(0, 18) + " 0" + scan + " 0"))
                .endsWith(".");
    }

    @Test
    void shouldKeepTheOftenUsedThroughAScanWithCaffeine() {
        // More than half of the cache: before that Caffeine does not look at what is used.
        LongStream hot = LongStream.range(0, 6000).map(i -> i % 60);
        LongStream scan = LongStream.range(100, 500);
        LongStream again = LongStream.range(0, 60);
        Trace trace =
                Trace.of("scan", LongStream.concat(LongStream.concat(hot, scan), again).toArray());

        String hits = hits(ReferencePolicy.CAFFEINE, 100, trace);
        assertThat(hits.substring(6400).chars().filter(c -> c == 'H').count()).isGreaterThan(50);
    }

    // ---- what is known of them

    @ParameterizedTest
    @EnumSource(ReferencePolicy.class)
    void shouldMissOnlyFirstAccessesWhenEverythingFits(ReferencePolicy policy) {
        Trace trace = random(new SplittableRandom(SEED), 20_000, 300);
        for (int frames : new int[] {trace.pageCount(), 10_000}) {
            assertThat(misses(policy, frames, trace)).as(replay()).isEqualTo(trace.pageCount());
        }
    }

    @ParameterizedTest
    @EnumSource(ReferencePolicy.class)
    void shouldNeverDoBetterThanTheOptimum(ReferencePolicy policy) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 20; round++) {
            Trace trace = random(random, 2000, 1 + random.nextInt(200));
            for (int frames : new int[] {1, 2, 3, 7, 10, 31, 100}) {
                // It may turn a page away: as if it held one more for as long as that takes.
                int held = policy == ReferencePolicy.CAFFEINE ? frames + 1 : frames;
                assertThat(misses(policy, frames, trace))
                        .as("%s, %d frames, %s", policy, frames, replay())
                        .isGreaterThanOrEqualTo(misses(ReferencePolicy.BELADY, held, trace));
            }
        }
    }

    /** They are stack algorithms: Mattson et al., IBM Systems Journal 1970. */
    @ParameterizedTest
    @EnumSource(
            value = ReferencePolicy.class,
            names = {"STRICT_LRU", "BELADY"})
    void shouldKeepWithMoreFramesAllThatItKeepsWithFewer(ReferencePolicy policy) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 10; round++) {
            Trace trace = random(random, 1000, 60);
            String fewer = hits(policy, 1, trace);
            for (int frames = 2; frames <= 60; frames++) {
                String more = hits(policy, frames, trace);
                for (int at = 0; at < more.length(); at++) {
                    assertThat(fewer.charAt(at) == 'H' && more.charAt(at) != 'H')
                            .as("lost with %d frames at %d, %s", frames, at, replay())
                            .isFalse();
                }
                fewer = more;
            }
        }
    }

    @Test
    void shouldFindTheOptimumOfAllWaysToReplace() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 200; round++) {
            Trace trace = random(random, 20, 7);
            int frames = 1 + random.nextInt(4);
            assertThat(misses(ReferencePolicy.BELADY, frames, trace))
                    .as("%d frames, %s", frames, replay())
                    .isEqualTo(fewestMisses(trace, frames));
        }
    }

    /** Every choice of victims, by sets of cached pages. */
    private static int fewestMisses(Trace trace, int frames) {
        Map<Integer, Integer> missesBySet = Map.of(0, 0);
        for (int at = 0; at < trace.accesses(); at++) {
            int bit = 1 << trace.page(at);
            Map<Integer, Integer> next = new HashMap<>();
            missesBySet.forEach(
                    (set, misses) -> {
                        if ((set & bit) != 0) {
                            next.merge(set, misses, Math::min);
                        } else if (Integer.bitCount(set) < frames) {
                            next.merge(set | bit, misses + 1, Math::min);
                        } else {
                            for (int left = set; left != 0; left &= left - 1) {
                                int victim = Integer.lowestOneBit(left);
                                next.merge((set & ~victim) | bit, misses + 1, Math::min);
                            }
                        }
                    });
            missesBySet = next;
        }
        return missesBySet.values().stream().mapToInt(Integer::intValue).min().orElseThrow();
    }

    // ---- helpers

    private static String replay() {
        return "-Dseed=" + SEED;
    }

    /** Few pages are asked for often. */
    private static Trace random(SplittableRandom random, int accesses, int pages) {
        return Trace.of(
                "random",
                LongStream.generate(() -> (long) (pages * Math.pow(random.nextDouble(), 2)))
                        .limit(accesses)
                        .toArray());
    }

    private static Trace trace(String pages) {
        return Trace.of(
                "by-hand", Arrays.stream(pages.split(" ")).mapToLong(Long::parseLong).toArray());
    }

    private static String numbers(int first, int last) {
        return String.join(
                " ", IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList());
    }

    private static int misses(ReferencePolicy policy, int frames, String pages) {
        return misses(policy, frames, trace(pages));
    }

    private static int misses(ReferencePolicy policy, int frames, Trace trace) {
        return (int) hits(policy, frames, trace).chars().filter(c -> c == '.').count();
    }

    private static String hits(ReferencePolicy policy, int frames, String pages) {
        return hits(policy, frames, trace(pages));
    }

    /** A character an access: H for a hit. */
    private static String hits(ReferencePolicy policy, int frames, Trace trace) {
        ReferenceCache cache = policy.create(frames, trace);
        StringBuilder hits = new StringBuilder();
        for (int at = 0; at < trace.accesses(); at++) {
            hits.append(cache.access(trace.page(at)) ? 'H' : '.');
        }
        return hits.toString();
    }
}
