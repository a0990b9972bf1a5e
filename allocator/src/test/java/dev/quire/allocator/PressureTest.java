package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/** Watermarks, the reserve, and the shrinker. */
class PressureTest extends AllocatorFixture {
    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicInteger runs = new AtomicInteger();

    /** A cache that gives up what it holds, one frame at a time. */
    private final class Hoard implements Shrinker {
        final PageAllocator allocator;
        final Deque<Integer> held = new ArrayDeque<>();

        Hoard(PageAllocator allocator) {
            this.allocator = allocator;
        }

        @Override
        public void wake() {
            wakes.incrementAndGet();
        }

        @Override
        public int reclaim(int frames, AllocContext context) {
            runs.incrementAndGet();
            Integer frame = held.poll();
            if (frame == null) {
                return 0;
            }
            allocator.put(frame);
            return 1;
        }
    }

    private static Shrinker reclaiming(IntUnaryOperator reclaim) {
        return new Shrinker() {
            @Override
            public void wake() {}

            @Override
            public int reclaim(int frames, AllocContext context) {
                return reclaim.applyAsInt(frames);
            }
        };
    }

    @Test
    void shouldKeepTheReserveForThoseWhoMayTakeIt() {
        PageAllocator allocator = create(config(16).watermarksFrames(4, 6, 8));
        int[] frames = new int[16];
        assertThat(allocator.allocateBatch(frames, 0, 16)).isEqualTo(12);
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        assertThatThrownBy(() -> allocator.allocate(0)).isInstanceOf(OutOfFramesException.class);
        for (int i = 12; i < 16; i++) {
            frames[i] = allocator.tryAllocate(0, AllocContext.RESERVE);
            assertThat(frames[i]).isNotEqualTo(NO_FRAME);
        }
        assertThat(allocator.tryAllocate(0, AllocContext.RESERVE)).isEqualTo(NO_FRAME);
        allocator.putBatch(frames, 0, 16);
    }

    @Test
    void shouldKeepTheDefaultReserveOnlyWhileThereIsAShrinker() {
        PageAllocator allocator = create(64);
        assertThat(allocator.stats().reserveFrames()).isZero();
        int[] frames = new int[64];
        assertThat(allocator.allocateBatch(frames, 0, 64)).isEqualTo(64);
        allocator.putBatch(frames, 0, 64);
        allocator.shrinker(new Hoard(allocator));
        assertThat(allocator.stats().reserveFrames()).isEqualTo(1);
        assertThat(allocator.allocateBatch(frames, 0, 64)).isEqualTo(63);
        allocator.putBatch(frames, 0, 63);
    }

    @Test
    void shouldWakeTheShrinkerBelowLowAndReclaimOnlyWhenNothingIsLeft() {
        PageAllocator allocator = create(config(16).watermarksFrames(2, 4, 8));
        Hoard hoard = new Hoard(allocator);
        allocator.shrinker(hoard);
        for (int i = 0; i < 12; i++) {
            hoard.held.add(allocator.allocate(0));
        }
        assertThat(wakes).hasValue(0);
        assertThat(allocator.belowLow()).isFalse();
        assertThat(allocator.belowHigh()).isTrue();
        hoard.held.add(allocator.allocate(0));
        assertThat(wakes).hasValue(1);
        assertThat(allocator.belowLow()).isTrue();
        hoard.held.add(allocator.allocate(0));
        assertThat(runs).hasValue(0);
        int frame = allocator.allocate(0);
        assertThat(runs).as("direct reclaim").hasValue(1);
        assertThat(allocator.freeFrames()).as("the reserve is whole").isEqualTo(2);
        allocator.put(frame);
        while (hoard.reclaim(1, AllocContext.NORMAL) > 0) {}
    }

    @Test
    void shouldReclaimUntilABlockOfTheOrderHasFormed() {
        PageAllocator allocator = create(config(16).watermarksFrames(0, 0, 0));
        Hoard hoard = new Hoard(allocator);
        allocator.shrinker(hoard);
        for (int i = 0; i < 16; i++) {
            hoard.held.add(allocator.allocate(0));
        }
        int block = allocator.allocate(3);
        assertThat(runs).hasValue(8);
        assertThat(allocator.order(block)).isEqualTo(3);
        allocator.put(block);
        while (hoard.reclaim(1, AllocContext.NORMAL) > 0) {}
    }

