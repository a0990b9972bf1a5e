package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongUnaryOperator;

/** The three lifetimes of memory under I/O (S0). */
class IoMemoryTest extends AllocatorFixture {
    // ---- pinned

    @Test
    void shouldKeepABlockWhoseSubmitterIsGoneUntilTheIoIsComplete() { // S0.3
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        PinnedMemory memory = IoMemory.pinned(allocator, frame);
        allocator.put(frame);
        int[] others = new int[4];
        assertThat(allocator.allocateBatch(others, 0, 4)).isEqualTo(3);
        assertThat(Arrays.copyOf(others, 3)).as("the others").doesNotContain(frame);
        memory.segment().set(ValueLayout.JAVA_LONG, 0, 42);
        assertThat(memory.close()).isTrue();
        assertThat(allocator.tryAllocate(0)).as("free again, once").isEqualTo(frame);
        assertThat(badPages).isEmpty();
        allocator.put(frame);
        allocator.putBatch(others, 0, 3);
    }

    @Test
    void shouldFindMemoryWithoutAReference() { // S0.5
        PageAllocator allocator = create(16);
        int block = allocator.allocate(2);
        MemorySegment memory = allocator.segment(block);
        int page = allocator.pageBytes();
        assertThat(allocator.unreferencedFrame(memory)).isEqualTo(PageAllocator.NO_FRAME);
        assertThat(allocator.unreferencedFrame(memory.asSlice(page + 8, page)))
                .as("in tails")
                .isEqualTo(PageAllocator.NO_FRAME);
        assertThat(allocator.unreferencedFrame(memory.asSlice(0, 0)))
                .isEqualTo(PageAllocator.NO_FRAME);
        assertThat(allocator.unreferencedFrame(MemorySegment.ofArray(new byte[8])))
                .as("not of the region")
                .isEqualTo(PageAllocator.NO_FRAME);
        allocator.put(block);
        assertThat(allocator.unreferencedFrame(memory)).isEqualTo(block);
        assertThat(allocator.unreferencedFrame(memory.asSlice(page + 8, page)))
                .isEqualTo(block + 1);
        int half = allocator.allocate(1);
        assertThat(half).as("the first half of the same memory").isEqualTo(block);
        assertThat(allocator.unreferencedFrame(memory)).isEqualTo(block + 2);
        allocator.put(half);
    }

    @Test
    void shouldHoldOnePinForEveryFragmentOfThePage() { // S0.7
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        List<IoMemory> fragments =
                List.of(
                        IoMemory.pinned(allocator, allocator.segment(frame).asSlice(0, 512)),
                        IoMemory.pinned(allocator, allocator.segment(frame).asSlice(512, 512)),
                        IoMemory.pinned(allocator, frame));
        assertThat(allocator.pinCount(frame)).isEqualTo(3);
        allocator.put(frame);
        for (int left = 2; left >= 0; left--) {
            assertThat(fragments.get(left).close()).isTrue();
            assertThat(allocator.pinCount(frame)).isEqualTo(left);
        }
        assertThat(allocator.stats().allocatedFrames()).isZero();
    }

