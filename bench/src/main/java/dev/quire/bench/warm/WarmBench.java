package dev.quire.bench.warm;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.allocator.MemoryOption;
import dev.quire.bench.console.Console;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;
import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.warm.WarmUp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Makes a file, dumps all of it as hot, and measures warm restarts and scans in turns. */
public final class WarmBench {
    private static final Duration DEADLINE = Duration.ofMinutes(10);
    private static final int FILL_BYTES = 1 << 20;

    private final WarmOptions options;
    private final Console console;
    private final List<Long> scanNanos = new ArrayList<>();
    private final List<Long> warmNanos = new ArrayList<>();
    private final List<Double> ratios = new ArrayList<>();
    private long pagesLoaded;

    /**
     * A measurement.
     *
     * @param options of what
     * @param console where to tell about it
     */
    public WarmBench(WarmOptions options, Console console) {
        this.options = options;
        this.console = console;
    }

    /**
     * Measures.
     *
     * @return the numbers
     * @throws IOException if the file cannot be made or read
     * @throws InterruptedException if the thread is interrupted
     */
    public JsonObject run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(options.folder(), "quire-warm-");
        Path file = folder.resolve("pages");
        Path dump = folder.resolve("dump");
        try {
            fill(file);
            dumpAll(file, dump);
            for (int round = 0; round < options.rounds(); round++) {
                long scan = new DeviceScan(options).run(file);
                long warm = warmUp(file, dump);
                scanNanos.add(scan);
                warmNanos.add(warm);
                ratios.add((double) scan / warm);
                console.note(
                        String.format(
                                Locale.ROOT,
                                "round %d: device %s/s, warm restart %s/s, ratio %.2f",
                                round + 1,
                                Units.bytes(rate(scan)),
                                Units.bytes(rate(warm)),
                                (double) scan / warm));
            }
        } finally {
            Files.deleteIfExists(dump);
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
        return json();
    }

    private void fill(Path file) throws IOException {
        byte[] random = new byte[FILL_BYTES];
        Random source = new Random(1);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (long left = options.fileBytes(); left > 0; left -= FILL_BYTES) {
                source.nextBytes(random);
                ByteBuffer block = ByteBuffer.wrap(random, 0, (int) Math.min(left, FILL_BYTES));
                while (block.hasRemaining()) {
                    channel.write(block);
                }
            }
            channel.force(true);
        }
    }

    private void dumpAll(Path path, Path dump) throws IOException, InterruptedException {
        try (PageCache cache = cache();
                PagedFile file = open(cache, path)) {
            long pages = file.sizePages();
            while (cache.stats().cachedPages() < pages) { // a prefetch ends where places do
                file.prefetchRange(0, pages);
                Thread.sleep(1);
            }
            file.dumpHotPagesAtClose(dump);
        }
    }

    private long warmUp(Path path, Path dump) throws IOException, InterruptedException {
        try (PageCache cache = cache();
                PagedFile file = open(cache, path)) {
            long start = System.nanoTime();
            WarmUp warmUp = file.warmUp(dump);
            boolean ended = warmUp.await(DEADLINE);
            long nanos = System.nanoTime() - start;
            if (!ended || warmUp.pagesLoaded() < file.sizePages()) {
                throw new IOException("not all pages were loaded: " + warmUp);
            }
            pagesLoaded = warmUp.pagesLoaded();
            return nanos;
        }
    }

    private PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(options.fileBytes() + options.fileBytes() / 4 + (1 << 23))
                        .pageBytes(options.pageBytes())
                        .io(AsyncIoConfig.builder().engine(options.engine()).build())
                        .region(
                                region ->
                                        options.prefault()
                                                ? region.prefault(MemoryOption.REQUIRED)
                                                : region)
                        .build());
    }

    private static PagedFile open(PageCache cache, Path path) throws IOException {
        return cache.open(path, StandardOpenOption.READ, DirectOption.DIRECT);
    }

    private long rate(long nanos) {
        return (long) (options.fileBytes() * 1e9 / nanos);
    }

    private static <T extends Comparable<T>> T median(List<T> values) {
        List<T> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private JsonObject json() {
        return new JsonObject()
                .put("fileBytes", options.fileBytes())
                .put("pageBytes", options.pageBytes())
                .put("prefault", options.prefault())
                .put("pagesLoaded", pagesLoaded)
                .put("deviceBytesPerSecond", rate(median(scanNanos)))
                .put("warmBytesPerSecond", rate(median(warmNanos)))
                .put("ratioMedian", median(ratios))
                .put("ratioLeast", Collections.min(ratios))
                .put("ratioMost", Collections.max(ratios));
    }
}