    @Test
    void shouldGiveUpAfterABoundedNumberOfRoundsWithoutProgress() {
        PageAllocator allocator = create(1);
        allocator.shrinker(
                reclaiming(
                        frames -> {
                            runs.incrementAndGet();
                            return 0;
                        }));
        int frame = allocator.allocate(0);
        assertThatThrownBy(() -> allocator.allocate(0)).isInstanceOf(OutOfFramesException.class);
        assertThat(runs).hasValue(PageAllocator.RECLAIM_ROUNDS_MAX);
        assertThat(allocator.stats().shrinkerRuns()).isEqualTo(PageAllocator.RECLAIM_ROUNDS_MAX);
        allocator.put(frame);
    }

    @Test
    void shouldGiveUpOnAShrinkerThatOnlyClaimsToFree() {
        PageAllocator allocator = create(1);
        allocator.shrinker(reclaiming(frames -> 1));
        int frame = allocator.allocate(0);
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(OutOfFramesException.class)
                .hasMessageContaining("reclaimedFrames=4096");
        allocator.put(frame);
    }

    @Test
    void shouldContainAShrinkerThatThrowsAndNameItAsTheCause() {
        PageAllocator allocator = create(1);
        allocator.shrinker(
                new Shrinker() {
                    @Override
                    public void wake() {
                        throw new IllegalArgumentException("from wake");
                    }

                    @Override
                    public int reclaim(int frames, AllocContext context) {
                        throw new AssertionError("from reclaim");
                    }
                });
        int frame = allocator.allocate(0);
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(OutOfFramesException.class)
                .hasRootCauseMessage("from reclaim");
        assertThat(allocator.tryAllocate(0)).isEqualTo(NO_FRAME);
        assertThat(allocator.stats().shrinkerFailures())
                .isGreaterThanOrEqualTo(PageAllocator.RECLAIM_ROUNDS_MAX);
        allocator.put(frame);
    }

    @Test
    void shouldNotReenterTheShrinkerButLetItUseTheReserve() {
        PageAllocator allocator = create(config(8).watermarksFrames(2, 2, 2));
        AtomicInteger depth = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        int[] taken = new int[8];
        assertThat(allocator.allocateBatch(taken, 0, 6)).isEqualTo(6);
        allocator.shrinker(
                reclaiming(
                        wanted -> {
                            deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                            int first = allocator.allocate(0); // the reserve
                            int second = allocator.allocate(0);
                            assertThatThrownBy(() -> allocator.allocate(0))
                                    .isInstanceOf(OutOfFramesException.class);
                            allocator.put(first);
                            allocator.put(second);
                            allocator.put(taken[0]);
                            depth.decrementAndGet();
                            return 1;
                        }));
        taken[0] = allocator.allocate(0);
        assertThat(deepest).hasValue(1);
        allocator.putBatch(taken, 0, 6);
    }

