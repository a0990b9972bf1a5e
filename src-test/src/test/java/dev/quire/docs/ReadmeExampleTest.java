package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/** The README's example compiles as it is printed, and does what its comments say. */
class ReadmeExampleTest {
    private final DocExample example = DocExample.of("README.md");

    @Test
    void shouldCompileAndRunAsPrinted(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("counters.db");
        Method run =
                example.compile(
                        folder, "import dev.quire.pagecache.*;", "counters.db", file.toString());

        assertThat(DocExample.output(run)).isEqualTo("page 42 counts 1\n");
        assertThat(DocExample.output(run)).isEqualTo("page 42 counts 2\n");
        assertThat(Files.size(file)).isEqualTo(43 * 8192);
    }

    @Test
    void shouldCompileAndRunTheOneOfTheAllocator(@TempDir Path folder) throws Exception {
        Method run =
                DocExample.of("README.md", 2)
                        .compile(folder, "import dev.quire.allocator.*;", "1L << 30", "1L << 22");
        assertThat(DocExample.output(run)).as("nothing, and no leak").isEmpty();
    }

    @Test
    void shouldFitOnAScreen() {
        assertThat(example.text().lines().filter(line -> !line.isBlank()).count())
                .isLessThanOrEqualTo(16);
    }
}
