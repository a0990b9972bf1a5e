package dev.quire.pagecache.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FrameWaitsTest {
    private final FrameTable frames = new FrameTable(128);
    private final FrameWaits waits = new FrameWaits(frames);
    private static final int OWNER = 1;
    private static final long PAGE = 7;

    private void lock(int frame) {
        if (frames.word(frame) == 0) {
            frames.update(frame, FrameState::allocate);
        }
        frames.own(frame, OWNER, PAGE);
        assertThat(frames.tryLock(frame)).isTrue();
    }

    private void unlock(int frame) {
        waits.wake(frame, frames.replace(frame, FrameState::unlock));
    }

    @Test
    void shouldReturnAtOnceWhenTheFlagIsClear() {
        waits.await(3, OWNER, PAGE, FrameState.LOCKED | FrameState.EXCLUSIVE);
        assertThat(frames.word(3)).as("no WAITERS left behind").isZero();
    }

    @Test
    void shouldSleepUntilTheFlagIsCleared() throws Exception {
        lock(3);
        Running<Boolean> sleeper =
                Running.run(() -> waits.await(3, OWNER, PAGE, FrameState.LOCKED));
        sleeper.awaitAsleep();
        Running.until("WAITERS set", () -> FrameState.any(frames.word(3), FrameState.WAITERS));
        assertThat(sleeper.isDone()).isFalse();
        unlock(3);
        sleeper.get();
        assertThat(FrameState.any(frames.word(3), FrameState.WAITERS)).isFalse();
    }

    @Test
    void shouldSleepOnWhenAnotherFrameOfTheQueueIsUnlocked() throws Exception {
        lock(3);
        lock(67); // the same queue
        Running<Boolean> three = Running.run(() -> waits.await(3, OWNER, PAGE, FrameState.LOCKED));
        Running<Boolean> other = Running.run(() -> waits.await(67, OWNER, PAGE, FrameState.LOCKED));
        three.awaitAsleep();
        other.awaitAsleep();
        unlock(67);
        other.get();
        three.awaitAsleep();
        assertThat(three.isDone()).isFalse();
        unlock(3);
        three.get();
    }

    /** Its holder may wait for a page that the sleeper has latched. */
    @Test
    void shouldNotSleepForAnotherPageThatTheFrameHoldsByNow() throws Exception {
        lock(3);
        waits.await(3, OWNER, PAGE + 1, FrameState.LOCKED);
        waits.await(3, OWNER + 1, PAGE, FrameState.LOCKED);
        Running<Boolean> sleeper =
                Running.run(() -> waits.await(3, OWNER, PAGE, FrameState.LOCKED));
        sleeper.awaitAsleep();
        long seen = frames.replace(3, FrameState::unlock);
        frames.own(3, OWNER, PAGE + 1);
        assertThat(frames.tryLock(3)).isTrue(); // before the sleeper has looked
        waits.wake(3, seen);
        sleeper.get();
    }

    // Pairs of threads: one takes and gives back the lock, the others wait for it; a lost wake-up
    // leaves a thread asleep and the round does not end.
    @Test
    void shouldLoseNoWakeUp() throws Exception {
        int rounds = 10_000;
        CyclicBarrier round = new CyclicBarrier(3);
        frames.update(9, FrameState::allocate);
        frames.own(9, OWNER, PAGE);
        List<Running<Boolean>> waiters = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            waiters.add(
                    Running.run(
                            () -> {
                                for (int n = 0; n < rounds; n++) {
                                    round.await();
                                    waits.await(9, OWNER, PAGE, FrameState.LOCKED);
                                    round.await();
                                }
                            }));
        }
        for (int n = 0; n < rounds; n++) {
            lock(9);
            round.await();
            if (n % 4 == 0) {
                Running.until(
                        "a waiter came", () -> FrameState.any(frames.word(9), FrameState.WAITERS));
            }
            unlock(9);
            round.await();
        }
        for (Running<Boolean> waiter : waiters) {
            waiter.get();
        }
    }

    // S1.9: the waker touches nothing of the frame, which may be somebody else's by then.
    @Test
    void shouldNotTouchTheFrameWhenItWakes() {
        waits.wake(5, FrameState.WAITERS);
        assertThat(frames.word(5)).isZero();
    }
}
