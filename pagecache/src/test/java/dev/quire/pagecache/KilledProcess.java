package dev.quire.pagecache;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;

import org.agrona.collections.IntHashSet;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A Java process that writes pages and syncs, round after round, until it is killed. Each of its
 * threads prints {@code THREAD ROUND} once the pages of the round are durable, before it begins the
 * next one.
 *
 * <p>Arguments: path, engine, {@code direct} or {@code buffered}, first round, seed.
 */
final class KilledProcess {
    static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    static final int PAGES = 200;
    static final int THREADS = 2;

    private KilledProcess() {}

    public static void main(String[] args) throws IOException {
        PageCache cache = PageCache.create(config(Engine.valueOf(args[1])));
        PagedFile file = open(cache, Path.of(args[0]), args[2].equals("direct"));
        int firstRound = Integer.parseInt(args[3]);
        long seed = Long.parseLong(args[4]);
        for (int id = 0; id < THREADS; id++) {
            int thread = id;
            new Thread(() -> writeForEver(file, thread, firstRound, seed)).start();
        }
    }

    static PageCacheConfig config(Engine engine) {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(5))
                .io(AsyncIoConfig.builder().engine(engine).threads(2).build())
                .build();
    }

    private static PagedFile open(PageCache cache, Path path, boolean direct) throws IOException {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        if (direct) {
            options.add(RealFileTest.direct());
        }
        return cache.open(path, options.toArray(OpenOption[]::new));
    }

    /**
     * The pages that a thread writes in a round: of its own, no other thread writes them. Its last
     * one every other time: a sync that leaves it out has to be met by a kill.
     */
    static IntHashSet pages(long seed, int thread, int round) {
        Random random = new Random(seed + 31L * round + thread);
        IntHashSet pages = new IntHashSet();
        for (int i = random.nextInt(10); i >= 0; i--) {
            pages.add(random.nextInt(PAGES / THREADS) * THREADS + thread);
        }
        if (random.nextBoolean()) {
            pages.add(PAGES - THREADS + thread);
        }
        return pages;
    }

    private static void writeForEver(PagedFile file, int thread, int firstRound, long seed) {
        PrintStream out = System.out;
        try (PageCursor cursor = file.cursor()) {
            for (int round = firstRound; ; round++) { // until the process is killed
                for (int page : pages(seed, thread, round)) {
                    cursor.write(page);
                    Stamps.store(cursor, page, round);
                    cursor.release();
                }
                file.sync();
                out.println(thread + " " + round);
                out.flush();
            }
        } catch (IOException | RuntimeException | Error e) {
            out.println("failed: " + e);
            out.flush();
            Runtime.getRuntime().halt(1);
        }
    }
}
