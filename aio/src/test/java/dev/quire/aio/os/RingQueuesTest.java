package dev.quire.aio.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Both queues against a kernel that is played by the test. */
final class RingQueuesTest {
    private static final int ENTRIES = 4;
    private static final int EVENTS = 8;
    private static final int SQ_HEAD = 0;
    private static final int SQ_TAIL = 4;
    private static final int CQ_HEAD = 8;
    private static final int CQ_TAIL = 12;
    private static final int CQ_EVENTS = 64;
    private static final int SQ_ARRAY = CQ_EVENTS + EVENTS * CompletionQueue.EVENT_BYTES;

    private final Arena arena = Arena.ofAuto();
    private final RingParams params = params();
    private final MemorySegment ring = arena.allocate(params.ringBytes(), 8);
    private final MemorySegment entries = arena.allocate(params.entriesBytes(), 8);

    @Test
    void shouldDecodeWhatTheKernelAnswers() {
        assertThat(params.sqEntries()).isEqualTo(ENTRIES);
        assertThat(params.cqEntries()).isEqualTo(EVENTS);
        assertThat(params.flags()).isEqualTo(0x3098);
        assertThat(params.features()).isEqualTo(0x7f);
        assertThat(params.ringBytes()).isEqualTo(SQ_ARRAY + ENTRIES * 4);
        assertThat(params.entriesBytes()).isEqualTo(ENTRIES * 64);
        params.ask(RingFlags.CLAMP, 16, 250);
        assertThat(params.flags()).isEqualTo(RingFlags.CLAMP);
        assertThat(params.cqEntries()).isEqualTo(16);
        assertThat(params.features()).isZero();
        assertThat(params.memory().get(ValueLayout.JAVA_INT, 16)).isEqualTo(250);
    }

    @Test
    void shouldWriteEveryFieldOfAnEntry() {
        SubmissionQueue queue =
                new SubmissionQueue(new RingMemory(ring), new RingMemory(entries), params);
        entries.fill((byte) 0xff); // what an earlier entry may have left
        queue.add(22, 5, 17, 0x1122334455667788L, 4096, 1L << 40, 3, 1023, 0x7edcba9876543210L);
        assertThat(entries.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 22);
        assertThat(entries.get(ValueLayout.JAVA_BYTE, 1)).isEqualTo((byte) 5);
        assertThat(entries.get(ValueLayout.JAVA_SHORT, 2)).isZero();
        assertThat(entries.get(ValueLayout.JAVA_INT, 4)).isEqualTo(17);
        assertThat(entries.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(1L << 40);
        assertThat(entries.get(ValueLayout.JAVA_LONG, 16)).isEqualTo(0x1122334455667788L);
        assertThat(entries.get(ValueLayout.JAVA_INT, 24)).isEqualTo(4096);
        assertThat(entries.get(ValueLayout.JAVA_INT, 28)).isEqualTo(3);
        assertThat(entries.get(ValueLayout.JAVA_LONG, 32)).isEqualTo(0x7edcba9876543210L);
        assertThat(entries.get(ValueLayout.JAVA_SHORT, 40)).isEqualTo((short) 1023);
        assertThat(entries.asSlice(42, 22).mismatch(arena.allocate(22))).isEqualTo(-1);
        assertThat(entries.get(ValueLayout.JAVA_BYTE, 64)).isEqualTo((byte) 0xff);
    }

    @Test
    void shouldShowEachEntryBelowItsTail() {
        SubmissionQueue queue =
                new SubmissionQueue(new RingMemory(ring), new RingMemory(entries), params);
        for (int i = 0; i < ENTRIES; i++) {
            queue.add(22, 0, i, 0, 0, 0, 0, 0, i);
            assertThat(ring.get(ValueLayout.JAVA_INT, SQ_TAIL)).isEqualTo(i);
            queue.show();
            assertThat(ring.get(ValueLayout.JAVA_INT, SQ_TAIL)).isEqualTo(i + 1);
            assertThat(ring.get(ValueLayout.JAVA_INT, SQ_ARRAY + 4L * i)).isEqualTo(i);
            assertThat(entries.get(ValueLayout.JAVA_INT, 64L * i + 4)).isEqualTo(i);
        }
    }

    @Test
    void shouldRefuseAnEntryUntilTheKernelHasTakenOne() {
        SubmissionQueue queue =
                new SubmissionQueue(new RingMemory(ring), new RingMemory(entries), params);
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(queue.isFull()).isFalse();
            queue.add(22, 0, i, 0, 0, 0, 0, 0, i);
        }
        assertThat(queue.isFull()).isTrue();
        assertThat(queue.pending()).isEqualTo(ENTRIES);
        ring.set(ValueLayout.JAVA_INT, SQ_HEAD, 3);
        assertThat(queue.isFull()).isFalse();
        assertThat(queue.pending()).isEqualTo(1);
    }