    @Test
    void shouldHaveOneShrinker() {
        PageAllocator allocator = create(8);
        allocator.shrinker(new Hoard(allocator));
        assertThatThrownBy(() -> allocator.shrinker(new Hoard(allocator)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("an allocator has one shrinker");
    }

    @ParameterizedTest
    @CsvSource({
        // frames, page bytes, min, low, high
        "1, 4096, 0, 1, 1",
        "2, 4096, 0, 1, 2",
        "16, 4096, 1, 2, 3",
        "64, 4096, 1, 2, 3",
        "512, 4096, 4, 6, 8",
        "1024, 4096, 4, 6, 8",
        "65536, 4096, 128, 256, 384", // 256 MiB
        "262144, 4096, 512, 1024, 1536", // 1 GiB
        "16384, 65536, 32, 64, 96", // 1 GiB
        "1073741824, 65536, 4096, 2101248, 4198400", // 64 TiB
    })
    void shouldScaleWatermarksWithTheCapacity(
            int frames, int pageBytes, int min, int low, int high) {
        assertThat(Watermarks.scaled(frames, pageBytes))
                .isEqualTo(new Watermarks(min, low, high, false));
    }

    // ---- earlier, and fewer

    @Test
    void shouldWakeEarlierAndRunFurtherWhenToldTo() {
        PageAllocator allocator = create(config(64).watermarksFrames(2, 8, 16));
        int[] frames = new int[44];
        allocator.allocateBatch(frames, 0, 44);
        assertThat(allocator.belowLow()).as("20 are free").isFalse();
        allocator.reclaimAhead(13);
        assertThat(allocator.belowLow()).isTrue();
        allocator.reclaimAhead(3);
        assertThat(allocator.belowLow()).isFalse();
        assertThat(allocator.belowHigh()).as("20 below 16 + 2 * 3").isTrue();
        allocator.reclaimAhead(0);
        assertThat(allocator.belowHigh()).isFalse();
        assertThatThrownBy(() -> allocator.reclaimAhead(-1)).hasMessageContaining("frames=-1");
        allocator.putBatch(frames, 0, 44);
    }

    @Test
    void shouldLetNoMoreFramesBeUsedThanTheLimit() {
        PageAllocator allocator = create(config(64).watermarksFrames(2, 3, 4));
        allocator.limitFrames(20);
        assertThat(allocator.limitFrames()).isEqualTo(20);
        assertThat(allocator.stats().withheldFrames()).isEqualTo(44);
        int[] frames = new int[64];
        assertThat(allocator.allocateBatch(frames, 0, 64)).isEqualTo(18);
        for (int i = 18; i < 20; i++) {
            frames[i] = allocator.tryAllocate(0, AllocContext.RESERVE);
            assertThat(frames[i]).isNotEqualTo(NO_FRAME);
        }
        assertThat(allocator.tryAllocate(0, AllocContext.RESERVE))
                .as("the reserve is not larger by it")
                .isEqualTo(NO_FRAME);
        assertThatThrownBy(() -> allocator.allocate(0)).hasMessageContaining("withheldFrames=44");
        allocator.limitFrames(64);
        assertThat(allocator.allocateBatch(frames, 20, 44)).isEqualTo(42);
        allocator.putBatch(frames, 0, 62);
    }

    @Test
    void shouldWakeTheShrinkerWhenMoreIsUsedThanTheLimit() {
        PageAllocator allocator = create(config(64).watermarksFrames(1, 2, 3));
        Hoard hoard = new Hoard(allocator);
        allocator.shrinker(hoard);
        for (int i = 0; i < 40; i++) {
            hoard.held.add(allocator.allocate(0));
        }
        assertThat(wakes).hasValue(0);
        allocator.limitFrames(30);
        assertThat(wakes).hasValue(1);
        int frame = allocator.allocate(0);
        assertThat(hoard.held).as("reclaimed for it: 30 without the reserve").hasSize(28);
        allocator.put(frame);
        hoard.held.forEach(allocator::put);
    }

    @Test
    void shouldScaleTheWatermarksWithTheLimit() {
        PageAllocator allocator = create(config(1 << 14));
        allocator.shrinker(reclaiming(frames -> 0));
        int reserve = allocator.stats().reserveFrames();
        allocator.limitFrames(64);
        assertThat(allocator.stats().reserveFrames()).isPositive().isLessThan(reserve);
        allocator.limitFrames(1 << 14);
        assertThat(allocator.stats().reserveFrames()).isEqualTo(reserve);
    }

    @Test
    void shouldRefuseALimitThatLeavesNothing() {
        PageAllocator allocator = create(config(64).watermarksFrames(2, 8, 16));
        for (int frames : new int[] {16, 0, -1, 65}) {
            assertThatThrownBy(() -> allocator.limitFrames(frames))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("17..64: frames=" + frames);
        }
        allocator.limitFrames(17);
    }

    @Test
    void shouldSayWhoHoldsFrames() {
        PageAllocator allocator = create(config(16).watermarksFrames(0, 0, 0));
        allocator.shrinker(
                new Shrinker() {
                    @Override
                    public void wake() {}

                    @Override
                    public int reclaim(int frames, AllocContext context) {
                        return 0;
                    }

                    @Override
                    public String holders() {
                        return "\n  somebody holds 16";
                    }
                });
        int[] frames = new int[16];
        allocator.allocateBatch(frames, 0, 16);
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(OutOfFramesException.class)
                .hasMessageContaining("reclaimedFrames=0\n  somebody holds 16");
        allocator.putBatch(frames, 0, 16);
    }
}
