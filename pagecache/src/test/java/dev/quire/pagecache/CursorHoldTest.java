package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.ValueLayout;

/** From a read to the write latch and back. */
class CursorHoldTest extends CacheFixture {
    @Test
    void shouldUpgradeAReadThatStillHolds() {
        write(0, 1, 10);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            long value = c.getLong(0);
            assertThat(c.upgrade()).isTrue();
            c.putLong(0, value + 1);
            c.putLong(PAGE_BYTES - 8, value + 1);
            c.release();
        }
        assertThat(read(0)).isEqualTo(11);
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
    }

    @Test
    void shouldNotUpgradeWhatWasWrittenMeanwhile() {
        write(0, 1, 10);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            c.getLong(0);
            write(0, 1, 20);
            assertThat(c.upgrade()).isFalse();
            assertThat(c.retry()).isTrue();
            c.read(0);
            assertThat(c.getLong(0)).isEqualTo(20);
            assertThat(c.upgrade()).isTrue();
            c.releaseClean();
        }
    }

    @Test
    void shouldNotWaitForALatchWhenItUpgrades() {
        write(0, 1, 10);
        try (PageCursor c = file.cursor();
                PageCursor other = file.cursor()) {
            c.read(0);
            other.write(0);
            assertThat(c.upgrade()).isFalse();
            other.releaseClean();
        }
    }

    @Test
    void shouldNotUpgradeAPageThatLeftAndCameBack() throws Exception {
        write(0, 1, 10);
        file.sync();
        try (PageCursor c = file.cursor()) {
            c.read(0);
            evictAll();
            assertThat(cached(0)).isFalse();
            assertThat(read(0)).isEqualTo(10);
            assertThat(c.upgrade()).isFalse();
        }
    }

    @Test
    void shouldUpgradeAPin() {
        write(0, 1, 10);
        try (PageCursor c = file.cursor()) {
            c.pin(0);
            long value = c.getLong(0);
            assertThat(c.upgrade()).isTrue();
            c.segment().set(ValueLayout.JAVA_LONG, 0, value + 5);
            c.putLong(PAGE_BYTES - 8, value + 5);
            c.release();
            assertThatThrownBy(c::release).isInstanceOf(IllegalStateException.class);
        }
        assertThat(read(0)).isEqualTo(15);
    }

    @Test
    void shouldRefuseToUpgradeWhatIsNoRead() {
        write(0, 1, 10);
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(c::upgrade)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("on no page");
            c.write(0);
            assertThatThrownBy(c::upgrade)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("writing");
        }
    }

    @Test
    void shouldKeepThePageWhenItDowngrades() throws Exception {
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.putLong(0, 42);
            c.putLong(PAGE_BYTES - 8, 42);
            c.downgrade();
            assertThat(read(0)).as("seen by others").isEqualTo(42);
            assertThat(c.getLong(0)).isEqualTo(42);
            assertThat(c.retry()).isFalse();
            file.sync();
            evictAll();
            assertThat(cached(0)).as("pinned").isTrue();
            assertThatThrownBy(() -> c.putLong(0, 1)).isInstanceOf(IllegalStateException.class);

            write(0, 1, 50);
            assertThat(c.retry()).isTrue();
            assertThat(c.getLong(0)).isEqualTo(50);
            assertThat(c.retry()).isFalse();
            c.release();
            assertThatThrownBy(c::downgrade).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldNotUpgradeThePinOfAPageThatWasCutOff() throws Exception {
        write(0, 1, 10);
        try (PageCursor c = file.cursor()) {
            c.pin(0);
            file.truncate(0);
            write(0, 1, 20); // another page of that number
            assertThat(c.detached()).isTrue();
            assertThat(c.retry()).isTrue();
            assertThat(c.getLong(0)).as("its bytes stay").isEqualTo(10);
            assertThat(c.retry()).isFalse();
            assertThat(c.upgrade()).isFalse();
            c.release();
        }
        assertThat(read(0)).isEqualTo(20);
    }
}
