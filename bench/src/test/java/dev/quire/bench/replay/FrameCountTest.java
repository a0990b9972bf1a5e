package dev.quire.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.bench.console.InputException;
import dev.quire.bench.trace.Trace;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.stream.LongStream;

final class FrameCountTest {
    private static final Trace TRACE = Trace.of("t", LongStream.range(0, 3083).toArray());

    @ParameterizedTest
    @CsvSource({
        "64, 64",
        "' 512 ', 512",
        "16777216, 16777216",
        "10%, 308",
        "25%, 771",
        "100%, 3083"
    })
    void shouldBeANumberOrAShareOfThePages(String text, int frames) {
        assertThat(FrameCount.parse(text).frames(TRACE)).isEqualTo(frames);
    }

    @Test
    void shouldBeAtLeastWhatAPageCacheNeedsWhenItIsAShare() {
        assertThat(FrameCount.parse("0.5%").frames(TRACE)).isEqualTo(64);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "63",
                "0",
                "-1",
                "16777217",
                "99999999999",
                "",
                "x",
                "1e3",
                "0%",
                "101%",
                "%"
            })
    void shouldRefuseAnythingElse(String text) {
        assertThatThrownBy(() -> FrameCount.parse(text))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "--frames must be from 64 to 16777216, or a percentage of the pages above"
                                + " 0% and up to 100%: --frames="
                                + text);
    }
}
