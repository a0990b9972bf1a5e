package dev.quire.bench.alloc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every allocator under measurement does for an operation. */
final class SubjectTest {
    private static final int SLOTS = 3;

    @ParameterizedTest
    @EnumSource(names = {"QUIRE", "NETTY_POOLED", "NETTY_ADAPTIVE", "MALLOC", "ARENA"})
    void shouldEndWithMemoryThatCouldBeUsed(Peer peer) {
        try (Subject subject = peer.open(SLOTS)) {
            long first = subject.take(0);
            long second = subject.take(1);

            // No frame number is as large as an address, and no two frames overlap.
            assertThat(first).isGreaterThan(Subject.CAPACITY_BYTES);
            assertThat(Math.abs(first - second)).isGreaterThanOrEqualTo(Subject.FRAME_BYTES);
            assertThat(subject.pair(0)).isGreaterThan(Subject.CAPACITY_BYTES);
            subject.give(0);
            subject.give(1);
        }
    }
}
