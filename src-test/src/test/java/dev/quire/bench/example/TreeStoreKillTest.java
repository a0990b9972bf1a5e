package dev.quire.bench.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.bench.soak.DoomedProcess;
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
        int lives = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            live(writers, seed, random.nextInt(LIFE_NANOS_MAX), kill % 2 == 0);
            try (PageCache cache = KilledStore.cache();
                    TreeStore store = TreeStore.open(cache, directory)) {
                Map<Long, Long> found = TreeCheck.entries(store);
                long before = committed;
                for (Writer writer : writers) {
                    committed += writer.check(found);
                    writer.startAt(writer.begun());
                }
                lives += committed > before ? 1 : 0;
                cache.verify();
            }
        }
        System.out.println(committed + " steps committed, in " + lives + " lives");
        assertThat(lives).as("in which anything was").isGreaterThanOrEqualTo((KILLS + 1) / 2);
    }

    /**
     * One life of a process.
     *
     * @param nanos how long it goes on
     * @param atWork whether from its first commit on, or from its begin
     */
    private void live(List<Writer> writers, long seed, long nanos, boolean atWork)
            throws Exception {
        try (DoomedProcess process = start(writers, String.valueOf(seed))) {
            BufferedReader lines = process.lines();
            Thread killer = new Thread(() -> killAfter(process, nanos));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                boolean opened = line.equals("open");
                if (!opened) {
                    commit(writers, line);
                }
                if (killer.getState() == Thread.State.NEW && !(opened && atWork)) {
                    killer.start();
                }
            }
            process.requireKilled();
            killer.join();
        }
        writers.forEach(Writer::mayHaveDoneMore);
    }

    private static void killAfter(DoomedProcess process, long nanos) {
        LockSupport.parkNanos(nanos);
        process.kill();
    }

    private static void commit(List<Writer> writers, String line) {
        assertThat(line).matches("\\d+ \\d+");
        int space = line.indexOf(' ');
        int id = Integer.parseInt(line.substring(0, space));
        writers.get(id).committed(Long.parseLong(line.substring(space + 1)));
    }

    private DoomedProcess start(List<Writer> writers, String seed) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(directory.toString(), seed));
        writers.forEach(writer -> arguments.add(String.valueOf(writer.begun())));
        return DoomedProcess.start(directory.resolve("errors"), KilledStore.class, arguments);
    }

    @Test
    void shouldNoticeAProcessThatEndsByItself() throws Exception {
        try (DoomedProcess process = start(List.of(), "none")) { // opens the store, and fails
            assertThat(process.lines().lines()).containsExactly("open");
            assertThatThrownBy(process::requireKilled)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("ended by itself: exit value 1")
                    .hasMessageContaining("NumberFormatException");
        }
    }
}
