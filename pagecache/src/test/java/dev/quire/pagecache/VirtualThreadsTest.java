package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Who waits for a page on a virtual thread leaves its carrier to others. */
class VirtualThreadsTest {
    private static final long SECONDS_MAX = 100;

    @TempDir Path directory;

    @Test
    void shouldServeAThousandThreadsOnOneCarrier() throws Exception {
        Path log = directory.resolve("child.log");
        Process child =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-Djdk.virtualThreadScheduler.parallelism=1",
                                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                                "-cp",
                                String.join(
                                        ":",
                                        "target/test-classes",
                                        "target/classes",
                                        System.getProperty("jdk.module.path", ""),
                                        System.getProperty("java.class.path")),
                                VirtualFaulters.class.getName())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean over = child.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
        if (!over) {
            child.destroyForcibly().waitFor();
        }
        List<String> lines = Files.readAllLines(log);
        assertThat(over).as("it hangs: %s", lines).isTrue();
        assertThat(lines).as("exit code %s", child.exitValue()).last().isEqualTo("wrong=0");
    }
}