    @Test
    void shouldGoOnWhenTheCountersWrap() {
        ring.set(ValueLayout.JAVA_INT, SQ_HEAD, -2);
        ring.set(ValueLayout.JAVA_INT, SQ_TAIL, -2);
        ring.set(ValueLayout.JAVA_INT, CQ_HEAD, -1);
        ring.set(ValueLayout.JAVA_INT, CQ_TAIL, -1);
        SubmissionQueue submissions =
                new SubmissionQueue(new RingMemory(ring), new RingMemory(entries), params);
        for (int i = 0; i < ENTRIES; i++) {
            submissions.add(22, 0, i, 0, 0, 0, 0, 0, i);
        }
        submissions.show();
        assertThat(submissions.isFull()).isTrue();
        assertThat(ring.get(ValueLayout.JAVA_INT, SQ_TAIL)).isEqualTo(2);
        assertThat(entries.get(ValueLayout.JAVA_INT, 2 * 64 + 4)).isZero();
        assertThat(entries.get(ValueLayout.JAVA_INT, 4)).isEqualTo(2);
        CompletionQueue completions = new CompletionQueue(new RingMemory(ring), params);
        post(-1, 5, 50);
        post(0, 6, 60);
        assertThat(completions.next()).isTrue();
        assertThat(completions.userData()).isEqualTo(5);
        assertThat(completions.next()).isTrue();
        assertThat(completions.result()).isEqualTo(60);
        assertThat(completions.next()).isFalse();
    }

    @Test
    void shouldSeeAnEventOnlyBelowTheTail() {
        CompletionQueue queue = new CompletionQueue(new RingMemory(ring), params);
        assertThat(queue.isEmpty()).isTrue();
        ring.set(ValueLayout.JAVA_LONG, CQ_EVENTS, 99);
        assertThat(queue.next()).isFalse();
        post(0, 7, -Errno.EIO);
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.next()).isTrue();
        assertThat(queue.userData()).isEqualTo(7);
        assertThat(queue.result()).isEqualTo(-Errno.EIO);
        assertThat(queue.next()).isFalse();
    }

    @Test
    void shouldGiveThePlaceOfAnEventBack() {
        CompletionQueue queue = new CompletionQueue(new RingMemory(ring), params);
        for (int i = 0; i < 3 * EVENTS; i++) {
            post(i, i, i);
            assertThat(ring.get(ValueLayout.JAVA_INT, CQ_HEAD)).isEqualTo(i);
            assertThat(queue.next()).isTrue();
            assertThat(queue.userData()).isEqualTo(i);
            assertThat(ring.get(ValueLayout.JAVA_INT, CQ_HEAD)).isEqualTo(i + 1);
        }
    }

    private void post(int tail, long userData, int result) {
        long at = CQ_EVENTS + (long) (tail & EVENTS - 1) * CompletionQueue.EVENT_BYTES;
        ring.set(ValueLayout.JAVA_LONG, at, userData);
        ring.set(ValueLayout.JAVA_INT, at + 8, result);
        ring.set(ValueLayout.JAVA_INT, CQ_TAIL, tail + 1);
    }

    private RingParams params() {
        MemorySegment memory = arena.allocate(RingParams.BYTES, 8);
        int[][] fields = {
            {0, ENTRIES},
            {4, EVENTS},
            {8, 0x3098},
            {20, 0x7f},
            {40, SQ_HEAD},
            {44, SQ_TAIL},
            {64, SQ_ARRAY},
            {80, CQ_HEAD},
            {84, CQ_TAIL},
            {100, CQ_EVENTS}
        };
        for (int[] field : fields) {
            memory.set(ValueLayout.JAVA_INT, field[0], field[1]);
        }
        return new RingParams(memory);
    }
}
