package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.locks.LockSupport;

/** Writers that are faster than their store. */
class ThrottleTest extends CacheFixture {
    private static final int SLOW = 38; // in the middle between 25 and 51 dirty pages of 64

    @Test
    void shouldSlowWritersBeforeTheyHaveToStop() {
        backing.beforeWrite = page -> LockSupport.parkNanos(200_000);
        long slowed = 0;
        for (int i = 0; i < 2_000 && slowed == 0; i++) {
            long stalls = cache.stats().stalls();
            write(i % 200, 1, i);
            if (cache.stats().stalls() > stalls && cache.stats().dirtyPages() < 51) {
                slowed++;
            }
        }
        assertThat(slowed).as("pauses below the hard limit").isPositive();
    }

    @Test
    void shouldNotSlowWritersBelowTheMiddleOfTheLimits() {
        backing.beforeWrite = page -> LockSupport.parkNanos(100_000);
        for (int round = 0; round < 20; round++) {
            write(0, SLOW - 1, round);
        }
        assertThat(cache.stats().stalls()).isZero();
    }

    @Test
    void shouldNeverSlowAThreadThatHoldsALatch() {
        backing.beforeWrite = page -> LockSupport.parkNanos(200_000);
        try (PageCursor root = file.cursor()) {
            for (int round = 0; round < 20; round++) {
                root.write(200);
                long stalls = cache.stats().stalls();
                write(0, 50, round);
                assertThat(cache.stats().stalls()).isEqualTo(stalls);
                root.release();
            }
        }
    }
}
