package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.MemoryBacking;
import dev.quire.pagecache.Running;
import dev.quire.pagecache.lru.Policies;
import dev.quire.pagecache.readahead.ReadPattern;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Races below the cursors, where they can be run often. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(Policies.class)
class SpaceRaceTest {
    @Parameter
    @SuppressWarnings("NullAway.Init") // by the test engine
    Policies policy;

    private static final int PAGE_BYTES = 4096;

    private PageAllocator allocator;
    private CacheContext context;

    @BeforeEach
    void open() {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes(64 * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        context =
                new CacheContext(
                        allocator, policy.over(allocator.frames()), Thread.ofVirtual().factory());
        allocator.onDeferred(context.lru()::removeDeferred);
    }

    @AfterEach
    void close() {
        new CacheVerifier(context).verify();
        allocator.drainDeferred();
        allocator.verify();
        assertThat(allocator.freeFrames()).isEqualTo(64);
        allocator.close();
    }

    private AddressSpace space() throws Exception {
        return AddressSpace.open(context, "raced", new MemoryBacking(PAGE_BYTES), false);
    }

    /**
     * Growth looks whether the file is open and inserts its page: close may not pass in between.
     */
    @Test
    void shouldLeaveNoPageBehindWhenGrowthRacesWithClose() throws Exception {
        for (int round = 0; round < 3_000; round++) {
            AddressSpace space = space();
            CyclicBarrier start = new CyclicBarrier(2);
            Running<Boolean> writer =
                    Running.start(
                            () -> {
                                start.await();
                                return grow(space);
                            });
            start.await();
            context.truncation().close(space, s -> {});
            writer.get();
            assertThat(context.counters().cachedPages).as("round %s", round).hasValue(0);
        }
    }

    private boolean grow(AddressSpace space) {
        int frame;
        try {
            frame = context.growth().latchBeyondEnd(space, 3);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("closed");
            return false;
        }
        Chunk chunk = space.translation().findOrMake(3);
        chunk.publish(3, Slot.readable(frame, context.frames().nextVersion(frame)));
        context.endLatch(frame, FrameState::endExclusive);
        return true;
    }

    /** Between a look at a slot and the pin, its frame can go to another page. */
    @Test
    void shouldPinNoOtherPageThatTheFrameHoldsByNow() throws Exception {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.truncate(3 * PAGE_BYTES);
        AddressSpace space = AddressSpace.open(context, "raced", store, false);
        FrameTable frames = context.frames();
        long slot = context.faults().fault(space, 0);
        int frame = Slot.frame(slot);
        Chunk chunk = space.translation().findOrMake(0);
        PageLatches latches = latches(space);
        AtomicBoolean over = new AtomicBoolean();
        Running<Boolean> turning =
                Running.run(
                        () -> {
                            while (!over.get()) {
                                freeze(frame); // evicted
                                chunk.publish(0, Slot.shadow(1));
                                frames.own(frame, space.id(), 2); // another page's
                                frames.unfreeze(frame, 1);
                                freeze(frame); // evicted again
                                frames.own(frame, space.id(), 0);
                                chunk.publish(0, slot);
                                frames.unfreeze(frame, 1);
                            }
                        });
        int pins = 0;
        int wrong = 0;
        try {
            for (int i = 0; i < 20_000_000 && wrong == 0; i++) {
                if (latches.tryPin(chunk.at(0)) != FrameTable.NO_FRAME) {
                    pins++;
                    wrong += frames.page(frame) == 0 ? 0 : 1;
                    latches.unpin(frame);
                }
            }
        } finally {
            over.set(true);
            turning.get();
        }
        assertThat(wrong).as("pins of another page, of %s", pins).isZero();
        assertThat(pins).isPositive();
        context.truncation().close(space, s -> {});
    }

    private void freeze(int frame) {
        while (!context.frames().tryFreeze(frame, 1, FrameState.BUSY_FOR_EVICTION)) {
            Thread.onSpinWait();
        }
    }

    private PageLatches latches(AddressSpace space) {
        DirtyThrottle unlimited =
                new DirtyThrottle() {
                    @Override
                    public boolean active() {
                        return false;
                    }

                    @Override
                    public boolean wouldStall(AddressSpace of) {
                        return false;
                    }

                    @Override
                    public void beforeDirtying(AddressSpace of) {}

                    @Override
                    public void dirtied() {}
                };
        return new PageLatches(
                space, context, unlimited, true, new ReadPattern(ReadPattern.Order.RANDOM));
    }

    /** A frame can be slept on through a stale slot while it is locked for an insert that fails. */
    @Test
    void shouldWakeWhoSleepsOnAFrameWhoseInsertIsGivenUp() throws Exception {
        AddressSpace space = space();
        Chunk chunk = space.translation().findOrMake(0);
        long taken = Slot.shadow(1);
        chunk.insert(0, Slot.ABSENT, taken);
        int frame = allocator.allocate(0);
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong waits = new AtomicLong();
        Running<Boolean> sleeper =
                Running.run(
                        () -> {
                            while (!done.get()) {
                                context.awaitAny(space, 0, frame, FrameState.LOCKED);
                                waits.incrementAndGet();
                            }
                        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        for (int i = 1; System.nanoTime() - end < 0; i++) {
            context.faults().insertZeroed(space, 0, chunk, Slot.ABSENT, frame); // refused
            if (i % 512 == 0) {
                long before = waits.get();
                Running.until("the sleeper goes on", () -> waits.get() > before);
            }
        }
        done.set(true);
        sleeper.get();
        allocator.put(frame);
        chunk.clear(0, taken);
        space.translation().dropIfEmpty(chunk);
        context.spaces().remove(space);
    }
}
