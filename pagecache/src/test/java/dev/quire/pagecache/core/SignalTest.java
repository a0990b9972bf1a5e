package dev.quire.pagecache.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalTest {
    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

    @Test
    void shouldNotIdleAfterWork() {
        new Signal(HOUR_NANOS).idle(1);
    }

    @Test
    void shouldIdleNotLongerThanItMay() {
        new Signal(1_000_000).idle(0);
    }

    @Test
    void shouldNotFallAsleepWhenItWasRaised() {
        Signal signal = new Signal(HOUR_NANOS);
        signal.raise();
        signal.raise();
        signal.idle(0);
    }

    @Test
    void shouldNotFallAsleepOnceEnded() throws Exception {
        Signal signal = new Signal(HOUR_NANOS);
        Running<Boolean> agent = Running.run(() -> signal.idle(0)).awaitAsleep();
        signal.end();
        agent.get();
        signal.idle(0);
        signal.idle(0);
    }

    // An agent that sleeps for an hour when a signal is lost: the raiser waits for it each round.
    @Test
    void shouldLoseNoSignal() throws Exception {
        int rounds = 30_000;
        Signal signal = new Signal(HOUR_NANOS);
        AtomicInteger wanted = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        Running<Boolean> agent =
                Running.run(
                        () -> {
                            while (done.get() < rounds) {
                                int work = wanted.get() - done.get();
                                done.addAndGet(work);
                                signal.idle(work);
                            }
                        });
        for (int n = 1; n <= rounds; n++) {
            wanted.set(n);
            signal.raise();
            for (int spins = 0; done.get() < n && spins < 2_000; spins++) {
                Thread.onSpinWait();
            }
            int round = n;
            if (done.get() < n) {
                Running.until("round " + n, () -> done.get() >= round);
            }
        }
        agent.get();
        assertThat(done).hasValue(rounds);
    }
}
