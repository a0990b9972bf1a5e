package dev.quire.pagecache;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file of text that others read a cache's statistics from: a name and a number a line. Each time
 * it is written beside itself and then moved into its place, so that nobody finds half of it.
 */
final class StatsFile {
    /** The first line. */
    static final String HEADER = "quire-statistics 1";

    /** Drafts of one JVM differ, and what a killed one left is written over by the next. */
    private static final AtomicInteger MADE = new AtomicInteger();

    private final Path path;
    private final Path draft;
    private final CacheReports reports;
    private final Duration interval;

    /**
     * The statistics of a cache.
     *
     * @throws IllegalArgumentException if there is a file that is none of these
     */
    StatsFile(Path path, CacheReports reports, Duration interval) {
        this.path = path;
        this.reports = reports;
        this.interval = interval;
        draft = path.resolveSibling("." + path.getFileName() + "." + MADE.getAndIncrement());
        checkMayReplace();
    }

    private void checkMayReplace() {
        String first = HEADER;
        try (BufferedReader lines = Files.exists(path) ? Files.newBufferedReader(path) : null) {
            first = lines == null ? HEADER : lines.readLine();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "statistics cannot go to a file that cannot be read: statsFile=" + path, e);
        }
        if (!HEADER.equals(first)) {
            throw new IllegalArgumentException(
                    "statistics must not replace a file that holds something else: statsFile="
                            + path);
        }
    }

    void write() throws IOException {
        Files.writeString(draft, text());
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The cache is gone, and so is the file: who reads it shall not take it for a quiet cache. */
    void delete() throws IOException {
        Files.deleteIfExists(draft);
        Files.deleteIfExists(path);
    }

    private String text() {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        append(text, "pid", ProcessHandle.current().pid());
        append(text, "writtenMillis", System.currentTimeMillis());
        append(text, "writtenNanos", System.nanoTime());
        append(text, "intervalMillis", interval.toMillis());
        append(text, "stats", reports.getStats());
        append(text, "allocator", reports.getAllocator());
        append(text, "io", reports.getIo());
        int[] free = reports.getFreeBlocks();
        for (int order = 0; order < free.length; order++) {
            append(text, "freeBlocks." + order, free[order]);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String name, long value) {
        text.append(name).append(' ').append(value).append('\n');
    }

    private static void append(StringBuilder text, String group, Record numbers) {
        for (RecordComponent component : numbers.getClass().getRecordComponents()) {
            try {
                Number value = (Number) component.getAccessor().invoke(numbers);
                append(text, group + "." + component.getName(), value.longValue());
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("component of a public record: " + component, e);
            }
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
