package dev.quire.pagecache.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.support.DoomedJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
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
    private int killAfter(Path path, int firstRound, int rounds, Random random)
            throws IOException, InterruptedException {
        int durable = firstRound - 1;
        try (DoomedJvm process = start(path, String.valueOf(firstRound))) {
            BufferedReader lines = process.lines();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                durable = Integer.parseInt(line);
                if (durable == firstRound + rounds) {
                    Thread.sleep(0, random.nextInt(999_999)); // somewhere inside the next dump
                    process.kill();
                }
            }
            process.requireKilled();
        }
        assertThat(durable).as("it ran until it was killed").isGreaterThanOrEqualTo(firstRound);
        return durable;
    }

    private DoomedJvm start(Path path, String firstRound) throws IOException {
        return DoomedJvm.start(
                folder.resolve("errors"), DumpingProcess.class, path.toString(), firstRound);
    }

    @Test
    void shouldNoticeAProcessThatEndsByItself() throws Exception {
        try (DoomedJvm process = start(folder.resolve("dump"), "first")) {
            assertThat(process.lines().readLine()).isNull();
            assertThatThrownBy(process::requireKilled)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("ended by itself: exit value 1")
                    .hasMessageContaining("NumberFormatException");
        }
    }
}
