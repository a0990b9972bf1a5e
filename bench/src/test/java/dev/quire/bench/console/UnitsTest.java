package dev.quire.bench.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "999, 999",
        "1000, 1.00k",
        "1234, 1.23k",
        "9994, 9.99k",
        "9996, 10.0k",
        "99940, 99.9k",
        "99960, 100k",
        "999499, 999k",
        "999600, 1.00M",
        "1234567890, 1.23G"
    })
    void shouldShowThreeDigits(long count, String text) {
        assertThat(Units.count(count)).isEqualTo(text);
    }

    @Test
    void shouldKnowBytesTimesRatesAndRatios() {
        assertThat(Units.bytes(8192)).isEqualTo("8.00 KiB");
        assertThat(Units.bytes(2L << 30)).isEqualTo("2.00 GiB");
        assertThat(Units.nanos(12_345)).isEqualTo("12.3 us");
        assertThat(Units.nanos(7)).isEqualTo("7 ns");
        assertThat(Units.nanos(3_600_000_000_000L)).isEqualTo("3600 s");
        assertThat(Units.rate(0.25)).isEqualTo("0.25");
        assertThat(Units.percent(0.8734)).isEqualTo("87.3 %");
    }
}
