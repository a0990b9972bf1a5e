package dev.quire.bench.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The file of --results, in the midst of a run and at its end. */
final class ResultsFileTest {
    private static final SuiteResults RESULTS =
            new SuiteResults(
                    List.of(
                            new Measurement(
                                    "pin", "hot256", "quire", 1, 4, null, "ns/op", null, null,
                                    null)),
                    "2026-01-31",
                    "2 processors",
                    0.25,
                    "./quire bench",
                    "1 fork",
                    new LinkedHashMap<>(),
                    List.of());

    @TempDir private Path folder;

    @Test
    void shouldHoldWhatThereIsAndThenAll() throws IOException {
        Path path = folder.resolve("r.json");
        SuiteResults unfinished = RESULTS.without(Set.of(Group.MEMORY));

        new ResultsFile(path).keep(unfinished);
        assertThat(SuiteResults.read(path)).isEqualTo(unfinished);
        new ResultsFile(path).write(RESULTS);
        assertThat(SuiteResults.read(path)).isEqualTo(RESULTS);

        assertThat(folder).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void shouldWriteBehindALinkAndLeaveIt() throws IOException {
        Path path = Files.writeString(folder.resolve("r.json"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), path);

        new ResultsFile(link).write(RESULTS);

        assertThat(link).isSymbolicLink();
        assertThat(SuiteResults.read(path)).isEqualTo(RESULTS);
    }

    @Test
    void shouldTellAPipeOnceAndNotReplaceIt() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        FutureTask<String> reader = new FutureTask<>(() -> Files.readString(pipe));
        Thread.ofPlatform().daemon().start(reader);

        new ResultsFile(pipe).keep(RESULTS.without(Set.of(Group.MEMORY)));
        new ResultsFile(pipe).write(RESULTS);

        assertThat(reader.get(1, TimeUnit.MINUTES)).isEqualTo(RESULTS.json() + "\n");
        assertThat(Files.isRegularFile(pipe)).isFalse();
    }

    @Test
    void shouldLeaveTheOldOneWhereTheNewOneCannotBeWritten() throws IOException {
        Path path = Files.writeString(folder.resolve("r.json"), "old");
        Path blocked = Files.createDirectories(folder.resolve("r.json.part/full")).getParent();

        assertThatThrownBy(() -> new ResultsFile(path).write(RESULTS))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--results=" + path);
        assertThat(path).hasContent("old");
        assertThat(blocked).isDirectory();
    }
}
