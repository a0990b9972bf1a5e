package dev.quire.layering;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The first example of the README compiles as printed, and does what it says. */
class ReadmeExampleTest {
    private static final String BLOCK_START = "```java\n";
    private static final String BLOCK_END = "\n```";

    @TempDir Path directory;

    private static Path readme() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        return Objects.requireNonNull(folder, "a folder with README.md above the working directory")
                .resolve("README.md");
    }

    private static String example() throws IOException {
        String text = Files.readString(readme());
        int start = text.indexOf(BLOCK_START);
        assertThat(start).as("first java block of the README").isPositive();
        return text.substring(start + BLOCK_START.length(), text.indexOf(BLOCK_END, start));
    }

    private void compile(String example) throws IOException {
        Path source = directory.resolve("Example.java");
        Files.writeString(
                source,
                """
                import static java.nio.file.StandardOpenOption.*;
                import dev.quire.pagecache.*;
                import java.nio.file.Path;

                class Example {
                    public static void main(String[] args) throws Exception {
                %s
                    }
                }
                """
                        .formatted(example));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
            boolean compiled =
                    compiler.getTask(
                                    messages,
                                    files,
                                    null,
                                    List.of(
                                            "-proc:none",
                                            "-cp",
                                            System.getProperty("java.class.path"),
                                            "-d",
                                            directory.toString()),
                                    null,
                                    files.getJavaFileObjects(source))
                            .call();
            assertThat(compiled).as("%s", messages).isTrue();
        }
    }

    private String run() throws Exception {
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--illegal-native-access=deny",
                                "-cp",
                                directory
                                        + System.getProperty("path.separator")
                                        + System.getProperty("java.class.path"),
                                "Example")
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        String text = Files.readString(output);
        assertThat(ended && process.exitValue() == 0).as(text).isTrue();
        return text;
    }

    @Test
    void shouldCompileAndRunAsPrinted() throws Exception {
        String example = example();
        assertThat(example.lines().count()).as("it is short").isLessThan(25);
        compile(example);
        assertThat(run()).isEqualTo("page 42 counts 1\n");
        assertThat(run()).as("it is on the disk").isEqualTo("page 42 counts 2\n");
        assertThat(directory.resolve("counters.db")).isRegularFile();
    }
}
