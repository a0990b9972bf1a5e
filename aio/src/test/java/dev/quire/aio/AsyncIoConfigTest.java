package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class AsyncIoConfigTest {
    @Test
    void shouldHaveSensibleDefaults() {
        AsyncIoConfig config = AsyncIoConfig.builder().build();
        assertThat(config.engine()).isEqualTo(Engine.AUTO);
        assertThat(config.queueDepth()).isEqualTo(128);
        assertThat(config.threads()).isBetween(8, 64);
        assertThat(config.threadNamePrefix()).isEqualTo("quire-io-");
    }

    @Test
    void shouldNotHaveMoreThreadsThanRequestsUnlessAskedFor() {
        assertThat(AsyncIoConfig.builder().queueDepth(3).build().threads()).isEqualTo(3);
        assertThat(AsyncIoConfig.builder().queueDepth(3).threads(5).build().threads()).isEqualTo(5);
    }

    @Test
    void shouldNameValueAndLimitWhenOutOfRange() {
        assertThatThrownBy(() -> AsyncIoConfig.builder().queueDepth(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("queueDepth must be 1..32768: queueDepth=0");
        assertThatThrownBy(() -> AsyncIoConfig.builder().threads(1025))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads must be 1..1024: threads=1025");
    }
}
