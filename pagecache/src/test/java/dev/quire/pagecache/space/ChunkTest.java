package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CyclicBarrier;

class ChunkTest {
    private final Chunk chunk = new Chunk(3, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
    private final long slot = Slot.busy(7, 1);

    @Test
    void shouldKnowItsPages() {
        assertThat(chunk.firstPage()).isEqualTo(3 * 512);
        assertThat(Chunk.number(3 * 512 + 511)).isEqualTo(3);
        assertThat(Chunk.index(3 * 512 + 511)).isEqualTo(511);
        assertThat(Chunk.number(4 * 512)).isEqualTo(4);
    }

    @Test
    void shouldCountTheSlotsThatAreNotAbsent() {
        assertThat(chunk.insert(0, Slot.ABSENT, slot)).isTrue();
        assertThat(chunk.insert(511, Slot.ABSENT, slot)).isTrue();
        assertThat(chunk.live()).isEqualTo(2);
        assertThat(chunk.insert(0, Slot.ABSENT, Slot.busy(8, 1))).as("taken").isFalse();
        assertThat(chunk.live()).isEqualTo(2);
        chunk.publish(0, Slot.shadow(5));
        assertThat(chunk.insert(0, Slot.shadow(5), slot)).isTrue();
        assertThat(chunk.live()).as("a shadow counts already").isEqualTo(2);
        assertThat(chunk.clear(0, slot)).isTrue();
        assertThat(chunk.clear(0, slot)).isFalse();
        assertThat(chunk.live()).isEqualTo(1);
    }

    @Test
    void shouldRefuseInsertsOnceClosedAndCloseOnlyWhenEmpty() {
        chunk.insert(4, Slot.ABSENT, slot);
        assertThat(chunk.tryClose()).isFalse();
        chunk.clear(4, slot);
        assertThat(chunk.tryClose()).isTrue();
        assertThat(chunk.tryClose()).isFalse();
        assertThat(chunk.live()).isNegative();
        assertThat(chunk.insert(4, Slot.ABSENT, slot)).isFalse();
        assertThat(chunk.slot(4)).isEqualTo(Slot.ABSENT);
    }

    // Its successor has the same slots, and counts what stands in them.
    @Test
    void shouldNeitherTakeNorFillASlotOfItsSuccessorOnceClosed() {
        MemorySegment slots = Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8);
        Chunk dropped = new Chunk(0, slots);
        assertThat(dropped.tryClose()).isTrue();
        Chunk successor = new Chunk(0, slots);
        long shadow = Slot.shadow(5);
        assertThat(successor.insert(0, Slot.ABSENT, slot)).isTrue();
        assertThat(successor.insert(1, Slot.ABSENT, slot)).isTrue();
        successor.publish(1, shadow);

        assertThat(dropped.slot(0)).isEqualTo(slot);
        assertThat(dropped.clear(0, slot)).isFalse();
        assertThat(dropped.clear(1, shadow)).isFalse();
        assertThat(dropped.insert(1, shadow, slot)).isFalse();
        assertThat(successor.live()).isEqualTo(2);
        assertThat(successor.slot(0)).isEqualTo(slot);
        assertThat(successor.slot(1)).isEqualTo(shadow);
        assertThat(dropped.live()).isNegative();
    }

    @Test
    void shouldNotValidateAReadThatAWriterOverlapped() {
        long readable = Slot.readable(7, 1);
        chunk.insert(9, Slot.ABSENT, readable);
        long seen = chunk.slot(9);
        assertThat(chunk.validate(9, seen)).isTrue();
        chunk.beginStores(9);
        assertThat(chunk.validate(9, seen)).isFalse();
        assertThat(chunk.slot(9)).isEqualTo(Slot.busy(7, 1));
        chunk.publish(9, Slot.readable(7, 2));
        assertThat(chunk.validate(9, seen)).isFalse();
        assertThat(chunk.validate(9, Slot.readable(7, 2))).isTrue();
    }

    @Test
    void shouldFindWhatIsDirtyInOrder() {
        assertThat(chunk.nextDirty(0)).isEqualTo(Chunk.PAGES);
        for (int index : new int[] {0, 63, 64, 300, 511}) {
            assertThat(chunk.markDirty(index)).isTrue();
            assertThat(chunk.markDirty(index)).isFalse();
        }
        assertThat(chunk.nextDirty(0)).isZero();
        assertThat(chunk.nextDirty(1)).isEqualTo(63);
        assertThat(chunk.nextDirty(64)).isEqualTo(64);
        assertThat(chunk.nextDirty(65)).isEqualTo(300);
        assertThat(chunk.nextDirty(301)).isEqualTo(511);
        assertThat(chunk.nextDirty(Chunk.PAGES)).isEqualTo(Chunk.PAGES);
        assertThat(chunk.unmarkDirty(300)).isTrue();
        assertThat(chunk.unmarkDirty(300)).isFalse();
        assertThat(chunk.nextDirty(65)).isEqualTo(511);
    }

    @Test
    void shouldNeverHoldAPageOnceClosed() throws Exception {
        for (int round = 0; round < 5_000; round++) {
            Chunk raced = new Chunk(0, Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8));
            CyclicBarrier start = new CyclicBarrier(2);
            Running<Boolean> closer =
                    Running.start(
                            () -> {
                                start.await();
                                return raced.tryClose();
                            });
            start.await();
            boolean inserted = raced.insert(1, Slot.ABSENT, slot);
            assertThat(inserted).isNotEqualTo(closer.get());
        }
    }
}
