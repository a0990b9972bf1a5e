package dev.quire.pagecache.reclaim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

/** How much earlier reclaim begins when frames are taken fast. */
class ReclaimPaceTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int FRAMES = 1 << 20;

    private final ReclaimPace pace = new ReclaimPace(0);
    private long now;
    private long taken;

    private int after(long millis, long frames) {
        now += millis * MILLI;
        taken += frames;
        return pace.ahead(taken, FRAMES, now);
    }

    @Test
    void shouldBeginAsManyFramesEarlierAsAreTakenUntilItComesRound() {
        assertThat(after(10, 1_000)).isEqualTo(500);
        assertThat(after(100, 20_000)).isEqualTo(1_000);
    }

    @Test
    void shouldNotBeginEarlierWhileNothingIsTaken() {
        assertThat(after(100, 0)).isZero();
    }

    @Test
    void shouldForgetAFastTimeByAndBy() {
        assertThat(after(10, 2_000)).isEqualTo(1_000);
        assertThat(after(10, 0)).isEqualTo(500);
        assertThat(after(10, 0)).isEqualTo(250);
        assertThat(after(10, 600)).isEqualTo(300);
    }

    @Test
    void shouldNotJudgeByAShortTime() {
        assertThat(after(4, 100_000)).isZero();
        assertThat(after(1, 0)).isEqualTo(FRAMES / 512);
    }

    @Test
    void shouldKeepNoMoreThanASmallPartOfTheCacheFree() {
        assertThat(after(10, 10_000_000)).isEqualTo(FRAMES / 512);
        now += 10 * MILLI;
        assertThat(pace.ahead(20_000_000, 8192, now)).as("made smaller").isEqualTo(16);
        assertThat(new ReclaimPace(0).ahead(10_000_000, 4095, 10 * MILLI)).isZero();
    }
}
