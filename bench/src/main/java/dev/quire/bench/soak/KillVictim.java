package dev.quire.bench.soak;

import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A JVM that writes pages and syncs, round after round, until it is killed. Each of its threads
 * prints {@code THREAD ROUND} once the pages of the round are durable, before it begins the next.
 *
 * <p>Arguments: the file, {@code direct} or {@code buffered}, the first round, a seed.
 */
final class KillVictim {
    static final int PAGE_BYTES = 1 << 12;
    static final int PAGES = 200;
    static final int THREADS = 2;
    private static final int FRAMES = 96;

    private KillVictim() {}

    /**
     * Writes until it is killed, or nobody listens any more.
     *
     * @param args see above
     * @throws IOException when the file cannot be opened
     */
    public static void main(String[] args) throws IOException {
        PageCache cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .dirtyAge(Duration.ofMillis(5))
                                .build());
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (args[1].equals("direct")) {
            options.add(DirectOption.DIRECT);
        }
        PagedFile file = cache.open(Path.of(args[0]), options.toArray(OpenOption[]::new));
        int firstRound = Integer.parseInt(args[2]);
        long seed = Long.parseLong(args[3]);
        for (int id = 0; id < THREADS; id++) {
            int thread = id;
            new Thread(() -> writeForEver(file, thread, firstRound, seed)).start();
        }
    }

    /** The pages that a thread writes in a round: no other thread ever does. */
    static Set<Integer> pages(long seed, int thread, int round) {
        SplittableRandom random = new SplittableRandom(seed + 31L * round + thread);
        Set<Integer> pages = new TreeSet<>();
        for (int i = random.nextInt(10); i >= 0; i--) {
            pages.add(random.nextInt(PAGES / THREADS) * THREADS + thread);
        }
        return pages;
    }

    @SuppressWarnings("CatchThrowable") // The one who listens is told, whatever it is.
    private static void writeForEver(PagedFile file, int thread, int firstRound, long seed) {
        PrintStream out = System.out;
        try (PageCursor cursor = file.cursor()) {
            for (int round = firstRound; !out.checkError(); round++) { // ends with its listener
                for (int page : pages(seed, thread, round)) {
                    cursor.write(page);
                    long word = Stamp.word(page, round);
                    for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
                        cursor.putLong(at, word);
                    }
                    cursor.release();
                }
                file.sync();
                out.println(thread + " " + round);
            }
        } catch (Throwable e) {
            out.println("failed: " + e);
            out.flush();
        }
        Runtime.getRuntime().halt(1);
    }
}
