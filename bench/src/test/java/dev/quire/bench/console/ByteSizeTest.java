package dev.quire.bench.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "8k, 8192",
        "8K, 8192",
        "8kb, 8192",
        "8KiB, 8192",
        "256m, 268435456",
        "2g, 2147483648",
        "3T, 3298534883328",
        "17b, 17",
        "8388607t, 9223370937343148032",
        "9223372036854775807, 9223372036854775807"
    })
    void shouldReadWholeNumbersWithAnOptionalUnit(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1.5g", "1e3", "8 k", "8kk", "8p", "0x10", "٣"})
    void shouldNameATextThatIsNoSize(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("k, m, g or t: " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8388608t", "9223372036854775808", "99999999999999999999k"})
    void shouldRefuseASizeThatDoesNotFit(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("below 2^63 bytes")
                .hasMessageEndingWith(": " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "1023", "1k", "1025", "8k", "256m", "2g", "3t", "5000t"})
    void shouldFormatWhatItReadsBack(String text) {
        assertThat(ByteSize.format(ByteSize.parse(text))).isEqualTo(text);
    }
}
