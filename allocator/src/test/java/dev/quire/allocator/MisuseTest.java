package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.function.IntConsumer;

/** One put too many, one get too late: reported, refused, and nothing changed. */
class MisuseTest extends AllocatorFixture {
    private void expectRefusal(PageAllocator allocator, int frame, IntConsumer use, String rule) {
        long word = allocator.frames().word(frame);
        int free = allocator.freeFrames();
        int reports = badPages.size();
        assertThatThrownBy(() -> use.accept(frame))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(rule + ": frame=F#" + Integer.toHexString(frame));
        assertThat(allocator.frames().word(frame)).isEqualTo(word);
        assertThat(allocator.freeFrames()).isEqualTo(free);
        assertThat(badPages).hasSize(reports + 1);
        BadPageReport report = badPages.getLast();
        assertThat(report.frame()).isEqualTo(frame);
        assertThat(report.rule()).isEqualTo(rule);
        assertThat(report.word()).isEqualTo(word);
    }

    @Test
    void shouldRefuseGetPutPinAndUnpinOfAFreeFrame() { // S0.1, S0.2
        PageAllocator allocator = create(8);
        expectRefusal(allocator, 3, allocator::get, "get of a free frame");
        expectRefusal(allocator, 3, allocator::put, "put of a free frame");
        expectRefusal(allocator, 3, allocator::pin, "pin of a free frame");
        expectRefusal(allocator, 3, allocator::unpin, "unpin of a free frame");
        assertThat(allocator.tryGet(3)).isFalse();
        assertThat(allocator.tryPin(3)).isFalse();
        assertThat(allocator.stats().badPages()).isEqualTo(4);
        allocator.verify();
    }

    @Test
    void shouldRefuseASecondPut() { // S0.2
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(2);
        allocator.put(frame);
        expectRefusal(allocator, frame, allocator::put, "put of a free frame");
        int[] seen = {allocator.allocate(2), allocator.allocate(2)};
        assertThat(seen).doesNotHaveDuplicates();
        allocator.putBatch(seen, 0, 2);
    }

