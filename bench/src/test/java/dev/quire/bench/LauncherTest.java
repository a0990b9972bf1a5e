package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The launcher script in a project of its own, with a java and a Maven that only tell how they were
 * called.
 */
@DisabledOnOs(OS.WINDOWS)
final class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "quire");

    /** Long enough ago to be older than anything that a test touches. */
    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

    @TempDir private Path folder;
    private Path project;
    private Path source;
    private Path jar;
    private Path tools;

    /** What a run of the launcher ended with. */
    private record Ended(int exitCode, List<String> out, List<String> err) {}

    @BeforeEach
    void makeProject() throws IOException {
        project = Files.createDirectories(folder.resolve("a project"));
        Files.copy(LAUNCHER, project.resolve("quire"));
        executable(project.resolve("quire"));
        source = old(project.resolve("bench/src/main/java/Main.java"));
        old(project.resolve("pom.xml"));
        old(project.resolve("bench/pom.xml"));
        for (String directory : List.of("bench/src/main/java", "bench/src/main")) {
            Files.setLastModifiedTime(project.resolve(directory), LONG_AGO);
        }
        jar = project.resolve("bench/target/quire-bench.jar");
        tools = Files.createDirectories(folder.resolve("tools"));
        // It makes the jar and counts itself; slowly, so that two at once would be seen.
        script(
                tools.resolve("mvn"),
                "echo built >>'" + folder + "/builds'",
                "sleep 0.3",
                "mkdir -p bench/target && touch bench/target/quire-bench.jar");
    }

    @Test
    void shouldStartTheJarWithExactlyTheFlagsItNeeds() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.3");
        build();

        Ended ended = launch(jdk, project, "run", "--file", "with space");

        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out())
                .containsExactly(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=deny",
                        "-Dquire.columns=0",
                        "-Xmx1g",
                        "-Da=b",
                        "-cp",
                        jar.toRealPath().toString(),
                        "dev.quire.bench.Quire",
                        "run",
                        "--file",
                        "with space");
        assertThat(builds()).isZero();
    }

    @Test
    void shouldAllowUnsafeOnlyToJmh() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.3");
        build();

        assertThat(launch(jdk, project, "bench").out())
                .contains("--sun-misc-unsafe-memory-access=allow");
        assertThat(launch(jdk, project, "run", "bench").out())
                .contains("--sun-misc-unsafe-memory-access=deny");
    }

    @Test
    void shouldBuildOnFirstUseAndThenNoMore() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.3");

        Ended first = launch(jdk, project);
        Ended second = launch(jdk, project);

        assertThat(first.exitCode()).isEqualTo(7);
        assertThat(first.err()).containsExactly("quire: building...");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isOne();
    }

    @Test
    void shouldBuildAgainWhenASourceOrAPomIsNewerOrASourceIsGone() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.3");
        build();
        FileTime now = FileTime.from(Instant.now().plusSeconds(5));

        Files.setLastModifiedTime(source, now);
        assertThat(launch(jdk, project).err()).containsExactly("quire: building...");
        Files.setLastModifiedTime(source, LONG_AGO);
        assertThat(launch(jdk, project).err()).isEmpty();

        Files.setLastModifiedTime(project.resolve("pom.xml"), now);
        assertThat(launch(jdk, project).err()).containsExactly("quire: building...");
        Files.setLastModifiedTime(project.resolve("pom.xml"), LONG_AGO);

        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(5)));
        Files.delete(source);
        assertThat(launch(jdk, project).err()).containsExactly("quire: building...");
    }

    @Test
    void shouldBuildOnceWhenStartedTwiceAtTheSameTime() throws Exception {
        Path jdk = jdk("jdk-25", "25.0.3");
        Process one = start(jdk, project);
        Process other = start(jdk, project);

        assertThat(end(one).exitCode()).isEqualTo(7);
        assertThat(end(other).exitCode()).isEqualTo(7);
        assertThat(builds()).isOne();
    }

    @Test
    void shouldShowTheErrorsOfABuildThatFails() throws Exception {
        script(
                tools.resolve("mvn"),
                "echo '[INFO] chatter'",
                "echo '[ERROR] Main.java:[1,1] no sense'",
                "echo '[ERROR] '",
                "echo '[ERROR] -> [Help 1]'",
                "echo '[ERROR] advice'",
                "exit 1");

        Ended ended = launch(jdk("jdk-25", "25.0.3"), project);

        assertThat(ended.exitCode()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .hasSize(3)
                .startsWith("quire: building...", "[ERROR] Main.java:[1,1] no sense");
        assertThat(ended.err().getLast()).startsWith("quire: the build failed");
    }

    @Test
    void shouldWorkThroughALinkFromAnywhere() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a project/quire"));
        Path second = Files.createSymbolicLink(tools.resolve("q"), link);
        build();

        ProcessBuilder builder = builder(jdk("jdk-25", "25.0.3"), tools, second);
        Ended ended = end(builder.start());

        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.out()).contains(jar.toRealPath().toString());
    }

    @Test
    void shouldPassOverAJdkThatIsTooOldOrOnlyARuntime() throws Exception {
        build();
        Path runtime = jdk("jre-26", "26");
        Files.delete(runtime.resolve("bin/javac"));
        Path onPath = jdk("jdk-99", "99-ea");
        Files.createSymbolicLink(tools.resolve("java"), onPath.resolve("bin/java"));

        assertThat(launch(jdk("jdk-17", "17.0.15"), project).out()).first().isEqualTo("jdk-99");
        assertThat(launch(runtime, project).out()).first().isEqualTo("jdk-99");
    }

    @Test
    void shouldAskTheJavaItselfWhenNoReleaseFileTells() throws Exception {
        build();
        Path jdk = jdk("jdk-26", "26");
        Files.delete(jdk.resolve("release"));
        assertThat(launch(jdk, project).exitCode()).isEqualTo(7);
    }

    private Path jdk(String name, String version) throws IOException {
        Path jdk = folder.resolve(name);
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        script(jdk.resolve("bin/javac"), "exit 0");
        script(
                jdk.resolve("bin/java"),
                "if [ \"$1\" = -version ]; then",
                "    echo 'openjdk version \"" + version + "\" 2026-03-17' >&2",
                "    exit 0",
                "fi",
                // On the PATH it is a link, and says so: which one was taken is what is tested.
                name.equals("jdk-99") ? "echo " + name : ":",
                "printf '%s\\n' \"$@\"",
                "exit 7");
        return jdk;
    }

    private void build() throws IOException {
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
    }

    private long builds() throws IOException {
        Path builds = folder.resolve("builds");
        return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
    }

    private Ended launch(Path javaHome, Path directory, String... args) throws Exception {
        return end(start(javaHome, directory, args));
    }

    private Process start(Path javaHome, Path directory, String... args) throws IOException {
        return builder(javaHome, directory, project.resolve("quire"), args).start();
    }

    private ProcessBuilder builder(Path javaHome, Path directory, Path launcher, String... args) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().put("QUIRE_JAVA_OPTS", "-Xmx1g -Da=b");
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        return builder;
    }

    private static Ended end(Process process) throws Exception {
        List<String> out = process.inputReader().lines().toList();
        List<String> err = process.errorReader().lines().toList();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), out, err);
    }

    private static Path old(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.createFile(file);
        return Files.setLastModifiedTime(file, LONG_AGO);
    }

    private static void script(Path file, String... lines) throws IOException {
        Files.writeString(
                file,
                "#!/bin/sh\n" + String.join("\n", lines) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        executable(file);
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
