package dev.quire.pagecache.reclaim;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.MemoryBacking;
import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.lru.Policies;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.writeback.DirtyLimits;
import dev.quire.pagecache.writeback.Flusher;
import dev.quire.pagecache.writeback.Writeback;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** When the background reclaimer works, and when it gives up; no thread but the test's. */
@ParameterizedClass
@EnumSource(Policies.class)
class ReclaimerTest {
    @Parameter
    @SuppressWarnings("NullAway.Init") // by the test engine
    Policies policy;

    private static final int PAGE_BYTES = 4096;

    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private final Deque<Integer> taken = new ArrayDeque<>();
    private PageAllocator allocator;
    private CacheContext context;
    private AddressSpace space;
    private Reclaimer reclaimer;

    @BeforeEach
    void open() throws IOException {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes(64 * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .watermarksFrames(1, 4, 8)
                                .build());
        context =
                new CacheContext(
                        allocator, policy.over(allocator.frames()), Thread.ofVirtual().factory());
        allocator.onDeferred(context.lru()::removeDeferred);
        backing.truncate(100L * PAGE_BYTES);
        space = AddressSpace.open(context, "reclaimed", backing, false);
        Signal signal = new Signal(1);
        DirtyLimits limits = new DirtyLimits(context, signal, 50, 100, 1);
        Writeback writeback = new Writeback(context, limits);
        Flusher flusher =
                new Flusher(context, writeback, limits, signal, 1L << 50, (what, work) -> 0);
        reclaimer = new Reclaimer(context, flusher, limits, signal, 1);
    }

    @AfterEach
    void close() {
        context.truncation().discard(space);
        taken.forEach(allocator::put);
        allocator.drainDeferred();
        allocator.verify();
        allocator.close();
    }

    /** Takes what is free, for nobody to reclaim. */
    private void takeAll() {
        int frame = allocator.tryAllocate(0);
        while (frame != NO_FRAME) {
            taken.add(frame);
            frame = allocator.tryAllocate(0);
        }
    }

    private long runs() {
        return context.counters().backgroundReclaims.sum();
    }

    private void exhaust() {
        takeAll();
        for (int run = 0; run < 3 * Reclaimer.FRUITLESS_RUNS_MAX; run++) {
            assertThat(reclaimer.doWork()).isZero();
        }
        assertThat(runs()).as("gave up").isEqualTo(Reclaimer.FRUITLESS_RUNS_MAX);
    }

    @Test
    void shouldReclaimFromLowToHigh() {
        for (int page = 0; page < 61; page++) {
            context.faults().fault(space, page);
        }
        takeAll();
        assertThat(allocator.belowLow()).isTrue();
        assertThat(reclaimer.doWork()).isPositive();
        assertThat(allocator.belowHigh()).isFalse();
        assertThat(reclaimer.doWork()).isZero();
        assertThat(runs()).isEqualTo(1);
    }

    @Test
    void shouldGiveUpWhenRunAfterRunFreesNothing() {
        exhaust();
    }

    @Test
    void shouldBeRevivedByOneWhoFoundAFrame() {
        exhaust();
        allocator.put(taken.removeLast());
        context.faults().fault(space, 0);
        assertThat(reclaimer.doWork()).as("nobody knows yet").isZero();
        assertThat(reclaimer.reclaim(1, AllocContext.NORMAL)).isEqualTo(1);
        reclaimer.doWork();
        assertThat(runs()).isEqualTo(Reclaimer.FRUITLESS_RUNS_MAX + 1);
    }

    @Test
    void shouldBeRevivedByWriteBack() {
        exhaust();
        context.counters().pagesWritten.increment();
        reclaimer.doWork();
        assertThat(runs()).isEqualTo(Reclaimer.FRUITLESS_RUNS_MAX + 1);
    }

    @Test
    void shouldBeRevivedByFramesThatAreFreeAgain() {
        exhaust();
        while (allocator.belowLow()) {
            allocator.put(taken.removeLast());
            allocator.drainDeferred();
        }
        assertThat(reclaimer.doWork()).isZero();
        takeAll();
        reclaimer.doWork();
        assertThat(runs()).isEqualTo(Reclaimer.FRUITLESS_RUNS_MAX + 1);
    }
}
