package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;

final class ComparedProcessTest {
    @Test
    void shouldSayThatAProcessEndedBeforeItsWorkWasDone() {
        LoadSettings settings =
                new LoadSettings(
                        Subject.FILECHANNEL, "/nowhere/at/all", 1, 4096, 0, 1, 0, 0, 0, 0, 1, 1);

        assertThatThrownBy(() -> new ComparedProcess(settings, null).run())
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "the process of filechannel ended before its work was done, exit code 1");
    }
}
