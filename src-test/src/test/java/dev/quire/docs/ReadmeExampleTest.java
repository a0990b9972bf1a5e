package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The README's example compiles as it is printed, and does what its comments say. */
class ReadmeExampleTest {
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private static final String FRAME =
            """
            import static java.nio.file.StandardOpenOption.*;
            import dev.quire.pagecache.*;
            import java.nio.file.Path;

            public class Example {
                public static void run(java.io.PrintStream out) throws Exception {
            EXAMPLE
                }
            }
            """;

    @Test
    void shouldCompileAndRunAsPrinted(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("counters.db");
        // Only the name of the file and the stream differ: a test leaves nothing behind.
        String example =
                example().replace("counters.db", file.toString()).replace("System.out", "out");
        Method run =
                compile(FRAME.replace("EXAMPLE", example), folder)
                        .getMethod("run", java.io.PrintStream.class);

        assertThat(output(run)).isEqualTo("page 42 counts 1\n");
        assertThat(output(run)).isEqualTo("page 42 counts 2\n");
        assertThat(Files.size(file)).isEqualTo(43 * 8192);
    }

    @Test
    void shouldFitOnAScreen() throws IOException {
        assertThat(example().lines().filter(line -> !line.isBlank()).count())
                .isLessThanOrEqualTo(16);
    }

    private static String example() throws IOException {
        Matcher found = EXAMPLE.matcher(Files.readString(readme()));
        assertThat(found.find()).as("README.md has a java block").isTrue();
        return found.group(1);
    }

    private static Path readme() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        return folder.resolve("README.md");
    }

    private static Class<?> compile(String source, Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("Example.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of(
                            "-proc:none",
                            "-d",
                            folder.toString(),
                            "-classpath",
                            System.getProperty("java.class.path"));
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjects(file))
                            .call();
            assertThat(compiled).as(errors.toString()).isTrue();
        }
        URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        return loader.loadClass("Example");
    }

    private static String output(Method run) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (java.io.PrintStream out =
                new java.io.PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            run.invoke(null, out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
