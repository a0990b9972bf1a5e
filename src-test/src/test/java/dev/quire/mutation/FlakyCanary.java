package dev.quire.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Passes once, and never again, whatever it is run with: {@link MutationTest} runs it. */
final class FlakyCanary {
    static final Path RUNS = Path.of("target", "mutations", "flaky-runs").toAbsolutePath();

    @Test
    void shouldPassOnce() throws IOException {
        Files.writeString(RUNS, ".", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        assertThat(Files.size(RUNS)).isEqualTo(1);
    }
}
