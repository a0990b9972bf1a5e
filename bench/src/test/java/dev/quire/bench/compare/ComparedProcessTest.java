package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;

final class ComparedProcessTest {
    @Test
    void shouldSayWhyItsWorkCouldNotBeDone() {
        assertThatThrownBy(() -> new ComparedProcess(onNoFile(), null).run())
                .isInstanceOf(IOException.class)
                .hasMessage("does not exist: /nowhere/at/all");
    }

    @Test
    void shouldSayThatItEndedBeforeItsWorkWasDone() {
        // The shell in front of it cannot enter a group that is none.
        ControlGroup none = new ControlGroup(Path.of("/nowhere"), false);

        assertThatThrownBy(() -> new ComparedProcess(onNoFile(), none).run())
                .isInstanceOf(IOException.class)
                .hasMessageMatching(
                        "the process of filechannel ended before its work was done, exit code \\d");
    }

    private static LoadSettings onNoFile() {
        return new LoadSettings(
                Subject.FILECHANNEL, "/nowhere/at/all", 1, 4096, 0, 1, 0, 0, 0, 0, 1, 1);
    }
}
