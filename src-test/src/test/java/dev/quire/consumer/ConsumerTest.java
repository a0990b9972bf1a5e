package dev.quire.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.docs.DocExample;

import org.agrona.concurrent.Agent;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A project of a user: the README's example as a program, compiled and run with nothing but the
 * jars that this build has made, Agrona and JCTools, and the flag that the README names.
 */
class ConsumerTest {
    private static final String MAIN =
            """
            package consumer;

            import static java.nio.file.StandardOpenOption.*;

            import dev.quire.pagecache.*;

            import java.nio.file.Path;

            public final class Main {
                private Main() {}

                public static void main(String[] args) throws Exception {
            EXAMPLE
                }
            }
            """;

    @TempDir Path project;

    /** The jars that Maven would put onto a user's path. */
    private static String jars() {
        Stream<String> ours =
                Stream.of(Artifact.ALLOCATOR, Artifact.AIO, Artifact.PAGECACHE)
                        .map(it -> it.jar("").toString());
        Stream<String> theirs =
                Stream.of(Agent.class, MpscVarHandleArrayQueue.class, MessagePassingQueue.class)
                        .map(ConsumerTest::jarOf);
        return Stream.concat(ours, theirs).collect(Collectors.joining(File.pathSeparator));
    }

    private static String jarOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldBeCompiledAndRunOnTheClassPath() throws Exception {
        String jars = jars();
        compile("--class-path", jars);
        assertThat(
                        run(
                                "--enable-native-access=ALL-UNNAMED",
                                "--class-path",
                                jars + File.pathSeparator + project.resolve("classes"),
                                "consumer.Main"))
                .isEqualTo("page 42 counts 1\n");
    }

    @Test
    void shouldBeCompiledAndRunOnTheModulePath() throws Exception {
        String jars = jars();
        source("module-info", "module consumer {\n    requires dev.quire.pagecache;\n}\n");
        compile("--module-path", jars);
        assertThat(
                        run(
                                "--enable-native-access=dev.quire.allocator,dev.quire.aio",
                                "--module-path",
                                jars + File.pathSeparator + project.resolve("classes"),
                                "--module",
                                "consumer/consumer.Main"))
                .isEqualTo("page 42 counts 1\n");
    }

    /** The flag is needed, so that the tests above show that it is enough. */
    @Test
    void shouldSayWhatIsMissingWithoutTheFlag() throws Exception {
        String jars = jars();
        compile("--class-path", jars);
        assertThat(
                        run(
                                "--class-path",
                                jars + File.pathSeparator + project.resolve("classes"),
                                "consumer.Main"))
                .contains("IllegalCallerException")
                .contains("enable-native-access");
    }

    private Path source(String name, String text) throws IOException {
        Path folder = Files.createDirectories(project.resolve("src"));
        return Files.writeString(folder.resolve(name + ".java"), text);
    }

    /** As strictly as javac can, so that users' builds need not look away. */
    private void compile(String pathOption, String jars) throws IOException {
        source("Main", MAIN.replace("EXAMPLE", DocExample.of("README.md").text()));
        StringWriter errors = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.list(project.resolve("src"))) {
            List<String> options =
                    List.of(
                            "-Xlint:all",
                            "-Werror",
                            "-proc:none",
                            "-d",
                            project.resolve("classes").toString(),
                            pathOption,
                            jars);
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources.toList()))
                            .call();
            assertThat(compiled).as(errors.toString()).isTrue();
        }
    }

    private String run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--illegal-native-access=deny");
        command.add("--sun-misc-unsafe-memory-access=deny");
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of(arguments));
        Path printed = project.resolve("printed");
        Process process =
                new ProcessBuilder(command)
                        .directory(project.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("it hangs: " + Files.readString(printed));
        }
        try (Stream<String> lines = Files.lines(printed)) {
            return lines.map(line -> line + "\n").collect(Collectors.joining());
        }
    }
}
