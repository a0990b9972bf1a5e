package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;

final class ComparedProcessTest {
    @TempDir private Path folder;

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

    @Test
    void shouldHaveRoomForTheTablesOfALargeCache() throws IOException {
        // Two million frames, of which the workload uses a few: their tables are 86 MiB of heap.
        int pageBytes = 4096;
        long memoryBytes = 8L << 30;
        int pages = 1000;
        try (ComparedFile file = file((long) pages * pageBytes, pageBytes)) {
            LoadSettings settings =
                    new LoadSettings(
                            Subject.QUIRE,
                            file.path().toString(),
                            pages,
                            pageBytes,
                            memoryBytes,
                            1,
                            0,
                            30,
                            0,
                            0,
                            0.2,
                            1);

            Outcome outcome = new ComparedProcess(settings, null).run();

            assertThat(outcome.requests()).isPositive();
            assertThat(outcome.pageMemoryBytes()).isLessThanOrEqualTo(memoryBytes);
        }
    }

    private ComparedFile file(long bytes, int pageBytes) {
        try {
            return ComparedFile.make(folder, bytes, pageBytes);
        } catch (InputException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }

    private static LoadSettings onNoFile() {
        return new LoadSettings(
                Subject.FILECHANNEL, "/nowhere/at/all", 1, 4096, 0, 1, 0, 0, 0, 0, 1, 1);
    }
}
