package dev.quire.aio.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * In which order, and how strongly, a ring's owner reaches the memory that it shares with the
 * kernel: it is written down access by access. Each rule stands beside a weaker twin of the owner,
 * which must be caught.
 */
final class RingOrderTest {
    private static final int ENTRIES = 4;
    private static final int EVENTS = 8;
    private static final int SQ_HEAD = 0;
    private static final int SQ_TAIL = 4;
    private static final int SQ_FLAGS = 8;
    private static final int CQ_HEAD = 16;
    private static final int CQ_TAIL = 20;
    private static final int CQ_EVENTS = 64;
    private static final int SQ_ARRAY = CQ_EVENTS + EVENTS * CompletionQueue.EVENT_BYTES;

    private final Arena arena = Arena.ofAuto();
    private final List<Access> log = new ArrayList<>();
    private final RingParams params = params();
    private final MemorySegment rings = arena.allocate(params.ringBytes(), 8);
    private final Recorded ring = new Recorded("ring", rings);
    private final Recorded entries =
            new Recorded("entries", arena.allocate(params.entriesBytes(), 8));

    // ---- entries before the tail

    @Test
    void shouldStoreEntriesBeforeTheTail() {
        SubmissionQueue queue = new SubmissionQueue(ring, entries, params);
        log.clear();
        add(queue);
        add(queue);
        queue.show();
        assertEntriesBeforeTail();
        assertThat(stores("entries")).as("all of two entries").isEqualTo(2 * 10);
        log.clear();
        queue.show();
        assertThat(log).as("nothing was added").isEmpty();
    }

    @Test
    void shouldCatchATailThatIsStoredBeforeItsEntry() {
        ring.setRelease(SQ_TAIL, 1);
        entries.put(0, 22);
        assertThatThrownBy(this::assertEntriesBeforeTail).isInstanceOf(AssertionError.class);
    }

    @Test
    void shouldCatchATailThatIsStoredPlain() {
        entries.put(0, 22);
        ring.put(SQ_TAIL, 1);
        assertThatThrownBy(this::assertEntriesBeforeTail).isInstanceOf(AssertionError.class);
    }