    @Test
    void shouldPutNoneOfABatchThatNamesNoFrame() {
        PageAllocator allocator = create(8);
        int[] batch = {allocator.allocate(0), allocator.allocate(0), 8};
        assertThatThrownBy(() -> allocator.putBatch(batch, 0, 3))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(allocator.refCount(batch[0])).isEqualTo(1);
        allocator.putBatch(batch, 0, 2);
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    void shouldRefuseATail() { // S0.8
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(2);
        expectRefusal(allocator, frame + 1, allocator::put, "put of a tail");
        expectRefusal(allocator, frame + 3, allocator::get, "get of a tail");
        assertThat(allocator.tryGet(frame + 2)).isFalse();
        assertThatThrownBy(() -> allocator.segment(frame + 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "frame must be the head of an allocated block: frame=F#1/tail [refs 0, pins"
                                + " 0]");
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        allocator.put(frame);
    }

    @Test
    void shouldRefuseAFrozenFrame() { // S0.5
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(0);
        allocator.tryFreeze(frame, 1);
        expectRefusal(allocator, frame, allocator::get, "get of a frame that is FROZEN");
        expectRefusal(allocator, frame, allocator::put, "put of a frame that is FROZEN");
        allocator.unfreeze(frame, 1);
        assertThatThrownBy(() -> allocator.unfreeze(frame, 1))
                .isInstanceOf(IllegalStateException.class);
        allocator.put(frame);
    }

    @Test
    void shouldRefuseToPutAPinAndToUnpinAReference() {
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(0);
        expectRefusal(
                allocator,
                frame,
                allocator::unpin,
                "unpin of a frame whose counts do not allow it");
        allocator.pin(frame);
        allocator.put(frame);
        expectRefusal(
                allocator, frame, allocator::put, "put of a frame whose counts do not allow it");
        allocator.unpin(frame);
    }

    @Test
    void shouldRefuseGetNearOverflow() { // S0.9
        PageAllocator allocator = create(2);
        int frame = allocator.allocate(0);
        allocator.tryFreeze(frame, 1);
        allocator.unfreeze(frame, FrameState.REFS_MAX);
        expectRefusal(
                allocator, frame, allocator::get, "get of a frame whose counts do not allow it");
        assertThat(allocator.tryPin(frame)).isFalse();
        allocator.tryFreeze(frame, FrameState.REFS_MAX);
        allocator.freeFrozen(frame);
    }

    @Test
    void shouldReportMisuseInABatchAndFreeTheRest() {
        PageAllocator allocator = create(8);
        int[] frames = new int[4];
        allocator.allocateBatch(frames, 0, 4);
        int[] batch = {frames[0], frames[1], frames[1], frames[2], 7, frames[3]};
        assertThatCode(() -> allocator.putBatch(batch, 0, 6)).doesNotThrowAnyException();
        assertThat(badPages).hasSize(2);
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOCKED",
                "DIRTY",
                "WRITEBACK",
                "REDIRTIED",
                "LRU",
                "PRIVATE",
                "EXCLUSIVE",
                "SHARED_EXCLUSIVE",
                "DEFERRED"
            })
    void shouldQuarantineAndNameABadFlagAtFree(String name) throws Exception { // S1.7
        long flag = FrameState.class.getField(name).getLong(null);
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(1);
        allocator.tryFreeze(frame, 1);
        allocator.frames().update(frame, word -> word | flag);
        assertThatCode(() -> allocator.freeFrozen(frame)).doesNotThrowAnyException();
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().rule()).isEqualTo("free with " + name + " set");
        expectQuarantine(allocator, frame, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UPTODATE", "ACTIVE", "WORKINGSET", "READAHEAD", "WAITERS"})
    void shouldFreeWithAFlagThatMeansNothingAnyMore(String name) throws Exception {
        long flag = FrameState.class.getField(name).getLong(null);
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        allocator.frames().set(frame, flag);
        allocator.put(frame);
        assertThat(badPages).isEmpty();
        assertThat(allocator.freeFrames()).isEqualTo(4);
    }

    private static void expectQuarantine(PageAllocator allocator, int frame, int order) {
        assertThat(FrameState.any(allocator.frames().word(frame), FrameState.QUARANTINED)).isTrue();
        AllocatorStats stats = allocator.stats();
        assertThat(stats.quarantinedFrames()).isEqualTo(1 << order);
        assertThat(stats.allocatedFrames()).isZero();
        allocator.verify();
        int left = allocator.freeFrames();
        for (int i = 0; i < left; i++) {
            int other = allocator.allocate(0);
            assertThat(other >= frame && other < frame + (1 << order)).isFalse();
        }
        assertThat(allocator.tryAllocate(0)).as("never reused").isEqualTo(NO_FRAME);
        assertThat(allocator.tryGet(frame)).isFalse();
    }

    @Test
    void shouldQuarantineAPageThatStillHasAnOwner() { // S1.7
        PageAllocator allocator = create(4);
        int frame = allocator.allocate(0);
        allocator.frames().own(frame, 9, 42);
        allocator.put(frame);
        assertThat(badPages.getFirst().rule()).isEqualTo("free of a page that still has an owner");
        assertThat(badPages.getFirst().state()).contains("owner 9 page 42");
        expectQuarantine(allocator, frame, 0);
    }

    @Test
    void shouldQuarantineABlockOfTheWrongOrder() {
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(1);
        int neighbour = allocator.allocate(1);
        allocator.frames().order(frame, 2); // as large as both
        allocator.put(frame);
        assertThat(badPages.getFirst().rule())
                .isEqualTo("free of a block whose tails are not its own");
        assertThat(allocator.tryGet(neighbour)).as("the neighbour lives").isTrue();
        allocator.put(neighbour);
        allocator.put(neighbour);
        assertThat(allocator.freeFrames()).isEqualTo(6);
        assertThat(allocator.stats().quarantinedFrames()).as("its own two").isEqualTo(2);
    }

    @Test
    void shouldQuarantineABlockThatIsLongerThanItsOrder() {
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(2);
        allocator.frames().order(frame, 1);
        allocator.put(frame);
        int whole = allocator.allocate(2);
        allocator.frames().order(whole, 1);
        allocator.putBatch(new int[] {whole}, 0, 1);
        assertThat(badPages)
                .extracting(BadPageReport::rule)
                .containsExactly(
                        "free of a block that is longer than its order",
                        "free of a block that is longer than its order");
        assertThat(allocator.stats().quarantinedFrames()).as("all its frames").isEqualTo(8);
    }

    @Test
    void shouldQuarantineABlockWhoseOrderReachesIntoFreeFrames() {
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(0);
        allocator.frames().order(frame, 1); // its buddy is free
        allocator.put(frame);
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().rule())
                .isEqualTo("free of a block whose tails are not its own");
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
        assertThat(allocator.freeFrames()).isEqualTo(7);
    }

    @Test
    void shouldQuarantineAHeadThatIsNotAligned() {
        PageAllocator allocator = create(8);
        int[] frames = new int[2];
        allocator.allocateBatch(frames, 0, 2);
        allocator.frames().order(frames[1], 1);
        allocator.put(frames[1]);
        assertThat(badPages.getFirst().rule())
                .isEqualTo("free of a block that is not aligned to its order");
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
        allocator.put(frames[0]);
    }

    @Test
    void shouldLeaveAloneWhatIsNotFrozenWhenToldToFreeIt() {
        PageAllocator allocator = create(8);
        int live = allocator.allocate(1);
        allocator.get(live);
        allocator.freeFrozen(live);
        allocator.freeFrozen(live + 1);
        allocator.freeFrozen(7);
        assertThat(badPages)
                .extracting(BadPageReport::rule)
                .containsExactly(
                        "free of a frame that is not frozen",
                        "free of a tail",
                        "free of a free frame");
        assertThat(allocator.refCount(live)).as("its owners go on").isEqualTo(2);
        assertThat(allocator.stats().quarantinedFrames()).isZero();
        allocator.put(live);
        allocator.put(live);
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    void shouldFreeABatchOfMixedOrdersButWhatFailsItsCheck() {
        PageAllocator allocator = create(64);
        int[] heads = {
            allocator.allocate(0),
            allocator.allocate(0),
            allocator.allocate(3),
            allocator.allocate(0),
            allocator.allocate(2)
        };
        for (int head : heads) {
            allocator.tryFreeze(head, 1);
        }
        allocator.frames().update(heads[1], word -> word | FrameState.DIRTY);
        allocator.freeFrozenBatch(heads, 0, heads.length);
        assertThat(allocator.freeFrames()).isEqualTo(63);
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().frame()).isEqualTo(heads[1]);
    }

    @Test
    void shouldDropABlockThatFailsItsCheckWhenAllocatedAndTakeTheNext() {
        PageAllocator allocator = create(4);
        allocator.frames().update(0, word -> FrameState.LOCKED);
        int frame = allocator.allocate(0);
        assertThat(frame).isNotZero();
        assertThat(badPages).hasSize(1);
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
        allocator.put(frame);
        int[] frames = new int[4];
        assertThat(allocator.allocateBatch(frames, 0, 4)).isEqualTo(3);
        allocator.putBatch(frames, 0, 3);
    }

    @Test
    void shouldContainAHandlerThatThrows() {
        PageAllocator allocator =
                create(
                        config(4)
                                .onBadPage(
                                        report -> {
                                            throw new IllegalArgumentException("from the handler");
                                        }));
        assertThatThrownBy(() -> allocator.put(2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("put of a free frame");
        allocator.freeFrozen(2);
        assertThat(allocator.stats().badPages()).isEqualTo(2);
    }

    @Test
    void shouldShowABurstOfReportsAndCountThemAll() {
        PageAllocator allocator = create(1);
        for (int i = 0; i < 100; i++) {
            allocator.freeFrozen(0);
        }
        assertThat(badPages).hasSize(60);
        assertThat(allocator.stats().badPages()).isEqualTo(100);
    }
}
