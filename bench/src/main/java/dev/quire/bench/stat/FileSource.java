package dev.quire.bench.stat;

import dev.quire.bench.console.InputException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The file that a cache writes its statistics to, see {@code PageCacheConfig.statsFile}. */
final class FileSource implements StatSource {
    private static final String HEADER = "quire-statistics 1";
    private static final String PID = "pid";
    private static final String WRITTEN_MILLIS = "writtenMillis";
    private static final String WRITTEN_NANOS = "writtenNanos";

    /** A cache writes once a second; this many seconds is not a pause for breath any more. */
    private static final Duration AGE_MAX = Duration.ofSeconds(10);

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Path path;
    private @Nullable Sample last;

    FileSource(Path path) {
        this.path = path;
    }

    /** Waits until the file is another one than before. */
    @Override
    public Sample sample() throws IOException {
        Sample before = last;
        Sample now = read();
        while (before != null && now.nanos() == before.nanos()) { // ends: it gets too old
            LockSupport.parkNanos(POLL_NANOS);
            now = read();
        }
        last = now;
        return now;
    }

    private Sample read() throws IOException {
        Map<String, Long> numbers = parse();
        Sample sample = new Sample(number(numbers, WRITTEN_NANOS), numbers);
        long ageMillis = System.currentTimeMillis() - number(numbers, WRITTEN_MILLIS);
        if (ageMillis > AGE_MAX.toMillis()) {
            long pid = number(numbers, PID);
            throw over(
                    "statistics were written "
                            + TimeUnit.MILLISECONDS.toSeconds(ageMillis)
                            + " s ago, "
                            + (ProcessHandle.of(pid).isPresent()
                                    ? "though there is a process of its number"
                                    : "and there is no process of its number here any more")
                            + ": pid="
                            + pid
                            + ", --file="
                            + path,
                    null);
        }
        return sample;
    }

    private RuntimeException over(String message, @Nullable IOException cause) {
        if (last == null) {
            return new InputException(message);
        }
        return cause == null
                ? new SourceEndedException(message)
                : new SourceEndedException(message, cause);
    }

    private Map<String, Long> parse() throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(path);
        } catch (MalformedInputException e) {
            throw new InputException("no statistics of a page cache: --file=" + path, e);
        } catch (NoSuchFileException e) {
            if (last == null) {
                throw e;
            }
            throw over("the cache was closed: --file=" + path, e);
        }
        if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
            throw new InputException("no statistics of a page cache: --file=" + path);
        }
        Map<String, Long> numbers = new HashMap<>();
        for (String line : lines.subList(1, lines.size())) {
            int space = line.indexOf(' ');
            try {
                numbers.put(line.substring(0, space), Long.valueOf(line.substring(space + 1)));
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw new InputException(
                        "a line of statistics is a name and a number: line='"
                                + line
                                + "', --file="
                                + path,
                        e);
            }
        }
        return numbers;
    }

    private static long number(Map<String, Long> numbers, String name) {
        return new Sample(0, numbers).get(name);
    }

    @Override
    public void close() {}
}
