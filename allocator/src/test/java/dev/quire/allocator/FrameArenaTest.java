package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.os.VirtualMemory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;

/** The bridge to java.lang.foreign. */
class FrameArenaTest extends AllocatorFixture {
    private static MemorySegment dirty(PageAllocator allocator) {
        return allocator.region().fill((byte) 7);
    }

    @Test
    void shouldCutSmallSegmentsFromOneFrameAndPutItAtClose() {
        PageAllocator allocator = create(64);
        dirty(allocator);
        try (Arena arena = allocator.arena(Arena.ofConfined())) {
            MemorySegment word = arena.allocateFrom("quire");
            MemorySegment number = arena.allocate(ValueLayout.JAVA_LONG);
            assertThat(word.getString(0)).isEqualTo("quire");
            assertThat(number.get(ValueLayout.JAVA_LONG, 0)).isZero();
            assertThat(number.address()).isEqualTo(word.address() + 8);
            assertThat(allocator.frameOf(word)).isEqualTo(allocator.frameOf(number));
            assertThat(allocator.freeFrames()).isEqualTo(63);
        }
        assertThat(allocator.freeFrames()).isEqualTo(64);
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldTakeABlockOfTheOrderThatFitsALargeSegment() {
        PageAllocator allocator = create(2048);
        dirty(allocator);
        try (Arena arena = allocator.arena(Arena.ofShared())) {
            MemorySegment exact = arena.allocate(4096 << 3);
            MemorySegment more = arena.allocate((4096 << 3) + 1);
            MemorySegment largest = arena.allocate(4096L << PageAllocator.ORDER_MAX);
            assertThat(allocator.order(allocator.frameOf(exact))).isEqualTo(3);
            assertThat(allocator.order(allocator.frameOf(more))).isEqualTo(4);
            assertThat(more.byteSize()).isEqualTo((4096 << 3) + 1);
            assertThat(allocator.order(allocator.frameOf(largest))).isEqualTo(10);
            assertThat(largest.asSlice(0, 4096).mismatch(MemorySegment.ofArray(new byte[4096])))
                    .isEqualTo(-1);
        }
        assertThat(allocator.freeFrames()).isEqualTo(2048);
    }

    @Test
    void shouldAlignAsAskedUpToAHugePage() {
        PageAllocator allocator = create(4096);
        try (Arena arena = allocator.arena(Arena.ofConfined())) {
            for (long alignment = 1; alignment <= VirtualMemory.HUGE_BYTES; alignment <<= 1) {
                MemorySegment segment = arena.allocate(3, alignment);
                assertThat(segment.address() % alignment).isZero();
                assertThat(segment.byteSize()).isEqualTo(3);
            }
            assertThatThrownBy(() -> arena.allocate(8, VirtualMemory.HUGE_BYTES << 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("alignment must be at most 2097152: alignment=4194304");
        }
    }

    @Test
    void shouldHandOutZeroedDisjointSegments() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("FrameArenaTest -Dseed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        PageAllocator allocator = create(4096);
        dirty(allocator);
        for (int round = 0; round < 20; round++) {
            try (Arena arena = allocator.arena(Arena.ofConfined())) {
                List<MemorySegment> all = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    MemorySegment segment =
                            arena.allocate(random.nextInt(1, 12_000), 1L << random.nextInt(13));
                    for (long at = 0; at < segment.byteSize(); at++) {
                        assertThat(segment.get(ValueLayout.JAVA_BYTE, at)).isZero();
                    }
                    all.add(segment.fill((byte) (i | 1)));
                }
                for (int i = 0; i < all.size(); i++) {
                    MemorySegment segment = all.get(i);
                    assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) (i | 1));
                    assertThat(segment.get(ValueLayout.JAVA_BYTE, segment.byteSize() - 1))
                            .isEqualTo((byte) (i | 1));
                }
            }
            assertThat(allocator.freeFrames()).as("-Dseed=" + seed).isEqualTo(4096);
        }
    }

    @Test
    void shouldNotLoseMuchOfAFrameToSegmentsThatDoNotFitTheRest() {
        PageAllocator allocator = create(64);
        try (Arena arena = allocator.arena(Arena.ofConfined())) {
            arena.allocate(1000, 1);
            arena.allocate(4000, 1); // its own frame: 96 bytes of rest are less than 3096
            arena.allocate(3096, 1);
            assertThat(allocator.freeFrames()).isEqualTo(62);
        }
    }

    @Test
    void shouldNeedNoFrameForAnEmptySegment() {
        PageAllocator allocator = create(1);
        int last = allocator.allocate(0);
        try (Arena arena = allocator.arena(Arena.ofConfined())) {
            MemorySegment empty = arena.allocate(0, 64);
            assertThat(empty.byteSize()).isZero();
            assertThat(empty.address() % 64).isZero();
            assertThat(empty.scope()).isEqualTo(arena.scope());
        }
        allocator.put(last);
    }

