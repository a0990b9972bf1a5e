package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;

/** The chunks of a window: found by their place, in order, and one a place. */
class ChunkDirectoryTest {
    private static final int CHUNKS_MAX = 1_000;

    private final ChunkDirectory directory = new ChunkDirectory(CHUNKS_MAX);
    private final MemorySegment slots = Arena.ofAuto().allocate(Chunk.PAGES * 8L, 8);

    private Chunk chunk(int index) {
        return new Chunk(index, slots);
    }

    @Test
    void shouldHaveAPlaceForEachChunk() {
        List<Chunk> chunks = new ArrayList<>();
        for (int i = 0; i < CHUNKS_MAX; i++) {
            assertThat(directory.get(i)).isNull();
            chunks.add(chunk(i));
            assertThat(directory.putIfAbsent(i, chunks.get(i))).isNull();
        }
        for (int i = 0; i < CHUNKS_MAX; i++) {
            assertThat(directory.get(i)).isSameAs(chunks.get(i));
            assertThat(directory.firstFrom(i)).isSameAs(chunks.get(i));
        }
    }

    @Test
    void shouldFindTheFirstChunkBehindPartsThatAreNotThere() {
        Chunk first = chunk(CHUNKS_MAX / 2 + 20);
        Chunk next = chunk(CHUNKS_MAX - 50);
        directory.putIfAbsent(CHUNKS_MAX / 2 + 20, first);
        directory.putIfAbsent(CHUNKS_MAX - 50, next);
        for (int from = 0; from <= CHUNKS_MAX - 50; from++) {
            assertThat(directory.firstFrom(from))
                    .as("from %s", from)
                    .isSameAs(from <= CHUNKS_MAX / 2 + 20 ? first : next);
        }
    }

    @Test
    void shouldTakeMemoryForThePartsThatAreUsed() {
        long empty = directory.bytes();
        directory.putIfAbsent(3, chunk(3));
        long first = directory.bytes();
        assertThat(first).isBetween(empty + 1, empty + 64);
        directory.putIfAbsent(CHUNKS_MAX - 1, chunk(CHUNKS_MAX - 1));
        assertThat(directory.bytes()).isGreaterThanOrEqualTo(first + CHUNKS_MAX / 2);
    }

    @Test
    void shouldDoAsATreeMapDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        TreeMap<Integer, Chunk> model = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            int index = random.nextInt(CHUNKS_MAX) >>> random.nextInt(10);
            if (random.nextInt(3) > 0) {
                Chunk made = chunk(index);
                assertThat(directory.putIfAbsent(index, made))
                        .as("seed=%s", seed)
                        .isSameAs(model.putIfAbsent(index, made));
            } else if (model.remove(index) != null) {
                directory.remove(index);
            }
            int from = random.nextInt(CHUNKS_MAX);
            Map.Entry<Integer, Chunk> next = model.ceilingEntry(from);
            assertThat(directory.firstFrom(from))
                    .as("seed=%s, from=%s", seed, from)
                    .isSameAs(next == null ? null : next.getValue());
            assertThat(directory.get(from)).isSameAs(model.get(from));
        }
    }

    /** Also when both make the part that it lies in. */
    @Test
    void shouldLetOneOfTwoHaveAPlace() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        for (int round = 0; round < 500; round++) {
            ChunkDirectory fresh = new ChunkDirectory(CHUNKS_MAX);
            int index = round * 2 % CHUNKS_MAX;
            Chunk[] mine = {chunk(index), chunk(index)};
            List<Running<Chunk>> threads = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                int id = t;
                threads.add(
                        Running.start(
                                () -> {
                                    together.await();
                                    fresh.putIfAbsent(index + 1 - id, chunk(index + 1 - id));
                                    Chunk there = fresh.putIfAbsent(index, mine[id]);
                                    return there == null ? mine[id] : there;
                                }));
            }
            Chunk winner = threads.get(0).get();
            assertThat(threads.get(1).get()).isSameAs(winner);
            assertThat(fresh.get(index)).isSameAs(winner);
        }
    }

    /** A long part takes its time to make, so that two are at it at once. */
    @Test
    void shouldKeepOneOfTwoPartsThatAreMadeAtOnce() throws Exception {
        int many = 1 << 20;
        CyclicBarrier together = new CyclicBarrier(2);
        for (int round = 0; round < 20; round++) {
            ChunkDirectory fresh = new ChunkDirectory(many);
            List<Running<Chunk>> threads = new ArrayList<>();
            for (int index = many - 2; index < many; index++) {
                int mine = index;
                threads.add(
                        Running.start(
                                () -> {
                                    Chunk made = chunk(mine);
                                    together.await();
                                    fresh.putIfAbsent(mine, made);
                                    return made;
                                }));
            }
            Chunk one = threads.get(0).get();
            Chunk other = threads.get(1).get();
            assertThat(fresh.get(many - 2)).isSameAs(one);
            assertThat(fresh.get(many - 1)).isSameAs(other);
        }
    }
}
