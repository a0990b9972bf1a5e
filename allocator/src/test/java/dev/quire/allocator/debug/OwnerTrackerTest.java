package dev.quire.allocator.debug;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;

class OwnerTrackerTest {
    private long nowNanos = 5_000_000_000L;

    /** Stands for the allocator: its own calls are not in stacks. */
    private static final class Entry {
        static void allocate(OwnerTracker tracker, int head) {
            inner(() -> tracker.allocated(head, 1));
        }

        static void free(OwnerTracker tracker, int head) {
            inner(() -> tracker.freed(head, 1));
        }

        private static void inner(Runnable action) {
            action.run();
        }
    }

    private OwnerTracker tracker(int oneIn, int stacksMax, int threadsMax) {
        String entry = Entry.class.getName();
        return new OwnerTracker(64, oneIn, entry, () -> nowNanos, stacksMax, threadsMax);
    }

    private OwnerTracker tracker() {
        return tracker(1, 100, 100);
    }

    @Test
    void shouldSayWhoAllocatedAndWhoFreedAndWhen() {
        OwnerTracker tracker = tracker();
        Entry.allocate(tracker, 3);
        nowNanos += 1_500_000_000L;
        Entry.free(tracker, 3);
        nowNanos += 42_000_000L;
        assertThat(tracker.history(3).lines())
                .contains(
                        "  allocated 1.542 s ago by thread " + Thread.currentThread().getName(),
                        "  freed 0.042 s ago by thread " + Thread.currentThread().getName());
        assertThat(tracker.siteLines(tracker.allocationSite(3)).getFirst())
                .as("the allocator's own calls are cut off")
                .contains(".shouldSayWhoAllocatedAndWhoFreedAndWhen(OwnerTrackerTest.java:");
        assertThat(tracker.history(4)).isEqualTo("  never allocated");
    }

    @Test
    void shouldKnowOfEveryFrameOfABlock() {
        OwnerTracker tracker = tracker();
        tracker.allocated(8, 4);
        tracker.freed(8, 4);
        tracker.allocated(8, 1);
        assertThat(tracker.history(11)).contains("allocated ", "\n  freed 0");
        assertThat(tracker.history(12)).isEqualTo("  never allocated");
        assertThat(tracker.allocationSite(11)).isNotEqualTo(tracker.allocationSite(8));
    }

    @Test
    void shouldTellTheFreeOfAnEarlierLife() {
        OwnerTracker tracker = tracker();
        Entry.allocate(tracker, 3);
        Entry.free(tracker, 3);
        nowNanos += 1_000_000;
        Entry.allocate(tracker, 3);
        assertThat(tracker.history(3))
                .contains("allocated 0.000 s ago")
                .contains("freed before that, 0.001 s ago");
    }

    @Test
    void shouldKeepEachStackOnce() {
        OwnerTracker tracker = tracker();
        Set<Integer> sites = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Entry.allocate(tracker, i);
            sites.add(tracker.allocationSite(i));
        }
        Entry.allocate(tracker, 10);
        assertThat(sites).hasSize(1);
        assertThat(tracker.allocationSite(10)).isNotIn(sites);
        assertThat(tracker.sites()).isEqualTo(2);
        assertThat(tracker).hasToString("every allocation, 2 of 100 stacks, 1 of 100 threads");
    }

    @Test
    void shouldSayThatItsTablesAreFull() throws InterruptedException {
        OwnerTracker tracker = tracker(1, 1, 1);
        Entry.allocate(tracker, 0);
        Entry.allocate(tracker, 1);
        Thread.ofPlatform().name("another").start(() -> Entry.allocate(tracker, 2)).join();
        assertThat(tracker.history(0)).contains("OwnerTrackerTest");
        assertThat(tracker.history(1)).contains("(stack table full: 1 stacks)");
        assertThat(tracker.history(2)).contains("by thread (thread table full)");
        assertThat(tracker.allocationSite(1)).isEqualTo(tracker.allocationSite(2));
        assertThat(tracker.siteLines(tracker.allocationSite(1)))
                .containsExactly("(stack table full: 1 stacks)");
    }

    @Test
    void shouldCutADeepStackAndSaySo() {
        OwnerTracker tracker = tracker();
        deep(tracker, 50);
        assertThat(tracker.siteLines(tracker.allocationSite(0)))
                .hasSize(CallStack.DEPTH_MAX + 1)
                .endsWith("at ... (deeper than 16 calls)");
    }

    private static void deep(OwnerTracker tracker, int depth) {
        if (depth == 0) {
            Entry.allocate(tracker, 0);
        } else {
            deep(tracker, depth - 1);
        }
    }

    @Test
    void shouldKeepTheWholeStackWhenTheEntryIsNotInIt() {
        OwnerTracker tracker = tracker();
        tracker.allocated(0, 1);
        assertThat(tracker.history(0)).contains("at dev.quire.allocator.debug.OwnerTracker.record");
    }

    @Test
    void shouldCallAllNamelessVirtualThreadsByOneName() throws InterruptedException {
        OwnerTracker tracker = tracker(1, 100, 1);
        for (int i = 0; i < 3; i++) {
            int head = i;
            Thread.startVirtualThread(() -> Entry.allocate(tracker, head)).join();
            assertThat(tracker.history(head)).contains("by thread (virtual)\n");
        }
    }

    @Test
    void shouldSampleAboutOneInSoManyAndSayWhichIsNot() {
        OwnerTracker tracker = tracker(8, 100, 100);
        int sampled = 0;
        for (int i = 0; i < 8000; i++) {
            Entry.allocate(tracker, 0);
            boolean tracked = tracker.allocationSite(0) != OwnerTracker.UNTRACKED;
            sampled += tracked ? 1 : 0;
            Entry.free(tracker, 0);
            if (!tracked) {
                assertThat(tracker.history(0)).isEqualTo("  (not sampled: 1 allocation in 8 is)");
            } else {
                assertThat(tracker.history(0)).contains("allocated 0.000 s", "freed 0.000 s");
            }
        }
        // Binomial, mean 1000, deviation 30: ten of them.
        assertThat(sampled).isBetween(700, 1300);
    }
}