    private void assertEntriesBeforeTail() {
        int tail = only("ring", "setRelease", SQ_TAIL);
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).memory.equals("entries")) {
                assertThat(i).as("%s before the tail", log.get(i)).isLessThan(tail);
            }
        }
    }

    // ---- an entry is free before it is written again

    @Test
    void shouldReadTheHeadWithAcquireBeforeItWritesAnEntry() {
        SubmissionQueue queue = new SubmissionQueue(ring, entries, params);
        for (int i = 0; i < ENTRIES; i++) {
            add(queue);
        }
        queue.show();
        rings.set(ValueLayout.JAVA_INT, SQ_HEAD, 1); // the kernel has taken one
        log.clear();
        assertThat(queue.isFull()).isFalse();
        add(queue);
        assertHeadBeforeEntries();
    }

    @Test
    void shouldCatchAHeadThatIsReadPlain() {
        ring.get(SQ_HEAD);
        entries.put(0, 22);
        assertThatThrownBy(this::assertHeadBeforeEntries).isInstanceOf(AssertionError.class);
    }

    private void assertHeadBeforeEntries() {
        int head = only("ring", "getAcquire", SQ_HEAD);
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).memory.equals("entries")) {
                assertThat(i).as("%s after the head", log.get(i)).isGreaterThan(head);
            }
        }
    }

    // ---- the kernel's thread is not left asleep

    @Test
    void shouldFenceBetweenTheTailAndTheFlags() {
        SubmissionQueue queue = new SubmissionQueue(ring, entries, params);
        add(queue);
        log.clear();
        queue.show();
        assertThat(queue.needsWakeUp()).isFalse();
        assertFenceBeforeFlags();
        rings.set(ValueLayout.JAVA_INT, SQ_FLAGS, 1);
        assertThat(queue.needsWakeUp()).isTrue();
        assertThat(queue.holdsEventsBack()).isFalse();
        rings.set(ValueLayout.JAVA_INT, SQ_FLAGS, 2);
        assertThat(queue.needsWakeUp()).isFalse();
        assertThat(queue.holdsEventsBack()).isTrue();
    }

    @Test
    void shouldCatchFlagsThatAreReadWithoutAFence() {
        ring.setRelease(SQ_TAIL, 1);
        ring.getOpaque(SQ_FLAGS);
        assertThatThrownBy(this::assertFenceBeforeFlags).isInstanceOf(AssertionError.class);
    }

    @Test
    void shouldCatchAFenceBeforeTheTail() {
        ring.fullFence();
        ring.setRelease(SQ_TAIL, 1);
        ring.getOpaque(SQ_FLAGS);
        assertThatThrownBy(this::assertFenceBeforeFlags).isInstanceOf(AssertionError.class);
    }

    private void assertFenceBeforeFlags() {
        int tail = only("ring", "setRelease", SQ_TAIL);
        int fence = only("ring", "fullFence", -1);
        int flags = only("ring", "getOpaque", SQ_FLAGS);
        assertThat(List.of(tail, fence, flags)).isSorted();
    }

    // ---- events

    @Test
    void shouldReadTheTailBeforeAnEventAndTheEventBeforeItsPlaceIsGivenBack() {
        CompletionQueue queue = new CompletionQueue(ring, params);
        rings.set(ValueLayout.JAVA_LONG, CQ_EVENTS, 7);
        rings.set(ValueLayout.JAVA_INT, CQ_TAIL, 1);
        log.clear();
        assertThat(queue.next()).isTrue();
        assertEventInItsPlace();
        log.clear();
        assertThat(queue.next()).isFalse();
        assertThat(log).as("no event, no place").containsExactly(tailOfEvents());
    }

    @Test
    void shouldCatchAnEventThatIsReadBeforeTheTail() {
        ring.getLong(CQ_EVENTS);
        ring.getAcquire(CQ_TAIL);
        ring.setRelease(CQ_HEAD, 1);
        assertThatThrownBy(this::assertEventInItsPlace).isInstanceOf(AssertionError.class);
    }

    @Test
    void shouldCatchAPlaceThatIsGivenBackBeforeItsEventIsRead() {
        ring.getAcquire(CQ_TAIL);
        ring.setRelease(CQ_HEAD, 1);
        ring.getLong(CQ_EVENTS);
        assertThatThrownBy(this::assertEventInItsPlace).isInstanceOf(AssertionError.class);
    }

    @Test
    void shouldCatchAPlaceThatIsGivenBackPlain() {
        ring.getAcquire(CQ_TAIL);
        ring.getLong(CQ_EVENTS);
        ring.put(CQ_HEAD, 1);
        assertThatThrownBy(this::assertEventInItsPlace).isInstanceOf(AssertionError.class);
    }

    private void assertEventInItsPlace() {
        int tail = log.indexOf(tailOfEvents());
        int head = only("ring", "setRelease", CQ_HEAD);
        assertThat(tail).as("the tail").isNotNegative().isLessThan(head);
        int events = 0;
        for (int i = 0; i < log.size(); i++) {
            long offset = log.get(i).offset;
            if (offset >= CQ_EVENTS && offset < SQ_ARRAY) {
                assertThat(i).as("%s of an event", log.get(i)).isGreaterThan(tail).isLessThan(head);
                events++;
            }
        }
        assertThat(events).isPositive();
    }

    private static Access tailOfEvents() {
        return new Access("ring", "getAcquire", CQ_TAIL);
    }

    private static void add(SubmissionQueue queue) {
        queue.add(22, 0, 3, 0, 0, 0, 0, 0, 1);
    }

    /** Where the one access of its kind stands in the log. */
    private int only(String memory, String how, long offset) {
        Access access = new Access(memory, how, offset);
        assertThat(log).containsOnlyOnce(access);
        return log.indexOf(access);
    }

    private long stores(String memory) {
        return log.stream()
                .filter(access -> access.memory.equals(memory) && access.how.equals("put"))
                .count();
    }

    private RingParams params() {
        MemorySegment memory = arena.allocate(RingParams.BYTES, 8);
        int[][] fields = {
            {0, ENTRIES},
            {4, EVENTS},
            {40, SQ_HEAD},
            {44, SQ_TAIL},
            {56, SQ_FLAGS},
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

    private record Access(String memory, String how, long offset) {}

    /** Memory that writes down who reaches it and how. */
    private final class Recorded extends RingMemory {
        private final String name;

        Recorded(String name, MemorySegment memory) {
            super(memory);
            this.name = name;
        }

        @Override
        int get(long offset) {
            note("get", offset);
            return super.get(offset);
        }

        @Override
        long getLong(long offset) {
            note("get", offset);
            return super.getLong(offset);
        }

        @Override
        void put(long offset, int value) {
            note("put", offset);
            super.put(offset, value);
        }

        @Override
        void putLong(long offset, long value) {
            note("put", offset);
            super.putLong(offset, value);
        }

        @Override
        int getOpaque(long offset) {
            note("getOpaque", offset);
            return super.getOpaque(offset);
        }

        @Override
        int getAcquire(long offset) {
            note("getAcquire", offset);
            return super.getAcquire(offset);
        }

        @Override
        void setRelease(long offset, int value) {
            note("setRelease", offset);
            super.setRelease(offset, value);
        }

        @Override
        void fullFence() {
            note("fullFence", -1);
            super.fullFence();
        }

        private void note(String how, long offset) {
            log.add(new Access(name, how, offset));
        }
    }
}
