package dev.quire.bench.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.PageCache;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that changes a store is killed by SIGKILL, again and again: what it said was committed
 * is there, and what it did later up to some step. {@code -Dseed=N} for the same steps and times,
 * {@code -Dexample.kills=N} for more.
 */
@Timeout(300)
class TreeStoreKillTest {
    private static final int KILLS = Integer.getInteger("example.kills", 5);
    private static final int LIFE_NANOS_MAX = 300_000_000;

    @TempDir Path directory;

    @Test
    void shouldFindWhatWasCommittedAfterEveryKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("TreeStoreKillTest " + KILLS + " kills -Dseed=" + seed);
        Random random = new Random(seed);
        List<Writer> writers = new ArrayList<>();
        for (int id = 0; id < Writer.COUNT; id++) {
            writers.add(new Writer(seed, id));
        }
        long committed = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            live(writers, seed, random.nextInt(LIFE_NANOS_MAX));
            try (PageCache cache = KilledStore.cache();
                    TreeStore store = TreeStore.open(cache, directory)) {
                Map<Long, Long> found = TreeCheck.entries(store);
                for (Writer writer : writers) {
                    committed += writer.check(found);
                    writer.startAt(writer.begun());
                }
                cache.verify();
            }
        }
        System.out.println(committed + " steps committed");
        assertThat(committed).isPositive();
    }

    private void live(List<Writer> writers, long seed, long nanos) throws Exception {
        Process process = start(writers, seed);
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            assertThat(line).isEqualTo("open");
            Thread killer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        LockSupport.parkNanos(nanos);
                                        process.toHandle().destroyForcibly(); // leaves the pipe
                                    });
            for (line = lines.readLine(); line != null; line = lines.readLine()) {
                assertThat(line).matches("\\d+ \\d+");
                int space = line.indexOf(' ');
                int id = Integer.parseInt(line.substring(0, space));
                writers.get(id).committed(Long.parseLong(line.substring(space + 1)));
            }
            killer.join();
        } finally {
            process.destroyForcibly().waitFor();
        }
        writers.forEach(Writer::mayHaveDoneMore);
    }

    private Process start(List<Writer> writers, long seed) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(KilledStore.class.getName());
        command.add(directory.toString());
        command.add(String.valueOf(seed));
        writers.forEach(writer -> command.add(String.valueOf(writer.begun())));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
