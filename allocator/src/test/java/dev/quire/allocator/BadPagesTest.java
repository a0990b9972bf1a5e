package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A handler of bad pages is the user's code: whatever it does stays its own matter. */
class BadPagesTest extends AllocatorFixture {
    private final AtomicReference<PageAllocator> handled = new AtomicReference<>();

    @ParameterizedTest
    @EnumSource(Tracking.class)
    void shouldContainAHandlerThatAllocatesAndPuts(Tracking tracking) {
        int[] calls = new int[1];
        PageAllocator allocator =
                create(
                        config(8)
                                .tracking(tracking)
                                .poison(true)
                                .onBadPage(
                                        report -> {
                                            PageAllocator own = handled.get();
                                            int frame = own.allocate(1);
                                            own.segment(frame).fill((byte) 1);
                                            own.put(frame);
                                            own.drainDeferred();
                                            own.dump();
                                            calls[0]++;
                                        }));
        handled.set(allocator);
        int handle = allocator.allocate(0);
        allocator.frames().own(allocator.frame(handle), 3, 14);
        allocator.put(handle);
        assertThat(calls[0]).isEqualTo(1);
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
        assertThat(allocator.freeFrames()).isEqualTo(7);
    }

    @Test
    void shouldNotCallAHandlerForWhatItDoesWrongItself() {
        int[] calls = new int[1];
        PageAllocator allocator =
                create(
                        config(8)
                                .onBadPage(
                                        report -> {
                                            calls[0]++;
                                            handled.get().freeFrozen(report.frame());
                                        }));
        handled.set(allocator);
        allocator.freeFrozen(5);
        assertThat(calls[0]).as("no recursion").isEqualTo(1);
        assertThat(allocator.stats().badPages()).as("both are counted").isEqualTo(2);
        allocator.freeFrozen(5);
        assertThat(calls[0]).as("the next misuse is told again").isEqualTo(2);
    }

    @Test
    void shouldFindAFrameQuarantinedAlreadyWhenItIsTold() {
        PageAllocator allocator =
                create(
                        config(8)
                                .onBadPage(
                                        report -> {
                                            badPages.add(report);
                                            PageAllocator own = handled.get();
                                            assertThat(own.stats().quarantinedFrames())
                                                    .isEqualTo(2);
                                            own.freeFrozen(
                                                    report.frame()); // is not FROZEN any more
                                        }));
        handled.set(allocator);
        int frame = allocator.allocate(1);
        allocator.frames().own(frame, 3, 14);
        allocator.put(frame);
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().state()).as("as it was").contains("FROZEN");
        assertThat(allocator.stats().quarantinedFrames()).isEqualTo(2);
    }

    @Test
    void shouldDelayNobodyElseWhenAHandlerHangs() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        PageAllocator allocator =
                create(
                        config(8)
                                .onBadPage(
                                        report -> {
                                            badPages.add(report);
                                            if (report.frame() == 7) {
                                                inside.countDown();
                                                await(leave);
                                            }
                                        }));
        Thread hung = Thread.ofPlatform().start(() -> allocator.freeFrozen(7));
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
        int frame = allocator.allocate(2);
        allocator.put(frame);
        allocator.freeFrozen(6);
        assertThat(badPages).extracting(BadPageReport::frame).containsExactly(7, 6);
        allocator.verify();
        leave.countDown();
        hung.join();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldThrowNothingInARestrictedContextWhateverTheHandlerThrows() {
        for (Tracking tracking : Tracking.values()) {
            PageAllocator allocator =
                    create(
                            config(8)
                                    .tracking(tracking)
                                    .poison(tracking != Tracking.OFF)
                                    .onBadPage(
                                            report -> {
                                                throw new AssertionError("from the handler");
                                            }));
            int[] handles = {allocator.allocate(0), allocator.allocate(0)};
            int first = allocator.frame(handles[0]);
            allocator.tryFreeze(handles[0], 1);
            allocator.frames().own(first, 3, 14);
            long word = allocator.frames().word(first);
            assertThatCode(
                            () -> {
                                allocator.lastPut(first, word); // quarantined
                                allocator.lastPut(first, word); // twice
                                allocator.putBatch(handles, 0, 2);
                                allocator.putBatch(handles, 0, 2);
                                allocator.freeFrozen(handles[1]);
                                allocator.freeFrozenBatch(handles, 0, 2);
                                allocator.freeFrozen(1 << 30);
                            })
                    .doesNotThrowAnyException();
            assertThat(allocator.stats().badPages()).as("%s", tracking).isEqualTo(9);
            assertThat(allocator.stats().quarantinedFrames()).isEqualTo(1);
            assertThat(allocator.freeFrames()).isEqualTo(7);
        }
    }
}
