package dev.quire.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.WriteDurability;

import org.junit.jupiter.api.Test;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;

final class RequestsTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 10;

    @Test
    void shouldAskForEveryBlockAndNoneBeyondTheEnd() {
        Requests requests = requests(IoPattern.RANDREAD, new AtomicLong(), 7);
        BitSet seen = new BitSet();
        for (int i = 0; i < 1000; i++) {
            requests.next();
            assertThat(requests.isWrite()).isFalse();
            assertThat(requests.position() % BLOCK).isZero();
            seen.set((int) (requests.position() / BLOCK));
        }
        assertThat(seen.cardinality()).isEqualTo(BLOCKS);
        assertThat(seen.length()).isEqualTo(BLOCKS);
    }

    @Test
    void shouldGoThroughTheFileOnceForAllSlotsOfAJobAndStartAgain() {
        AtomicLong sequence = new AtomicLong();
        Requests one = requests(IoPattern.WRITE, sequence, 1);
        Requests other = requests(IoPattern.WRITE, sequence, 2);
        for (int i = 0; i < 3 * BLOCKS; i++) {
            Requests next = i % 3 == 0 ? one : other;
            next.next();
            assertThat(next.position()).isEqualTo((long) i % BLOCKS * BLOCK);
            assertThat(next.isWrite()).isTrue();
        }
    }

    @Test
    void shouldReadAsOftenAsItWritesWhenMixed() {
        Requests requests = requests(IoPattern.RANDRW, new AtomicLong(), 0);
        int writes = 0;
        for (int i = 0; i < 10_000; i++) {
            requests.next();
            writes += requests.isWrite() ? 1 : 0;
        }
        assertThat(writes).isBetween(4700, 5300);
    }

    private static Requests requests(IoPattern pattern, AtomicLong sequence, long seed) {
        IoShape shape = new IoShape(pattern, BLOCK, 1, 1, false, WriteDurability.NONE, 1);
        // The half block at the end is not used.
        return new Requests(shape, BLOCKS * BLOCK + BLOCK / 2, sequence, seed);
    }
}
