package dev.quire.bench.soak;

import dev.quire.bench.run.DirectOption;
import dev.quire.bench.run.Parallel;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Several threads on one file that is larger than its cache, see {@link MixedPlayer}. */
final class MixedSuite implements Suite {
    private static final int FRAMES_MIN = 128;
    private static final int FRAMES_A_THREAD = 24;

    private final SoakHooks hooks;

    MixedSuite(SoakHooks hooks) {
        this.hooks = hooks;
    }

    @Override
    public Counts run(Turn turn) throws IOException {
        Path path = Files.createTempFile(turn.folder(), "mixed-", ".pages");
        AtomicLong operations = new AtomicLong();
        long deadlineNanos = turn.deadlineNanos();
        MixedPages pages;
        try (PageCache cache = PageCache.create(config(turn.threads()));
                PagedFile file = cache.open(path, options(turn.direct()))) {
            pages = new MixedPages(turn.threads());
            file.truncate((long) MixedPages.PAGES * MixedPages.PAGE_BYTES);
            Parallel.run(
                    turn.threads(),
                    id -> {
                        SplittableRandom random = new SplittableRandom(turn.seed() + id);
                        try (MixedPlayer player = new MixedPlayer(cache, file, pages, id, random)) {
                            while (System.nanoTime() - deadlineNanos < 0) {
                                player.step();
                                operations.incrementAndGet();
                            }
                        }
                    });
            file.sync();
            cache.verify();
        }
        hooks.beforeCheck(path);
        checkStored(path, pages);
        Files.delete(path);
        return Counts.good(operations.get());
    }

    private static PageCacheConfig config(int threads) {
        long frames = Math.max(FRAMES_MIN, (long) FRAMES_A_THREAD * threads);
        return PageCacheConfig.builder()
                .memoryBytes(frames * MixedPages.PAGE_BYTES)
                .pageBytes(MixedPages.PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(20))
                .build();
    }

    private static OpenOption[] options(boolean direct) {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (direct) {
            options.add(DirectOption.DIRECT);
        }
        return options.toArray(OpenOption[]::new);
    }

    /** What others find in the file: the last version of each page, whole. */
    private static void checkStored(Path path, MixedPages pages) throws IOException {
        ByteBuffer stored =
                ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        int bytes = MixedPages.PAGES * MixedPages.PAGE_BYTES;
        if (stored.limit() != bytes) {
            throw new AssertionError(
                    "the file must have %d bytes and has %d".formatted(bytes, stored.limit()));
        }
        for (int at = 0; at < bytes; at += Long.BYTES) {
            int page = at / MixedPages.PAGE_BYTES;
            int version = Stamp.version(page, stored.getLong(at));
            if (version != pages.written(page)) {
                throw new AssertionError(
                        "page %d is stored with version %d, written was %d"
                                .formatted(page, version, pages.written(page)));
            }
        }
    }
}
