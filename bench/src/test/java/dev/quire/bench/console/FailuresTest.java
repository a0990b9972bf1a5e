package dev.quire.bench.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

final class FailuresTest {
    @Test
    void shouldSayInWordsWhatTheJdkSaysByAType() {
        assertThat(Failures.describe(new AccessDeniedException("a.db")))
                .isEqualTo("no permission: a.db");
        assertThat(Failures.describe(new NoSuchFileException("a.db")))
                .isEqualTo("does not exist: a.db");
        assertThat(Failures.describe(new FileSystemException("a.db", null, "File too large")))
                .isEqualTo("File too large: a.db");
    }

    @Test
    void shouldAlwaysBeOneLine() {
        assertThat(Failures.describe(new IOException("one\n  two\r\nthree\n")))
                .isEqualTo("one two three");
        assertThat(Failures.describe(new IOException())).isEqualTo("java.io.IOException");
    }
}
