package dev.quire.bench.soak;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A {@link KillVictim} is killed by SIGKILL, over and over: each page that it said was durable is
 * there, whole, and holds nothing else but perhaps what it was about to write next.
 */
final class KillSuite implements Suite {
    private static final long LIFE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(60);

    private final SoakHooks hooks;

    KillSuite(SoakHooks hooks) {
        this.hooks = hooks;
    }

    @Override
    public Counts run(Turn turn) throws IOException, InterruptedException {
        Path path = Files.createTempFile(turn.folder(), "kill-", ".pages");
        File file = new File(path, turn, hooks.victim(), new SplittableRandom(turn.seed()));
        long deadlineNanos = turn.deadlineNanos();
        do {
            file.writeAndKill();
            hooks.beforeCheck(path);
            file.check();
        } while (System.nanoTime() - deadlineNanos < 0);
        Files.delete(path);
        return Counts.good(file.rounds);
    }

    /** The file, and what is known of it. */
    private static final class File {
        private final Path path;
        private final Turn turn;
        private final Class<?> victim;
        private final SplittableRandom random;
        private final int[] durable = new int[KillVictim.PAGES]; // versions
        private final int[] lastRound = new int[KillVictim.THREADS];
        private long rounds;

        File(Path path, Turn turn, Class<?> victim, SplittableRandom random) {
            this.path = path;
            this.turn = turn;
            this.victim = victim;
            this.random = random;
        }

        /** One life of a process. */
        void writeAndKill() throws IOException, InterruptedException {
            int firstRound = Arrays.stream(lastRound).max().getAsInt() + 2;
            Arrays.fill(lastRound, firstRound - 1);
            try (DoomedProcess process = start(firstRound)) {
                String line = process.lines().readLine(); // it has begun
                Thread killer = Thread.ofVirtual().start(() -> killSoon(process));
                for (; line != null; line = process.lines().readLine()) {
                    acknowledge(line);
                }
                process.requireKilled();
                killer.join();
            }
        }

        private void killSoon(DoomedProcess process) {
            LockSupport.parkNanos(random.nextLong(LIFE_NANOS_MAX));
            process.kill();
        }

        private DoomedProcess start(int firstRound) throws IOException {
            return DoomedProcess.start(
                    path.resolveSibling(path.getFileName() + ".err"),
                    victim,
                    List.of(
                            path.toString(),
                            turn.direct() ? "direct" : "buffered",
                            String.valueOf(firstRound),
                            String.valueOf(turn.seed())));
        }

        private void acknowledge(String line) {
            String[] words = line.split(" ", -1);
            if (!line.matches("\\d+ \\d+")) {
                throw new AssertionError("the process that is to be killed says: " + line);
            }
            int thread = Integer.parseInt(words[0]);
            int round = Integer.parseInt(words[1]);
            if (round != lastRound[thread] + 1) {
                throw new AssertionError(
                        "round %d of thread %d follows %d"
                                .formatted(round, thread, lastRound[thread]));
            }
            lastRound[thread] = round;
            rounds++;
            for (int page : KillVictim.pages(turn.seed(), thread, round)) {
                durable[page] = round;
            }
        }

        /** What a page was found with is what it has, from now on. */
        void check() throws IOException {
            ByteBuffer stored =
                    ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
            for (int page = 0; page < KillVictim.PAGES; page++) {
                int thread = page % KillVictim.THREADS;
                int next = lastRound[thread] + 1;
                int version = version(stored, page);
                boolean mayBeNext =
                        version == next
                                && KillVictim.pages(turn.seed(), thread, next).contains(page);
                if (version != durable[page] && !mayBeNext) {
                    throw new AssertionError(
                            "page %d holds version %d after the kill, durable was %d: %s"
                                    .formatted(page, version, durable[page], path));
                }
                durable[page] = version;
            }
        }

        private static int version(ByteBuffer stored, int page) {
            int from = page * KillVictim.PAGE_BYTES;
            if (from >= stored.limit()) {
                return 0;
            }
            long first = stored.getLong(from);
            for (int at = from; at < from + KillVictim.PAGE_BYTES; at += Long.BYTES) {
                if (stored.getLong(at) != first) {
                    throw new AssertionError("page %d is torn after the kill".formatted(page));
                }
            }
            return Stamp.version(page, first);
        }
    }
}