    @Test
    void shouldReportASecondCloseAndLeaveThePinOfAnotherFragmentAlone() {
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        IoMemory twice = IoMemory.pinned(allocator, frame);
        IoMemory other = IoMemory.pinned(allocator, frame);
        assertThat(twice.close()).isTrue();
        assertThat(twice.close()).isFalse();
        assertThat(allocator.pinCount(frame)).isEqualTo(1);
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().rule()).isEqualTo("second close of the memory of an I/O");
        assertThat(badPages.getFirst().frame()).isEqualTo(frame);
        assertThat(other.close()).isTrue();
        allocator.put(frame);
    }

    @Test
    void shouldGiveThePinBackOnceWhenThreadsRaceToClose() throws Exception { // S0.4
        int threads = 4;
        PageAllocator allocator = create(4);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 500; round++) {
                int frame = allocator.allocate(0);
                IoMemory memory = IoMemory.pinned(allocator, frame);
                CountDownLatch start = new CountDownLatch(1);
                Callable<Boolean> close =
                        () -> {
                            start.await();
                            return memory.close();
                        };
                List<Future<Boolean>> closes = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    closes.add(pool.submit(close));
                }
                start.countDown();
                int won = 0;
                for (Future<Boolean> outcome : closes) {
                    won += outcome.get() ? 1 : 0;
                }
                assertThat(won).isEqualTo(1);
                assertThat(allocator.refCount(frame)).isEqualTo(1);
                allocator.put(frame);
            }
        }
        assertThat(allocator.stats().badPages()).isEqualTo(500L * (threads - 1));
    }

    @Test
    void shouldNotPinWhatHasNoReferenceAndSayWhatItIs() { // S0.2, S0.5
        PageAllocator allocator = create(8);
        int free = allocator.allocate(0);
        allocator.put(free);
        refusePin(allocator, free, "pin for I/O of a ");
        int frozen = allocator.allocate(0);
        assertThat(allocator.tryFreeze(frozen, 1)).isTrue();
        refusePin(allocator, frozen, "pin for I/O of a frame that is FROZEN");
        allocator.freeFrozen(frozen);
        int deferred = allocateOnLru(allocator);
        allocator.put(deferred);
        refusePin(allocator, deferred, "pin for I/O of a frame that is DEFERRED");
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        assertThat(allocator.drainDeferred()).isEqualTo(1);
        int block = allocator.allocate(1);
        refusePin(allocator, block + 1, "pin for I/O of a tail");
        allocator.put(block);
        assertThat(allocator.stats().allocatedFrames()).isZero();
    }

    private void refusePin(PageAllocator allocator, int frame, String what) {
        long word = allocator.frames().word(frame);
        badPages.clear();
        assertThatThrownBy(() -> IoMemory.pinned(allocator, frame))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(what)
                .hasMessageContaining("who submits it must hold a reference");
        assertThat(badPages).hasSize(1);
        assertThat(allocator.frames().word(frame)).isEqualTo(word);
    }

    @Test
    void shouldCountAPinOfPartOfABlockOnItsHead() { // S0.8
        PageAllocator allocator = create(16);
        int block = allocator.allocate(3);
        MemorySegment whole = allocator.segment(block);
        for (int tail = 0; tail < 8; tail++) {
            MemorySegment part = whole.asSlice(tail * 4096L + 512, 1024);
            PinnedMemory memory = IoMemory.pinned(allocator, part);
            assertThat(memory.frame()).isEqualTo(block);
            assertThat(memory.segment().address()).isEqualTo(part.address());
            assertThat(memory.segment().byteSize()).isEqualTo(1024);
            assertThat(allocator.pinCount(block)).isEqualTo(1);
            assertThat(allocator.refCount(block + tail)).isEqualTo(tail == 0 ? 2 : 0);
            memory.close();
        }
        PinnedMemory last = IoMemory.pinned(allocator, whole.asSlice(7 * 4096, 4096));
        allocator.put(block);
        assertThat(allocator.stats().allocatedFrames()).isEqualTo(8);
        last.close();
        assertThat(allocator.stats().allocatedFrames()).as("freed as a whole").isZero();
    }

    @Test
    void shouldPinNothingWhenASegmentLiesInNoOneBlock() {
        PageAllocator allocator = create(4);
        int first = allocator.allocate(1);
        int second = allocator.allocate(1);
        MemorySegment across = allocator.region().asSlice(4096, 8192);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IoMemory.pinned(allocator, across))
                .withMessageStartingWith("memory to be pinned must lie in one block");
        assertThat(allocator.pinCount(first)).isZero();
        MemorySegment heap = MemorySegment.ofArray(new byte[4096]);
        MemorySegment empty = allocator.segment(first).asSlice(0, 0);
        for (MemorySegment elsewhere : List.of(heap, empty, Arena.global().allocate(4096))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> IoMemory.pinned(allocator, elsewhere))
                    .withMessageStartingWith("memory to be pinned must lie in the allocator's");
        }
        allocator.put(first);
        allocator.put(second);
    }

    @Test
    void shouldReportAndNotThrowWhenThePinIsGoneAtTheCompletion() { // S0.2
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        IoMemory memory = IoMemory.pinned(allocator, frame);
        allocator.unpin(frame);
        assertThat(memory.close()).isTrue();
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().rule()).contains("whose pin somebody else has given back");
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.put(frame);
    }

    @Test
    void shouldDeferTheFreeWhenThePageIsStillOnAnLruList() { // S1.5
        PageAllocator allocator = create(4);
        int frame = allocateOnLru(allocator);
        IoMemory memory = IoMemory.pinned(allocator, frame);
        allocator.put(frame);
        memory.close();
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
        allocator.onDeferred(deferred -> claimDeferred(allocator, deferred));
        assertThat(allocator.drainDeferred()).isEqualTo(1);
        assertThat(allocator.stats().deferredFrames()).isZero();
        assertThat(allocator.stats().allocatedFrames()).isZero();
    }

    @Test
    void shouldNotGiveOutTheMemoryOfACompleteIo() {
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        IoMemory memory = IoMemory.pinned(allocator, frame);
        assertThat(memory.isNative()).isTrue();
        assertThat(memory.segment()).isEqualTo(allocator.segment(frame));
        memory.close();
        assertThatThrownBy(memory::segment)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the I/O is complete: memory=PinnedMemory[F#");
        allocator.put(frame);
    }

    // ---- cache-owned

    @Test
    void shouldTakeACacheOwnedPageOnlyUnderLockedOrWriteback() {
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        assertThatThrownBy(() -> IoMemory.cacheOwned(allocator, frame))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("cache-owned I/O needs LOCKED or WRITEBACK");
        assertThat(badPages).hasSize(1);
        allocator.put(frame);
        assertThatThrownBy(() -> IoMemory.cacheOwned(allocator, frame))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldHoldNoReferenceToACacheOwnedPageAndLetOnlyAFillStore() {
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        step(allocator, frame, FrameState::lock);
        CacheOwnedMemory fill = IoMemory.cacheOwned(allocator, frame);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        assertThat(fill.segment().isReadOnly()).isFalse();
        assertThat(fill.close()).isTrue();
        step(allocator, frame, FrameState::fillDone);
        allocator.frames().set(frame, FrameState.DIRTY);
        step(allocator, frame, FrameState::beginWriteback);
        CacheOwnedMemory write = IoMemory.cacheOwned(allocator, frame);
        assertThat(write.segment().isReadOnly()).as("the image is stable").isTrue();
        assertThat(write.close()).isTrue();
        step(allocator, frame, FrameState::endWriteback);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        assertThat(badPages).isEmpty();
        allocator.put(frame);
    }

    @Test
    void shouldReportAPageThatLeftWritebackBeforeItsIoWasComplete() { // S0.6
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        step(allocator, frame, FrameState::lock);
        step(allocator, frame, FrameState::fillDone);
        allocator.frames().set(frame, FrameState.DIRTY);
        step(allocator, frame, FrameState::beginWriteback);
        CacheOwnedMemory write = IoMemory.cacheOwned(allocator, frame);
        step(allocator, frame, FrameState::endWriteback);
        assertThat(write.close()).isTrue();
        assertThat(write.close()).isFalse();
        assertThat(badPages)
                .extracting(BadPageReport::rule)
                .containsExactly(
                        "WRITEBACK was cleared before the I/O was complete",
                        "second close of the memory of an I/O");
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.put(frame);
    }

    private static void step(PageAllocator allocator, int frame, LongUnaryOperator step) {
        assertThat(allocator.frames().update(frame, step)).isNotEqualTo(FrameState.REFUSED);
    }

    // ---- borrowed

    @Test
    void shouldBorrowAnybodysMemoryWithoutAHoldOnIt() {
        PageAllocator allocator = create(4);
        MemorySegment heap = MemorySegment.ofArray(new byte[64]);
        IoMemory onHeap = IoMemory.borrowedToFill(allocator, heap);
        assertThat(onHeap.isNative()).isFalse();
        assertThat(onHeap.segment()).isSameAs(heap);
        assertThat(onHeap.close()).isTrue();
        try (Arena arena = Arena.ofConfined()) {
            IoMemory offHeap = IoMemory.borrowed(allocator, arena.allocate(64).asReadOnly());
            assertThat(offHeap.isNative()).isTrue();
            assertThat(offHeap.close()).isTrue();
        }
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldNotBorrowMemoryOfTheRegion() { // S0
        PageAllocator allocator = create(16);
        int block = allocator.allocate(2);
        MemorySegment whole = allocator.segment(block);
        for (MemorySegment inside :
                List.of(whole, whole.asSlice(5000, 1), allocator.region().asReadOnly())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> IoMemory.borrowed(allocator, inside))
                    .withMessageStartingWith("memory of the allocator's region must be pinned")
                    .withMessageContaining("use IoMemory.pinned");
        }
        allocator.put(block);
        MemorySegment free = allocator.region().asSlice(0, 4096);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IoMemory.borrowedToFill(allocator, free));
        PageAllocator other = create(4);
        assertThat(IoMemory.borrowed(other, free).close()).isTrue();
    }

    @Test
    void shouldNotFillReadOnlyMemoryNorBorrowWhatIsClosed() {
        PageAllocator allocator = create(4);
        MemorySegment readOnly = MemorySegment.ofArray(new byte[64]).asReadOnly();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IoMemory.borrowedToFill(allocator, readOnly))
                .withMessageStartingWith("memory to be filled must not be read only");
        Arena arena = Arena.ofShared();
        MemorySegment closed = arena.allocate(64);
        arena.close();
        assertThatThrownBy(() -> IoMemory.borrowed(allocator, closed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("borrowed memory must be alive");
    }

    @Test
    void shouldReportABrokenPromiseAndASecondClose() {
        PageAllocator allocator = create(4);
        Arena arena = Arena.ofShared();
        IoMemory memory = IoMemory.borrowed(allocator, arena.allocate(64));
        arena.close();
        assertThat(memory.close()).isTrue();
        assertThat(memory.close()).isFalse();
        assertThat(badPages)
                .extracting(BadPageReport::rule)
                .containsExactly(
                        "the arena of borrowed memory was closed before the I/O was complete",
                        "second close of the memory of an I/O");
        assertThat(badPages.getFirst().frame()).isEqualTo(PageAllocator.NO_FRAME);
        assertThat(badPages.getFirst().toString()).contains("BorrowedMemory[MemorySegment{");
    }
}
