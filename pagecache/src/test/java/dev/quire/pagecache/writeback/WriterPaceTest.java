package dev.quire.pagecache.writeback;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How much writers are slowed near the hard limit. */
class WriterPaceTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long ZONE = 100;

    private final AtomicLong clock = new AtomicLong(1);
    private final WriterPace pace = new WriterPace(clock::get);

    /** The stores take 0.5 ms a page. */
    @BeforeEach
    void writeForAWhile() {
        clock.addAndGet(50 * MILLI);
        pace.written(100);
    }

    private void dirty(int pages, long into) {
        for (int i = 0; i < pages; i++) {
            pace.dirtied(into, ZONE);
        }
    }

    @Test
    void shouldCostNothingAtTheStartOfTheZone() {
        dirty(1_000, 0);
        assertThat(pace.due()).isFalse();
        assertThat(pace.owedNanos()).isZero();
    }

    @Test
    void shouldCostTheTimeOfAWriteInTheMiddleAndTwiceThatAtTheEnd() {
        dirty(4, ZONE / 2);
        assertThat(pace.due()).isTrue();
        assertThat(pace.owedNanos()).isEqualTo(2 * MILLI);
        dirty(4, ZONE);
        assertThat(pace.owedNanos()).isEqualTo(4 * MILLI);
        dirty(4, 5 * ZONE);
        assertThat(pace.owedNanos()).as("beyond the end").isEqualTo(4 * MILLI);
    }

    @Test
    void shouldCollectWhatIsNotWorthAPause() {
        dirty(1, ZONE / 2);
        assertThat(pace.due()).isFalse();
        dirty(1, ZONE / 2);
        assertThat(pace.due()).isTrue();
    }

    @Test
    void shouldMakeNoPauseLongerThanTenMilliseconds() {
        dirty(1_000, ZONE);
        assertThat(pace.owedNanos()).isEqualTo(10 * MILLI);
        assertThat(pace.due()).as("the rest is forgiven").isFalse();
    }

    @Test
    void shouldFollowTheStores() {
        clock.addAndGet(50 * MILLI);
        pace.written(1_000); // ten times faster
        dirty(100, ZONE / 2);
        assertThat(pace.owedNanos()).isEqualTo(5 * MILLI);
    }

    @Test
    void shouldNotTakeATimeWithoutWorkForASlowStore() {
        clock.addAndGet(3_600_000 * MILLI);
        pace.written(1);
        clock.addAndGet(50 * MILLI);
        pace.written(100);
        dirty(2, ZONE / 2);
        assertThat(pace.owedNanos()).isEqualTo(MILLI);
    }
}
