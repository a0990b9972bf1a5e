package dev.quire.pagecache.warm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;

/**
 * A process that dumps is killed by SIGKILL, again and again: what is found is the dump that it
 * last said was durable, or the one that it was at, as a whole.
 *
 * <p>Replay: {@code -Dseed=N} chooses the same times. {@code -Dwarm.kills=N} for more.
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DumpCrashTest {
    private static final int KILLS = Integer.getInteger("warm.kills", 8);

    @TempDir Path folder;

    @Test
    void shouldFindTheOldDumpOrTheNewOneAfterAKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("DumpCrashTest " + KILLS + " kills -Dseed=" + seed);
        Random random = new Random(seed);
        Path path = folder.resolve("dump");
        int found = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int durable = killAfter(path, found + 1, random.nextInt(40), random);
            DumpFile.Content content = new DumpFile(path).read();
            found = Math.toIntExact(content.identity().sizeBytes());
            assertThat(found).as("seed %s", seed).isBetween(durable, durable + 1);
            assertWhole(content, found);
        }
    }

    private static void assertWhole(DumpFile.Content content, int round) {
        DumpFile.Content expected = DumpingProcess.content(round);
        assertThat(content.identity()).isEqualTo(expected.identity());
        assertThat(content.pages().mainCount()).isEqualTo(expected.pages().mainCount());
        assertThat(content.pages().count()).isEqualTo(expected.pages().count());
        for (int i = 0; i < content.pages().count(); i++) {
            assertThat(content.pages().page(i)).isEqualTo(round);
        }
    }

    /** Answers the last round that was durable. */
    private static int killAfter(Path path, int firstRound, int rounds, Random random)
            throws IOException, InterruptedException {
        Process process = start(path, firstRound);
        int durable = firstRound - 1;
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                durable = Integer.parseInt(line);
                if (durable == firstRound + rounds) {
                    Thread.sleep(0, random.nextInt(999_999)); // somewhere inside the next dump
                    process.toHandle().destroyForcibly(); // leaves the pipe
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(durable).as("it ran until it was killed").isGreaterThanOrEqualTo(firstRound);
        return durable;
    }

    private static Process start(Path path, int firstRound) throws IOException {
        String classes =
                String.join(
                        ":",
                        "target/test-classes",
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classes,
                        DumpingProcess.class.getName(),
                        path.toString(),
                        String.valueOf(firstRound))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
