package dev.quire.bench.soak;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.run.DirectOption;
import dev.quire.bench.run.IoMode;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Gives the suites their turns until the time is over, and says what was wrong. */
public final class SoakJob {
    /** The suites that there are, as they are typed. */
    static final List<String> NAMES =
            Arrays.stream(Suite.Kind.values()).map(SoakJob::name).toList();

    private static final double TURN_SECONDS_MAX = 20;
    private static final double TURN_SECONDS_MIN = 0.1;

    /** From the seed of a suite's turn to that of its next one. */
    private static final long SEED_STEP = 1_000_003;

    private final SoakOptions options;
    private final Console console;
    private final SoakHooks hooks;
    private final Map<Suite.Kind, SuiteReport> reports = new EnumMap<>(Suite.Kind.class);

    /**
     * A soak that has not begun.
     *
     * @param options what to do
     * @param console where to tell about it
     */
    public SoakJob(SoakOptions options, Console console) {
        this(options, console, SoakHooks.NONE);
    }

    SoakJob(SoakOptions options, Console console, SoakHooks hooks) {
        this.options = options;
        this.console = console;
        this.hooks = hooks;
        for (Suite.Kind kind : Suite.Kind.values()) {
            if (options.suites().isEmpty() || options.suites().contains(name(kind))) {
                reports.put(kind, new SuiteReport());
            }
        }
    }

    /** A suite as it is typed. */
    static String name(Suite.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The names of the suites.
     *
     * @return as they are typed, in the order of their turns
     */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * Runs all turns and reports.
     *
     * @return whether everything was as it must be
     * @throws IOException when the folder or the disk cannot be worked with
     * @throws InterruptedException when the calling thread is interrupted
     */
    public boolean run() throws IOException, InterruptedException {
        console.note(
                String.format(
                        Locale.ROOT,
                        "%s for %s minutes, seed %d...",
                        String.join(", ", reports.keySet().stream().map(SoakJob::name).toList()),
                        options.minutes(),
                        options.seed()));
        long start = System.nanoTime();
        SoakFolder folder = new SoakFolder(options.folder());
        try {
            takeTurns(folder.path(), directIsPossible(folder.path()), start);
        } finally {
            folder.close(mismatches() > 0);
        }
        if (mismatches() > 0) {
            console.note("the files are kept: " + folder.path());
        }
        report((System.nanoTime() - start) / 1e9);
        return mismatches() == 0;
    }

    private void takeTurns(Path folder, boolean direct, long start)
            throws IOException, InterruptedException {
        long end = start + (long) (options.minutes() * TimeUnit.MINUTES.toNanos(1));
        double seconds =
                Math.min(
                        TURN_SECONDS_MAX,
                        options.minutes() * TimeUnit.MINUTES.toSeconds(1) / reports.size());
        for (int round = 0; ; round++) { // ends with the time
            boolean directNow = direct && (options.mode() == IoMode.DIRECT || round % 2 == 0);
            for (Map.Entry<Suite.Kind, SuiteReport> each : reports.entrySet()) {
                double left = (end - System.nanoTime()) / 1e9;
                if (round > 0 && left < TURN_SECONDS_MIN) {
                    return;
                }
                Turn turn =
                        new Turn(
                                folder,
                                options.seed() + round * SEED_STEP,
                                Math.max(TURN_SECONDS_MIN, Math.min(seconds, left)),
                                options.threads(),
                                directNow);
                takeTurn(each.getKey(), turn, each.getValue());
            }
        }
    }

    @SuppressWarnings("CatchThrowable") // Whatever a suite dies of is what it was there to find.
    private void takeTurn(Suite.Kind kind, Turn turn, SuiteReport report)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        Counts counts;
        try {
            counts = kind.suite(hooks).run(turn);
        } catch (InputException | IOException | InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace, true));
            counts = new Counts(0, List.of(Failures.describe(e) + "\n" + trace));
        }
        report.add(turn, counts, System.nanoTime() - start);
        for (String mismatch : counts.mismatches()) {
            console.note(name(kind) + ": " + mismatch);
            console.note(
                    String.format(
                            Locale.ROOT,
                            "the same again: ./quire soak --only=%s --seed=%d --threads=%d"
                                    + " --minutes=%.2f --%s",
                            name(kind),
                            turn.seed(),
                            turn.threads(),
                            Math.max(0.01, turn.seconds() / 60),
                            turn.direct() ? "direct" : "buffered"));
        }
        if (console.columns() > 0) {
            console.status(
                    name(kind) + ", seed " + turn.seed() + ": " + counts.operations() + " done");
        }
    }

    private boolean directIsPossible(Path folder) throws IOException {
        if (options.mode() == IoMode.BUFFERED) {
            return false;
        }
        Path probe = Files.createTempFile(folder, "probe-", ".bin");
        try (FileChannel channel =
                FileChannel.open(probe, StandardOpenOption.WRITE, DirectOption.DIRECT)) {
            return channel.isOpen();
        } catch (IOException | UnsupportedOperationException e) {
            if (options.mode() == IoMode.DIRECT) {
                throw new InputException(
                        "--direct cannot be done there ("
                                + Failures.describe(e)
                                + "), try --buffered: --temp-dir="
                                + options.folder(),
                        e);
            }
            console.note("no direct I/O here, so it goes buffered: " + Failures.describe(e));
            return false;
        } finally {
            Files.delete(probe);
        }
    }

    private long mismatches() {
        return reports.values().stream().mapToLong(SuiteReport::mismatches).sum();
    }

    private void report(double seconds) {
        console.result(SuiteReport.HEADING);
        reports.forEach((kind, report) -> console.result(report.line(name(kind))));
        long operations = reports.values().stream().mapToLong(SuiteReport::operations).sum();
        console.result(
                String.format(
                        Locale.ROOT,
                        "%d operations in %.1f s, seed %d, %d mismatches",
                        operations,
                        seconds,
                        options.seed(),
                        mismatches()));
        if (options.json()) {
            console.result(SuiteReport.json(options, reports, seconds).toString());
        }
    }
}
