package dev.quire.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.bench.reference.ReferencePolicy;
import dev.quire.bench.trace.Trace;

import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Traces through the real page cache. */
final class CacheReplayTest {
    private static final long SEED = Long.getLong("seed", 20261121);

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldMissOnlyFirstAccessesWhenEverythingFits(CachePolicy policy) throws IOException {
        Trace trace = skewed(50_000, 700);

        // The free reserve is a part of the frames.
        ReplayResult result = replay(trace, policy, 1024, 1);

        assertThat(result.hits()).isEqualTo(trace.accesses() - trace.pageCount());
        assertThat(result.misses()).isEqualTo(trace.pageCount());
    }

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldMissEveryPageOfAScan(CachePolicy policy) throws IOException {
        Trace scan = Trace.of("scan", LongStream.range(0, 20_000).toArray());

        assertThat(replay(scan, policy, 512, 1).hits()).isZero();
        assertThat(replay(scan, policy, 64, 4).hits()).isZero();
    }

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldCountTheSameHitsEachTimeWithOneThread(CachePolicy policy) throws IOException {
        Trace trace = skewed(100_000, 5000);

        long hits = replay(trace, policy, 500, 1).hits();

        assertThat(replay(trace, policy, 500, 1).hits()).isEqualTo(hits);
    }

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldHoldNoMoreThanItsFrames(CachePolicy policy) throws IOException {
        Trace trace = skewed(100_000, 5000);
        for (int frames : new int[] {FrameCount.MIN, 100, 1000}) {
            long optimum = ReplayResult.of(trace, ReferencePolicy.BELADY, frames).hits();
            long hits = replay(trace, policy, frames, 1).hits();

            assertThat(hits).as("%d frames", frames).isPositive().isLessThanOrEqualTo(optimum);
        }
    }

    @ParameterizedTest
    @EnumSource(CachePolicy.class)
    void shouldHardlyDependOnHowManyThreadsInterleaveATrace(CachePolicy policy) throws IOException {
        Trace trace = skewed(300_000, 10_000);

        double one = replay(trace, policy, 1023, 1).hitRatio();

        assertThat(replay(trace, policy, 1023, 4).hitRatio()).isCloseTo(one, Offset.offset(0.005));
    }

    private static ReplayResult replay(Trace trace, CachePolicy policy, int frames, int threads)
            throws IOException {
        return new CacheReplay(trace, policy, frames, threads).run();
    }

    /** Few pages are asked for often. */
    private static Trace skewed(int accesses, int pages) {
        SplittableRandom random = new SplittableRandom(SEED);
        return Trace.of(
                "skewed",
                LongStream.generate(() -> (long) (pages * Math.pow(random.nextDouble(), 3)))
                        .limit(accesses)
                        .toArray());
    }
}
