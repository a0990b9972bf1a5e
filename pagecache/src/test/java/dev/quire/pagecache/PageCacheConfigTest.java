package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

class PageCacheConfigTest {
    private final PageCacheConfig.Builder builder = PageCacheConfig.builder();

    private void assertRefused(String... parts) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void shouldHaveDefaultsThatWork() {
        PageCacheConfig config = builder.build();
        assertThat(config.memoryBytes())
                .isEqualTo(MemoryBudget.ofThisProcess().cacheBytes(8192))
                .isPositive();
        assertThat(config.pageBytes()).isEqualTo(8192);
        assertThat(config.dirtyBackgroundPercent()).isLessThan(config.dirtyHardPercent());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -4096, 1024, 4095, 5000, 12288, 131_072, Integer.MIN_VALUE})
    void shouldRefuseAPageSize(int bytes) {
        builder.pageBytes(bytes);
        assertRefused("4096 to 65536", "pageBytes=" + bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 64L * 8192 - 1})
    void shouldRefuseTooLittleMemory(long bytes) {
        builder.memoryBytes(bytes);
        assertRefused("at least 64 pages", "524288", "memoryBytes=" + bytes);
    }

    @Test
    void shouldTakeTheLeastMemory() {
        assertThat(builder.memoryBytes(64L * 65536).pageBytes(65536).build().memoryBytes())
                .isEqualTo(4L << 20);
    }

    @Test
    void shouldRefuseDirtyLimitsThatDoNotRise() {
        builder.dirtyPercent(0, 50);
        assertRefused("background=0", "hard=50");
        builder.dirtyPercent(50, 50);
        assertRefused("background=50", "hard=50");
        builder.dirtyPercent(10, 91);
        assertRefused("90 percent", "hard=91");
        builder.dirtyPercent(1, 90).build();
    }

    @Test
    void shouldRefuseTimesThatMakeNoSense() {
        builder.dirtyAge(Duration.ZERO);
        assertRefused("dirtyAge=PT0S");
        builder.dirtyAge(Duration.ofSeconds(1)).stallMax(Duration.ofMillis(-1));
        assertRefused("stallMax=");
        builder.stallMax(ChronoUnit.FOREVER.getDuration());
        assertRefused("0 to PT8760H", "stallMax=");
        builder.stallMax(Duration.ZERO).dirtyAge(ChronoUnit.FOREVER.getDuration());
        assertRefused("at most PT8760H", "dirtyAge=");
        builder.dirtyAge(Duration.ofDays(365)).stallMax(Duration.ofDays(365)).build();
        builder.closeMax(Duration.ofDays(366));
        assertRefused("0 to PT8760H", "closeMax=PT8784H");
        builder.closeMax(Duration.ZERO).build();
    }

    @Test
    void shouldRefuseToReadAheadBackward() {
        builder.readAheadBytes(-1);
        assertRefused("read-ahead must be at least 0 bytes", "readAheadBytes=-1");
        assertThat(builder.readAheadBytes(0).build().readAheadBytes()).isZero();
    }

    @Test
    void shouldLeaveNoThreadBehindWhenTheMemoryCannotBeHad() {
        PageCacheConfig config = builder.memoryBytes(1L << 60).pageBytes(4096).build();
        assertThatThrownBy(() -> PageCache.create(config)).isInstanceOf(RuntimeException.class);
        Running.until("threads ended", () -> CloseTest.quireThreads().isEmpty());
    }
}
