package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicBoolean;

/** What a person sees of an allocator in trouble. */
class DumpTest extends AllocatorFixture {
    @Test
    void shouldShowNumbersFreeBlocksAndFragmentation() {
        PageAllocator allocator = create(config(16).watermarksFrames(0, 2, 3));
        int[] frames = new int[16];
        allocator.allocateBatch(frames, 0, 16);
        for (int i = 0; i < 8; i += 2) {
            allocator.put(i); // four single frames, no two of them buddies
        }
        assertThat(allocator.dump().lines())
                .contains(
                        "PageAllocator[free=4 of 16 frames of 4096 bytes]",
                        "free blocks by order: blocks, frames, unusable/1000, fragmentation/1000",
                        "  o0: 4, 4, 0, would succeed",
                        // 1000 - (1000 + 4 * 1000 / 2) / 4
                        "  o1: 0, 0, 1000, 250",
                        // 1000 - (1000 + 4 * 1000 / 1024) / 4
                        "  o10: 0, 0, 1000, 750",
                        "blocks that are not free, by order, flags and owner, largest first",
                        "  o0: 12 blocks (12 frames), refs 1, first F#1")
                .anyMatch(
                        line -> line.contains("Watermarks[minFrames=0, lowFrames=2, highFrames=3"))
                .anyMatch(line -> line.contains("allocatedFrames=12"))
                .noneMatch(line -> line.contains("debug modes"));
    }

    @Test
    void shouldGroupBlocksByOrderFlagsAndOwner() {
        PageAllocator allocator = create(64);
        allocator.onDeferred(frame -> false); // not now
        int big = allocator.allocate(3);
        allocator.get(big);
        allocator.pin(big);
        int page = allocator.allocate(0);
        allocator.frames().own(page, 9, 42);
        allocator.frames().set(page, FrameState.UPTODATE | FrameState.DIRTY);
        int deferred = allocateOnLru(allocator);
        allocator.put(deferred);
        int bad = allocator.allocate(0);
        allocator.frames().own(bad, 9, 43);
        allocator.put(bad);
        String dump = allocator.dump();
        assertThat(dump)
                .containsSubsequence(
                        "  o3: 1 block (8 frames), refs 3, pins up to 1, first F#",
                        "deferred blocks: 1\n  F#" + Integer.toHexString(deferred) + "/o0 [refs 0",
                        "quarantined blocks: 1\n  F#" + Integer.toHexString(bad) + "/o0 [refs 0");
        assertThat(dump)
                .contains("  o0 [UPTODATE DIRTY] owner 9: 1 block (1 frame), refs 1, first F#")
                .contains("  o0 [LRU DEFERRED]: 1 block (1 frame), refs 0, first F#")
                .contains("  o0 [QUARANTINED] owner 9: 1 block (1 frame), refs 0, first F#");
        allocator.frames().own(page, 0, 0);
    }

    @Test
    void shouldShowWhatFrameCachesHold() {
        PageAllocator allocator = create(config(64).cacheFrames(8));
        allocator.put(allocator.allocate(0));
        assertThat(allocator.dump())
                .containsPattern("  o0 \\[SPARE]: \\d blocks? \\(\\d frames?\\)");
    }

    @Test
    void shouldBoundEveryListAndSayWhatItLeavesOut() {
        PageAllocator allocator = create(2048);
        for (int i = 0; i < 600; i++) {
            int frame = allocator.allocate(0);
            allocator.frames().own(frame, i + 1, 0);
        }
        for (int i = 0; i < 20; i++) {
            allocator.put(allocateOnLru(allocator));
            int bad = allocator.allocate(0);
            allocator.frames().own(bad, 1, i);
            allocator.put(bad);
        }
        String dump = allocator.dump();
        assertThat(dump.lines().count()).isLessThan(100);
        assertThat(dump).contains("deferred blocks: 20\n").contains("quarantined blocks: 20\n");
        assertThat(dump.split("  and 4 more\n", -1)).hasSize(3);
        // 602 kinds: one line says so many blocks, and all are counted somewhere.
        int counted =
                dump.lines()
                        .filter(line -> line.startsWith("  o0") && line.contains(", refs "))
                        .mapToInt(
                                line ->
                                        Integer.parseInt(
                                                line.replaceAll(".*: (\\d+) block.*", "$1")))
                        .sum();
        int others = Integer.parseInt(dump.replaceAll("(?s).*and others: (\\d+) blocks.*", "$1"));
        assertThat(counted + others).isEqualTo(640);
    }

    @Test
    void shouldShowWhoAllocatedMostWithTracking() {
        PageAllocator allocator = create(config(64).tracking(Tracking.FULL).poison(true));
        allocator.allocate(2);
        int small = allocator.allocate(0);
        assertThat(allocator.dump())
                .containsSubsequence(
                        "  debug modes: poison=on, tracking=every allocation, 2 of 4096 stacks, 1"
                                + " of 1024 threads, generations=on\n",
                        "blocks in use by who allocated them, largest first\n",
                        "  1 block (4 frames) allocated\n    at dev.quire.allocator.DumpTest.",
                        "  1 block (1 frame) allocated\n    at dev.quire.allocator.DumpTest.");
        allocator.put(small);
    }

    @Test
    void shouldBeSafeWhileOthersWork() throws Exception {
        PageAllocator allocator = create(config(256).tracking(Tracking.FULL).poison(true));
        AtomicBoolean done = new AtomicBoolean();
        Thread churn =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!done.get()) {
                                        int frame = allocator.allocate(3);
                                        allocator.get(frame);
                                        allocator.put(frame);
                                        allocator.put(frame);
                                    }
                                });
        try {
            for (int i = 0; i < 200; i++) {
                assertThat(allocator.dump()).startsWith("PageAllocator[").doesNotContain("null");
            }
        } finally {
            done.set(true);
            churn.join();
        }
        assertThat(badPages).isEmpty();
    }
}
