package dev.quire.bench.stat;

import dev.quire.bench.console.Console;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Prints lines until there are enough, or nobody reads them, or there is nothing more to tell. */
public final class StatJob {
    /** A header comes again after so many lines. */
    static final int LINES_A_HEADER = 20;

    private final StatOptions options;
    private final Console console;
    private final StatTable table;

    /**
     * A job that has not started.
     *
     * @param options what to look at
     * @param console where to tell
     */
    public StatJob(StatOptions options, Console console) {
        this.options = options;
        this.console = console;
        table = new StatTable(console.columns());
    }

    /**
     * What the columns tell.
     *
     * @return a line each, for the help
     */
    public static String[] legend() {
        return StatTable.legend();
    }

    /**
     * Looks, and prints.
     *
     * @throws dev.quire.bench.console.InputException if there is nothing to look at: the message
     *     says why
     * @throws IOException if it cannot be read
     */
    public void run() throws IOException {
        try (StatSource source = source()) {
            print(source);
        } catch (SourceEndedException e) {
            console.note(String.valueOf(e.getMessage()));
        }
    }

    private StatSource source() throws IOException {
        Path file = options.file();
        if (file != null) {
            return new FileSource(file);
        }
        long pid = Objects.requireNonNull(options.pid(), "neither a process nor a file");
        return JmxSource.attach(pid, options.cache());
    }

    private void print(StatSource source) throws IOException {
        Sample before = source.sample();
        for (long line = 0; line < options.count() && pause(); line++) {
            Sample now = source.sample();
            if (!now.follows(before)) {
                throw new SourceEndedException(
                        "the cache was closed, and another one has taken its place");
            }
            if (options.json()) {
                console.result(StatTable.json(before, now).toString());
            } else {
                if (line % LINES_A_HEADER == 0) {
                    console.result(table.header());
                }
                console.result(table.line(before, now));
            }
            before = now;
        }
    }

    /** Waits for the next line; false when nobody wants it. */
    private boolean pause() {
        try {
            Thread.sleep(options.interval());
            return !console.broken();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
