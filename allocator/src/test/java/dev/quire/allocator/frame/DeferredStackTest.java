package dev.quire.allocator.frame;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;

class DeferredStackTest {
    private final DeferredStack stack = new DeferredStack(8);

    private List<Integer> drain() {
        List<Integer> drained = new ArrayList<>();
        int frame = stack.takeAll();
        while (frame != DeferredStack.NO_FRAME) {
            drained.add(frame);
            frame = stack.unlink(frame);
        }
        return drained;
    }

    @Test
    void shouldGiveBackWhatWasPushedLastInFirstOut() {
        assertThat(stack.isEmpty()).isTrue();
        stack.push(0);
        stack.push(7);
        stack.push(3);
        assertThat(stack.isEmpty()).isFalse();
        assertThat(drain()).containsExactly(3, 7, 0);
        assertThat(drain()).isEmpty();
    }

    @Test
    void shouldLinkAFrameOnceHoweverOftenItIsPushed() {
        // A reclaimer freed frame 5 off its list while its entry was still here; it came back.
        stack.push(1);
        stack.push(5);
        stack.push(2);
        stack.push(5);
        assertThat(drain()).containsExactly(2, 5, 1);
    }

    @Test
    void shouldTakeAFrameAgainOnceItIsUnlinked() {
        stack.push(4);
        int frame = stack.takeAll();
        assertThat(stack.unlink(frame)).isEqualTo(DeferredStack.NO_FRAME);
        stack.push(4);
        assertThat(drain()).containsExactly(4);
    }

    @Test
    void shouldWalkWithoutTaking() {
        stack.push(6);
        stack.push(2);
        assertThat(stack.peek()).isEqualTo(2);
        assertThat(stack.peekNext(2)).isEqualTo(6);
        assertThat(stack.peekNext(6)).isEqualTo(DeferredStack.NO_FRAME);
        assertThat(drain()).containsExactly(2, 6);
    }

    @Test
    void shouldDrainEveryPushExactlyOnceWithManyPushersAndDrainers() throws Exception { // S1.5
        int count = 64;
        int rounds = 20_000;
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("DeferredStackTest -Dseed=" + seed);
        DeferredStack shared = new DeferredStack(count);
        // 0 idle, 1 waiting to be drained: what DEFERRED is in the frame word.
        AtomicIntegerArray waiting = new AtomicIntegerArray(count);
        AtomicIntegerArray drained = new AtomicIntegerArray(count);
        AtomicIntegerArray pushed = new AtomicIntegerArray(count);
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> pushers = new ArrayList<>();
        List<Thread> drainers = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            SplittableRandom random = new SplittableRandom(seed + t);
            pushers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int i = 0; i < rounds; i++) {
                                            int frame = random.nextInt(count);
                                            if (waiting.compareAndSet(frame, 0, 1)) {
                                                pushed.incrementAndGet(frame);
                                                shared.push(frame);
                                            } else if (waiting.compareAndSet(frame, 1, 0)) {
                                                drained.incrementAndGet(frame); // a scan met it
                                            }
                                        }
                                    }));
            drainers.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!done.get()) {
                                            drainInto(shared, waiting, drained);
                                        }
                                    }));
        }
        for (Thread pusher : pushers) {
            pusher.join();
        }
        done.set(true);
        for (Thread drainer : drainers) {
            drainer.join();
        }
        drainInto(shared, waiting, drained);
        for (int frame = 0; frame < count; frame++) {
            assertThat(waiting.get(frame)).as("frame %s left behind", frame).isZero();
            assertThat(drained.get(frame)).isEqualTo(pushed.get(frame));
        }
    }

    private static void drainInto(
            DeferredStack stack, AtomicIntegerArray waiting, AtomicIntegerArray drained) {
        int frame = stack.takeAll();
        while (frame != DeferredStack.NO_FRAME) {
            int next = stack.unlink(frame);
            if (waiting.compareAndSet(frame, 1, 0)) {
                drained.incrementAndGet(frame);
            }
            frame = next;
        }
    }
}