    @Test
    void shouldRefuseWhatNoBlockHolds() {
        PageAllocator allocator = create(64);
        try (Arena arena = allocator.arena(Arena.ofConfined())) {
            assertThatThrownBy(() -> arena.allocate((4 << 20) + 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a segment must fit into a block of 4194304 bytes: bytes=4194305");
            assertThatThrownBy(() -> arena.allocate(Long.MAX_VALUE, 1L << 62))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> arena.allocate(-1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> arena.allocate(8, 3))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> arena.allocate(8, 0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> arena.allocate(4 << 20))
                    .isInstanceOf(OutOfFramesException.class)
                    .hasMessageContaining("order=10");
            assertThat(arena.allocate(4096 << 6).byteSize()).isEqualTo(4096 << 6);
        }
        assertThat(allocator.freeFrames()).isEqualTo(64);
    }

    @Test
    void shouldRefuseAccessAndAllocationAfterClose() {
        for (Arena lifetime : List.of(Arena.ofConfined(), Arena.ofShared())) {
            PageAllocator allocator = create(8);
            Arena arena = allocator.arena(lifetime);
            MemorySegment small = arena.allocate(8);
            MemorySegment large = arena.allocate(8192);
            assertThat(arena.scope().isAlive()).isTrue();
            arena.close();
            assertThat(arena.scope().isAlive()).isFalse();
            for (MemorySegment segment : List.of(small, large)) {
                assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
            // From the rest of the open frame, from a new block, and an empty one.
            for (long bytes : new long[] {8, 4096, 8192, 0}) {
                assertThatThrownBy(() -> arena.allocate(bytes))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("closed");
            }
            assertThatThrownBy(arena::close).isInstanceOf(IllegalStateException.class);
            assertThat(allocator.freeFrames()).isEqualTo(8);
            assertThat(badPages).isEmpty();
        }
    }

    @Test
    void shouldBeOneThreadsOwnWhenConfined() {
        PageAllocator allocator = create(8);
        try (Arena arena = allocator.arena(Arena.ofConfined())) {
            MemorySegment segment = arena.allocate(8);
            for (Runnable use :
                    List.<Runnable>of(
                            () -> segment.get(ValueLayout.JAVA_BYTE, 0),
                            () -> arena.allocate(8),
                            () -> arena.allocate(8192),
                            () -> arena.allocate(0),
                            arena::close)) {
                assertThatThrownBy(() -> CompletableFuture.runAsync(use).join())
                        .isInstanceOf(CompletionException.class)
                        .hasCauseInstanceOf(WrongThreadException.class);
            }
            assertThat(allocator.freeFrames()).isEqualTo(7);
        }
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    void shouldCloseASharedArenaUnderReadersWhoThenSeeItClosed() throws Exception {
        PageAllocator allocator = create(512);
        for (int round = 0; round < 50; round++) {
            Arena arena = allocator.arena(Arena.ofShared());
            MemorySegment segment = arena.allocate(8192);
            segment.fill((byte) 3);
            CountDownLatch reading = new CountDownLatch(1);
            CompletableFuture<Void> reader =
                    CompletableFuture.runAsync(
                            () -> {
                                while (true) {
                                    byte read = segment.get(ValueLayout.JAVA_BYTE, 5000);
                                    assertThat(read).isEqualTo((byte) 3);
                                    reading.countDown();
                                }
                            });
            reading.await();
            arena.close();
            // Whoever has the block now writes it: the reader must be out.
            dirty(allocator);
            assertThatThrownBy(reader::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThat(allocator.freeFrames()).isEqualTo(512);
    }

    @Test
    void shouldServeManyThreadsFromASharedArena() {
        PageAllocator allocator = create(4096);
        try (Arena arena = allocator.arena(Arena.ofShared())) {
            CompletableFuture<?>[] users = new CompletableFuture<?>[3];
            for (int user = 0; user < users.length; user++) {
                byte mark = (byte) (user + 1);
                users[user] =
                        CompletableFuture.runAsync(
                                () -> {
                                    List<MemorySegment> mine = new ArrayList<>();
                                    for (int i = 0; i < 2000; i++) {
                                        mine.add(arena.allocate(1 + i % 700).fill(mark));
                                    }
                                    for (MemorySegment segment : mine) {
                                        for (long at = 0; at < segment.byteSize(); at++) {
                                            assertThat(segment.get(ValueLayout.JAVA_BYTE, at))
                                                    .isEqualTo(mark);
                                        }
                                    }
                                });
            }
            CompletableFuture.allOf(users).join();
        }
        assertThat(allocator.freeFrames()).isEqualTo(4096);
    }

    @Test
    void shouldPutTheFramesWhenTheLifetimeIsClosedItself() {
        PageAllocator allocator = create(8);
        try (Arena lifetime = Arena.ofShared()) {
            Arena arena = allocator.arena(lifetime);
            arena.allocate(8);
            assertThat(allocator.freeFrames()).isEqualTo(7);
        }
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    @Timeout(60)
    void shouldGetTheFramesOfAnAllocatorOfSegmentsBackFromTheCollector() throws Exception {
        PageAllocator allocator = create(64);
        List<MemorySegment> kept = new ArrayList<>();
        kept.add(fillFrom(allocator.segmentAllocator()));
        assertThat(allocator.freeFrames()).isEqualTo(62);
        System.gc();
        // A segment keeps all of its allocator's frames.
        assertThat(kept.getFirst().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 9);
        assertThat(allocator.freeFrames()).isEqualTo(62);
        kept.clear();
        while (allocator.freeFrames() < 64) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(badPages).isEmpty();
    }

    private static MemorySegment fillFrom(SegmentAllocator segments) {
        segments.allocate(4096).fill((byte) 8);
        return segments.allocate(100).fill((byte) 9);
    }

    @Test
    void shouldReportWhatAnOpenArenaHoldsAsALeakAndStillTakeIt() {
        PageAllocator allocator = create(8);
        Arena arena = allocator.arena(Arena.ofConfined());
        MemorySegment segment = arena.allocate(8);
        segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 5);
        allocator.close();
        assertThat(leaks).hasSize(1);
        assertThat(segment.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        arena.close();
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }
}
