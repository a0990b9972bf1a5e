package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/** The example of the I/O guide compiles as it is printed, and does what its comments say. */
class IoGuideExampleTest {
    @Test
    void shouldCompileAndRunAsPrinted(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("log.db");
        Method run =
                DocExample.of("docs/io.md")
                        .compile(
                                folder,
                                """
                                import dev.quire.aio.*;
                                import dev.quire.allocator.*;
                                import java.util.concurrent.CompletableFuture;
                                import com.sun.nio.file.ExtendedOpenOption;
                                """,
                                "log.db",
                                file.toString());

        assertThat(DocExample.output(run)).isEqualTo("read 4096 bytes, the first is 7\n");
        assertThat(Files.size(file)).isEqualTo(4096);
    }
}
