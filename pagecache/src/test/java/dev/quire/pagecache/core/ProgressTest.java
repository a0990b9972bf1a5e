package dev.quire.pagecache.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Who waits for a step misses none. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProgressTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);

    private final Progress progress = new Progress();

    @Test
    void shouldWakeWhoWaits() throws Exception {
        long seen = progress.count();
        Running<Boolean> waiter = Running.run(() -> progress.await(seen, LONG)).awaitAsleep();
        progress.made();
        waiter.get();
    }

    @Test
    void shouldNotWaitForAStepThatWasMadeBetweenTheLookAndTheWait() {
        long seen = progress.count();
        progress.made();
        progress.await(seen, LONG);
        assertThat(progress.count()).isEqualTo(seen + 1);
    }

    @Test
    void shouldEndAtTheDeadline() {
        progress.await(progress.count(), 1_000_000);
        progress.await(progress.count(), 0);
    }

    @Test
    void shouldKeepAnInterruptForLaterAndGoOnWaiting() throws Exception {
        long seen = progress.count();
        Running<Boolean> waiter =
                Running.start(
                        () -> {
                            Thread.currentThread().interrupt();
                            progress.await(seen, LONG);
                            return Thread.interrupted();
                        });
        waiter.awaitAsleep();
        assertThat(waiter.isDone()).isFalse();
        progress.made();
        assertThat(waiter.get()).isTrue();
    }

    @Test
    void shouldLoseNoStep() throws Exception {
        AtomicInteger work = new AtomicInteger();
        int rounds = 20_000;
        Running<Boolean> worker =
                Running.run(
                        () -> {
                            for (int i = 0; i < rounds; i++) {
                                while (work.get() != 2 * i + 1) {
                                    long seen = progress.count();
                                    if (work.get() != 2 * i + 1) {
                                        progress.await(seen, LONG);
                                    }
                                }
                                work.incrementAndGet();
                                progress.made();
                            }
                        });
        for (int i = 0; i < rounds; i++) {
            work.incrementAndGet();
            progress.made();
            while (work.get() != 2 * i + 2) {
                long seen = progress.count();
                if (work.get() != 2 * i + 2) {
                    progress.await(seen, LONG);
                }
            }
        }
        worker.get();
    }
}
