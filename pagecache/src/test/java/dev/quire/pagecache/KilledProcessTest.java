package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.Engine;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
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
        assertThat(buffered.acknowledged + other.acknowledged).isGreaterThan(KILLS);
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
    private static final class Victim {
        private final Path path;
        private final Engine engine;
        private final String mode;
        private final long seed;
        private final Random random;
        private final int[] found = new int[KilledProcess.PAGES]; // after the last kill
        private final int[] lastRound = new int[KilledProcess.THREADS]; // acknowledged
        private int acknowledged;

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
            Process process = start(firstRound);
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.US_ASCII))) {
                String line = lines.readLine();
                Running<Boolean> killer =
                        Running.run(
                                () -> {
                                    LockSupport.parkNanos(random.nextInt(15_000_000));
                                    process.toHandle().destroyForcibly(); // leaves the pipe
                                });
                for (; line != null; line = lines.readLine()) {
                    acknowledge(line, durable);
                }
                killer.get();
            } finally {
                process.destroyForcibly().waitFor();
            }
        }

        private Process start(int firstRound) throws IOException {
            String classes =
                    String.join(
                            ":",
                            "target/test-classes",
                            System.getProperty("jdk.module.path", ""),
                            System.getProperty("java.class.path"));
            return new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            classes,
                            KilledProcess.class.getName(),
                            path.toString(),
                            engine.name(),
                            mode,
                            String.valueOf(firstRound),
                            String.valueOf(seed))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
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
            acknowledged++;
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
