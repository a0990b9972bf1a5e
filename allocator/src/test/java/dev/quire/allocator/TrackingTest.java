package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who allocated and who freed, in every report that there is. */
class TrackingTest extends AllocatorFixture {
    private PageAllocator tracking(int frameCount) {
        return create(config(frameCount).tracking(Tracking.FULL));
    }

    private static int allocateHere(PageAllocator allocator, int order) {
        return allocator.allocate(order);
    }

    private static void freeThere(PageAllocator allocator, int frame) {
        allocator.put(frame);
    }

    @Test
    void shouldNameInAReportWhoFoundAllocatedAndFreed() {
        PageAllocator allocator = tracking(8);
        int frame = allocateHere(allocator, 1);
        freeThere(allocator, frame);
        assertThatThrownBy(() -> allocator.put(frame))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("put of a free frame: frame=F#0/free [refs 0, pins 0]");
        String[] lines = badPages.getFirst().toString().lines().toArray(String[]::new);
        assertThat(lines).anyMatch(line -> line.startsWith("  found by thread "));
        assertThat(badPages.getFirst().history())
                .containsSubsequence(
                        "found by thread",
                        "TrackingTest.lambda$shouldNameInAReportWhoFoundAllocatedAndFreed",
                        "allocated 0.0",
                        " s ago by thread " + Thread.currentThread().getName(),
                        "    at dev.quire.allocator.TrackingTest.allocateHere(TrackingTest.java:",
                        "freed 0.0",
                        "    at dev.quire.allocator.TrackingTest.freeThere(TrackingTest.java:");
        assertThat(badPages.getFirst().history())
                .as("Quire's own calls are cut off")
                .doesNotContain("PageAllocator.");
    }

    @Test
    void shouldNameTheOwnersOfABlockWhoseTailWasPut() {
        PageAllocator allocator = tracking(8);
        int frame = allocateHere(allocator, 2);
        assertThatThrownBy(() -> allocator.put(frame + 2))
                .hasMessageStartingWith("put of a tail: frame=F#2/tail")
                .hasMessageContaining("TrackingTest.allocateHere");
        allocator.put(frame);
    }

    @Test
    void shouldNameWhoFreedWhatIsQuarantined() {
        PageAllocator allocator = tracking(8);
        int handle = allocateHere(allocator, 0);
        int frame = allocator.frame(handle);
        allocator.frames().own(frame, 9, 42);
        freeThere(allocator, handle);
        assertThat(badPages.getFirst().rule()).isEqualTo("free of a page that still has an owner");
        assertThat(badPages.getFirst().history())
                .containsSubsequence("allocated ", "allocateHere", "freed ", "freeThere");
    }

    @Test
    void shouldSumUpALeakByWhoAllocatedLargestFirst() {
        PageAllocator allocator = tracking(256);
        for (int i = 0; i < 20; i++) {
            allocator.allocate(0);
        }
        for (int i = 0; i < 3; i++) {
            allocateHere(allocator, 4);
        }
        allocator.close();
        LeakReport leak = leaks.getFirst();
        assertThat(leak.sites()).hasSize(2);
        assertThat(leak.sites().getFirst().blocks()).isEqualTo(3);
        assertThat(leak.sites().getFirst().frames()).isEqualTo(48);
        assertThat(leak.sites().getFirst().stack().getFirst()).contains("allocateHere");
        assertThat(leak.sites().getLast().blocks()).isEqualTo(20);
        assertThat(leak.toString())
                .containsSubsequence(
                        "23 blocks (68 frames) still allocated: F#0/o0",
                        ", and 15 more\n",
                        "  3 blocks (48 frames) allocated\n    at ",
                        "  20 blocks (20 frames) allocated\n    at ")
                .doesNotContain("of other places");
    }

    @Test
    void shouldSayHowMuchALeakReportLeavesOut() {
        PageAllocator allocator = tracking(256);
        for (int depth = 0; depth < LeakReport.SITES_MAX / 2 + 2; depth++) {
            allocateFrom(allocator, depth);
            allocateFrom(allocator, depth);
        }
        allocator.close();
        assertThat(leaks.getFirst().sites()).hasSize(LeakReport.SITES_MAX);
        assertThat(leaks.getFirst().toString()).endsWith("\n  and 4 blocks of other places");
    }

    private static void allocateFrom(PageAllocator allocator, int depth) {
        if (depth == 0) {
            allocator.allocate(0);
        } else {
            allocateFrom(allocator, depth - 1);
        }
    }

    @Test
    void shouldNameWhoHoldsTheFramesWhenThereIsNone() {
        PageAllocator allocator = tracking(16);
        allocateHere(allocator, 3);
        allocator.allocate(2);
        allocator.allocate(2);
        assertThatThrownBy(() -> allocator.allocate(0))
                .isInstanceOf(OutOfFramesException.class)
                .hasMessageStartingWith("out of frames: order=0, freeFrames=0")
                .satisfies(
                        e ->
                                assertThat(e.getMessage())
                                        .containsSubsequence(
                                                "\n  1 block (8 frames) allocated\n    at ",
                                                "allocateHere",
                                                "\n  1 block (4 frames) allocated\n    at "));
    }

    @Test
    void shouldSayThatAnAllocationWasNotSampled() {
        PageAllocator allocator =
                create(config(4).tracking(Tracking.SAMPLED).trackingSample(Integer.MAX_VALUE));
        int frame = allocator.allocate(0);
        assertThat(frame).as("no generations").isZero();
        allocator.put(frame);
        assertThatThrownBy(() -> allocator.put(frame))
                .hasMessageEndingWith("\n  (not sampled: 1 allocation in 2147483647 is)");
        allocator.allocate(1);
        allocator.close();
        assertThat(leaks.getFirst().sites().getFirst().toString())
                .isEqualTo(
                        "1 block (2 frames) allocated\n"
                                + "    (not sampled: 1 allocation in 2147483647 is)");
    }

    @Test
    void shouldTrackWhatWasSampled() {
        PageAllocator allocator = create(config(4).tracking(Tracking.SAMPLED).trackingSample(1));
        freeThere(allocator, allocateHere(allocator, 0));
        assertThatThrownBy(() -> allocator.put(0))
                .hasMessageContaining("allocateHere")
                .hasMessageContaining("freeThere");
    }

    @Test
    void shouldTrackBatches() {
        PageAllocator allocator = tracking(16);
        int[] handles = new int[8];
        assertThat(allocator.allocateBatch(handles, 0, 8)).isEqualTo(8);
        allocator.putBatch(handles, 0, 8);
        assertThatThrownBy(() -> allocator.put(handles[3]))
                .hasMessageContaining("allocated ")
                .hasMessageContaining("freed ")
                .hasMessageContaining("TrackingTest.shouldTrackBatches");
    }

    @ParameterizedTest
    @EnumSource(Tracking.class)
    void shouldCountItsMemory(Tracking tracking) {
        long metadata = create(config(1024).tracking(tracking)).stats().metadataBytes();
        long plain = create(config(1024).cacheFrames(0)).stats().metadataBytes();
        int perFrame =
                switch (tracking) {
                    case OFF -> 0;
                    case SAMPLED -> 32;
                    case FULL -> 36;
                };
        assertThat(metadata - plain).isEqualTo(1024L * perFrame);
    }
}
