package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;

class TranslationTest {
    private final Translation translation = new Translation(SlotMemory.allocated(Chunk.SHIFT));

    @Test
    void shouldFindOnlyWhatWasMade() {
        assertThat(translation.find(0)).isNull();
        assertThat(translation.find(Long.MAX_VALUE)).isNull();
        assertThat(translation.find(-1)).isNull();
        Chunk chunk = translation.findOrMake(513);
        assertThat(chunk.firstPage()).isEqualTo(512);
        assertThat(translation.find(1023)).isSameAs(chunk);
        assertThat(translation.findOrMake(512)).isSameAs(chunk);
        assertThat(translation.find(511)).isNull();
        assertThat(translation.find(1024)).isNull();
    }

    @Test
    void shouldWalkTheChunksInOrder() {
        for (long page : new long[] {100_000, 0, 5_000}) {
            translation.findOrMake(page);
        }
        assertThat(firstFrom(0)).isZero();
        assertThat(firstFrom(512)).isEqualTo(5_000 / 512 * 512);
        assertThat(firstFrom(6_000)).isEqualTo(100_000 / 512 * 512);
        assertThat(translation.findFrom(200_000)).isNull();
        assertThat(translation.metadataBytes()).isGreaterThan(3 * 4096);
    }

    private long firstFrom(long page) {
        return Objects.requireNonNull(translation.findFrom(page)).firstPage();
    }

    @Test
    void shouldDropAnEmptyChunkAndMakeANewOne() {
        Chunk chunk = translation.findOrMake(0);
        long slot = Slot.busy(1, 1);
        chunk.insert(0, Slot.ABSENT, slot);
        translation.dropIfEmpty(chunk);
        assertThat(translation.find(0)).isSameAs(chunk);
        chunk.clear(0, slot);
        translation.dropIfEmpty(chunk);
        assertThat(translation.find(0)).isNull();
        Chunk next = translation.findOrMake(0);
        assertThat(next).isNotSameAs(chunk);
        translation.dropIfEmpty(chunk); // again: not the new one's business
        assertThat(translation.find(0)).isSameAs(next);
    }

    @Test
    void shouldWaitForNobodyWhoDropsAChunkIfTheCallerMayNot() {
        Chunk chunk = translation.findOrMake(0);
        assertThat(translation.tryFindOrMake(5)).isSameAs(chunk);
        chunk.tryClose(); // as by who is held up before its place is empty
        assertThat(translation.tryFindOrMake(5)).isNull();
        Chunk next = Objects.requireNonNull(translation.tryFindOrMake(Chunk.PAGES));
        assertThat(next.firstPage()).isEqualTo(Chunk.PAGES);
    }

    @Test
    void shouldLoseNoChunkWhenItGrowsWhileOthersAreMade() throws Exception {
        int chunks = 3_000;
        List<Running<List<Chunk>>> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            int id = t;
            threads.add(
                    Running.start(
                            () -> {
                                List<Chunk> made = new ArrayList<>();
                                for (int n = id; n < chunks; n += 3) {
                                    made.add(translation.findOrMake((long) n * Chunk.PAGES));
                                }
                                return made;
                            }));
        }
        for (Running<List<Chunk>> thread : threads) {
            for (Chunk chunk : thread.get()) {
                assertThat(translation.find(chunk.firstPage())).isSameAs(chunk);
            }
        }
    }

    /**
     * Threads insert and clear pages of a few chunks, which are dropped as soon as they are empty.
     */
    @Test
    void shouldLoseNoPageWhenChunksAreDroppedAndMadeAgain() throws Exception {
        AtomicIntegerArray held = new AtomicIntegerArray(4 * Chunk.PAGES);
        List<Running<Boolean>> threads =
                List.of(
                        Running.run(() -> insertAndClear(held, 1)),
                        Running.run(() -> insertAndClear(held, 2)));
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        assertThat(translation.findFrom(0)).isNull();
    }

    private void insertAndClear(AtomicIntegerArray held, int id) {
        Random random = new Random(id);
        for (int i = 0; i < 30_000; i++) {
            int page = random.nextInt(8) * 256; // few pages of four chunks
            if (!held.compareAndSet(page, 0, id)) {
                continue;
            }
            long slot = Slot.busy(page, id);
            int index = Chunk.index(page);
            while (!translation.findOrMake(page).insert(index, Slot.ABSENT, slot)) {
                Thread.onSpinWait();
            }
            Chunk found = Objects.requireNonNull(translation.find(page));
            assertThat(found.slot(index)).isEqualTo(slot);
            assertThat(found.clear(index, slot)).isTrue();
            translation.dropIfEmpty(found);
            held.set(page, 0);
        }
    }
}
