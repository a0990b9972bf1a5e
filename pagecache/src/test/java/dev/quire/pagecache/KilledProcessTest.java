package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.Engine;
import dev.quire.support.DoomedJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that writes and syncs is killed by SIGKILL, again and again: every page that it said
 * was durable is there, whole, and holds nothing else but perhaps what it was about to write next.
 *
 * <p>The kernel's cache survives a kill; what a power failure may do is that of {@code
 * SimulationTest}. Replay: {@code -Dseed=N} chooses the same pages and times. {@code
 * -Dcache.kills=N} for more.
 */
class KilledProcessTest {
    private static final int KILLS = Integer.getInteger("cache.kills", 50);

    @TempDir Path directory;

    @Test
    void shouldFindEveryAcknowledgedPageAfterAKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("KilledProcessTest " + KILLS + " kills -Dseed=" + seed);
        // Two at a time: most of it is the start of a process.
        Victim buffered = new Victim(directory.resolve("a"), Engine.AUTO, "buffered", seed);
        Victim other =
                new Victim(directory.resolve("b"), Engine.THREAD_POOL, directIfPossible(), seed);
        List<Running<Boolean>> both =
                List.of(Running.run(buffered::killOften), Running.run(other::killOften));
        for (Running<Boolean> running : both) {
            running.join();
        }
        buffered.requireAlive();
        other.requireAlive();
    }

    @Test
    void shouldNoticeAProcessThatEndsByItself() {
        Path nowhere = directory.resolve("no such directory").resolve("a");
        assertThatThrownBy(() -> new Victim(nowhere, Engine.AUTO, "buffered", 1).killOften())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ended by itself: exit value 1")
                .hasMessageContaining("no such directory");
    }

    private String directIfPossible() {
        Path probe = directory.resolve("probe");
        try (PageCache cache = PageCache.create(KilledProcess.config(Engine.THREAD_POOL));
                PagedFile file =
                        cache.open(
                                probe,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                RealFileTest.direct())) {
            return file.direct() ? "direct" : "buffered";
        } catch (IOException e) {
            return "buffered"; // tmpfs, say
        }
    }

    /** One file, and the processes that write it, one after the other. */
    private final class Victim {
        private final Path path;
        private final Engine engine;
        private final String mode;
        private final long seed;
        private final Random random;
        private final int[] found = new int[KilledProcess.PAGES]; // after the last kill
        private final int[] lastRound = new int[KilledProcess.THREADS]; // acknowledged
        private final int[] acknowledged = new int[KilledProcess.THREADS]; // in all rounds
        private int lives; // in which something was

        Victim(Path path, Engine engine, String mode, long seed) {
            this.path = path;
            this.engine = engine;
            this.mode = mode;
            this.seed = seed;
            random = new Random(seed);
        }

        void killOften() throws Exception {
            for (int kill = 0; kill < KILLS / 2; kill++) {
                int firstRound = Arrays.stream(lastRound).max().getAsInt() + 2;
                Arrays.fill(lastRound, firstRound - 1);
                int[] durable = found.clone();
                run(durable, firstRound);
                check(durable);
            }
        }

        private void run(int[] durable, int firstRound) throws Exception {
            try (DoomedJvm process = start(firstRound)) {
                String line = process.lines().readLine();
                lives += line == null ? 0 : 1;
                Running<Boolean> killer =
                        Running.run(
                                () -> {
                                    LockSupport.parkNanos(random.nextInt(15_000_000));
                                    process.kill();
                                });
                for (; line != null; line = process.lines().readLine()) {
                    acknowledge(line, durable);
                }
                process.requireKilled();
                killer.get();
            }
        }

        /** It was at work in each of its lives, and beyond its first word. */
        void requireAlive() {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %s: %d lives, %s rounds%n",
                    mode,
                    engine,
                    lives,
                    Arrays.toString(acknowledged));
            assertThat(lives).as(mode).isEqualTo(KILLS / 2);
            assertThat(Arrays.stream(acknowledged).sum()).as(mode).isGreaterThan(KILLS / 2);
            assertThat(acknowledged).as(mode).doesNotContain(0);
        }

        private DoomedJvm start(int firstRound) throws IOException {
            return DoomedJvm.start(
                    directory.resolve(path.getFileName() + ".err"),
                    KilledProcess.class,
                    path.toString(),
                    engine.name(),
                    mode,
                    String.valueOf(firstRound),
                    String.valueOf(seed));
        }

        private void acknowledge(String line, int[] durable) {
            if (!line.matches("\\d+ \\d+")) {
                throw new AssertionError("the process says: " + line);
            }
            int space = line.indexOf(' ');
            int thread = Integer.parseInt(line.substring(0, space));
            int round = Integer.parseInt(line.substring(space + 1));
            assertThat(round).isEqualTo(lastRound[thread] + 1);
            lastRound[thread] = round;
            acknowledged[thread]++;
            for (int page : KilledProcess.pages(seed, thread, round)) {
                durable[page] = round;
            }
        }

        private void check(int[] durable) throws IOException {
            byte[] file = Files.readAllBytes(path);
            for (int page = 0; page < KilledProcess.PAGES; page++) {
                int thread = page % KilledProcess.THREADS;
                int next = lastRound[thread] + 1;
                int at = page * KilledProcess.PAGE_BYTES;
                int version =
                        at >= file.length
                                ? 0
                                : Stamps.version(
                                        page,
                                        Arrays.copyOfRange(
                                                file, at, at + KilledProcess.PAGE_BYTES));
                boolean mayBeNext = KilledProcess.pages(seed, thread, next).contains(page);
                if (version != durable[page] && !(mayBeNext && version == next)) {
                    throw new AssertionError(
                            "page %d of %s holds version %d, durable was %d, seed %d"
                                    .formatted(page, path, version, durable[page], seed));
                }
                found[page] = version;
            }
        }
    }
}
