package dev.quire.pagecache.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.MemoryBacking;
import dev.quire.pagecache.lru.Policies;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.CacheVerifier;
import dev.quire.pagecache.space.Chunk;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

/** Which pages a scan takes, and what it does with the others; no thread but the test's. */
@ParameterizedClass
@EnumSource(Policies.class)
class ReclaimScanTest {
    @Parameter
    @SuppressWarnings("NullAway.Init") // by the test engine
    Policies policy;

    private static final int PAGE_BYTES = 4096;

    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private PageAllocator allocator;
    private CacheContext context;
    private AddressSpace space;
    private ReclaimScan scan;

    @BeforeEach
    void open() throws IOException {
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
        backing.truncate(100L * PAGE_BYTES);
        space = AddressSpace.open(context, "scanned", backing, false);
        scan = new ReclaimScan(context);
    }

    @AfterEach
    void close() {
        new CacheVerifier(context).verify();
        context.truncation().discard(space);
        allocator.drainDeferred();
        allocator.verify();
        assertThat(allocator.freeFrames()).isEqualTo(64);
        allocator.close();
    }

    private int bringIn(long page) {
        return Slot.frame(context.faults().fault(space, page));
    }

    private boolean cached(long page) {
        Chunk chunk = space.translation().find(page);
        return chunk != null && Slot.isResident(chunk.slot(Chunk.index(page)));
    }

    @Test
    void shouldTakeCleanUnusedPagesAndLeaveShadows() {
        for (int page = 0; page < 10; page++) {
            bringIn(page);
        }
        assertThat(scan.run(64)).isEqualTo(10);
        assertThat(allocator.freeFrames()).isEqualTo(64);
        assertThat(context.counters().evictions.sum()).isEqualTo(10);
        Chunk chunk = space.translation().findOrMake(0);
        assertThat(Slot.isShadow(chunk.slot(0))).isTrue();
        assertThat(chunk.slot(9)).as("each its own memo").isNotEqualTo(chunk.slot(0));
    }

    @Test
    void shouldStopWhenThereIsEnough() {
        for (int page = 0; page < 50; page++) {
            bringIn(page);
        }
        assertThat(scan.run(1)).isEqualTo(scan.batchFrames());
        assertThat(cached(0)).isFalse();
        assertThat(cached(49)).isTrue();
    }

    @Test
    void shouldTakeUsedPagesLast() {
        int[] frames = new int[41];
        for (int page = 0; page < 41; page++) {
            frames[page] = bringIn(page);
        }
        int unused = frames[5];
        for (int frame : frames) {
            if (frame != unused) {
                context.frames().use(frame);
            }
        }
        int first = scan.run(1);
        assertThat(first).isBetween(1, 20);
        assertThat(cached(5)).isFalse();
        assertThat(context.frames().word(unused)).isZero();
        assertThat(first + scan.run(64)).as("the others, when nothing else is left").isEqualTo(41);
    }

    @Test
    void shouldLeaveDirtyPagesAndSayHowMany() {
        int dirty = bringIn(0);
        bringIn(1);
        context.frames().set(dirty, FrameState.DIRTY);
        context.dirtyMarks().mark(space, space.translation().findOrMake(0), 0, dirty);
        assertThat(scan.run(64)).isEqualTo(1);
        assertThat(scan.dirtySeen()).isPositive();
        assertThat(cached(0)).isTrue();
        assertThat(FrameState.refs(context.frames().word(dirty))).isEqualTo(1);
    }

    @Test
    void shouldLeavePinnedLatchedLockedAndReferencedPages() {
        int pinned = bringIn(0);
        int latched = bringIn(1);
        int locked = bringIn(2);
        int referenced = bringIn(3);
        var frames = context.frames();
        frames.tryPin(pinned);
        frames.update(latched, FrameState::beginExclusive);
        frames.tryLock(locked);
        frames.tryGet(referenced);
        assertThat(scan.run(64)).isZero();
        for (int page = 0; page < 4; page++) {
            assertThat(cached(page)).isTrue();
        }
        assertThat(context.lru().size()).as("all are on a list again").isEqualTo(4);
        allocator.unpin(pinned);
        frames.update(latched, FrameState::endExclusive);
        frames.update(locked, FrameState::unlock);
        allocator.put(referenced);
        assertThat(scan.run(64) + scan.run(64)).isEqualTo(4);
    }

    // S1.4: the last reference of a page goes when it is put back: freed once, on no list.
    // S1.6: until then the batch that holds it keeps it.
    @Test
    void shouldFreeDeferredFrames() {
        int frame = bringIn(0);
        assertThat(frameOf(0)).isEqualTo(frame);
        int[] batch = new int[1];
        assertThat(context.lru().isolate(batch, 1)).isEqualTo(1);
        context.truncation().discard(space); // detaches it: only the isolation's reference is left
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        context.lru().putBack(frame, false);
        allocator.put(frame);
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
        assertThat(scan.run(1)).isEqualTo(1);
        assertThat(allocator.freeFrames()).isEqualTo(64);
        assertThat(context.lru().size()).isZero();
    }

    private int frameOf(long page) {
        return Slot.frame(space.translation().findOrMake(page).slot(Chunk.index(page)));
    }
}
