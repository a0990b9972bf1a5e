package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
    private long nowNanos = Long.MAX_VALUE - 5; // it overflows: only differences count
    private final RateLimit limit = new RateLimit(() -> nowNanos);

    @Test
    void shouldLetABurstThroughAndNameWhatItHeldBackInTheNextOne() {
        for (int i = 0; i < 60; i++) {
            assertThat(limit.admit()).isZero();
        }
        for (int i = 0; i < 7; i++) {
            assertThat(limit.admit()).isEqualTo(-1);
        }
        nowNanos += 59_999_999_999L;
        assertThat(limit.admit()).isEqualTo(-1);
        nowNanos += 1;
        assertThat(limit.admit()).as("held back since the last one").isEqualTo(8);
        assertThat(limit.admit()).isZero();
    }
}
