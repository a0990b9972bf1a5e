package dev.quire.bench.run;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Units;
import dev.quire.pagecache.PageCacheStats;

import org.HdrHistogram.Histogram;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one line that tells what happens while a workload runs: twice a second written over itself on
 * a terminal, every five seconds a new one elsewhere. All rates are those since the line before.
 */
final class LiveLine {
    private static final long TERMINAL_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LOG_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final String WIDE =
            "%5.1f s  %s ops/s  hit %s  %s faults/s  %s written/s  dirty %s  free %s  p99 %s";

    /** At most 79 columns: all rates are a second, and flt are faults, wb pages written back. */
    private static final String NARROW =
            "%.0fs ops/s %s hit %s flt %s wb %s dirty %s free %s p99 %s";

    private static final int WIDE_COLUMNS_MIN = 110;

    private final Console console;
    private final Supplier<PageCacheStats> stats;
    private final Latencies latencies;
    private final long startNanos;
    private long beforeNanos;
    private PageCacheStats before;

    /**
     * A line whose clock starts now.
     *
     * @param console where to
     * @param stats of the page cache
     * @param latencies of the workload, which starts now
     */
    LiveLine(Console console, Supplier<PageCacheStats> stats, Latencies latencies) {
        this.console = console;
        this.stats = stats;
        this.latencies = latencies;
        this.startNanos = System.nanoTime();
        this.beforeNanos = startNanos;
        this.before = stats.get();
    }

    /** How long to wait from one line to the next. */
    long periodNanos() {
        return console.columns() > 0 ? TERMINAL_PERIOD_NANOS : LOG_PERIOD_NANOS;
    }

    /** Prints the line for what happened since the last call. */
    void print() {
        long nowNanos = System.nanoTime();
        PageCacheStats now = stats.get();
        Sample sample =
                new Sample(
                        nowNanos - startNanos,
                        nowNanos - beforeNanos,
                        before,
                        now,
                        latencies.gather());
        boolean narrow = console.columns() > 0 && console.columns() < WIDE_COLUMNS_MIN;
        console.status(narrow ? sample.narrow() : sample.wide());
        beforeNanos = nowNanos;
        before = now;
    }

    /**
     * What happened between two lines.
     *
     * @param elapsedNanos since the start
     * @param intervalNanos since the line before, above 0
     * @param before the page cache at the line before
     * @param now the page cache now
     * @param latencies of the operations in between
     */
    record Sample(
            long elapsedNanos,
            long intervalNanos,
            PageCacheStats before,
            PageCacheStats now,
            Histogram latencies) {

        /** The line in words. */
        String wide() {
            return line(WIDE, " ");
        }

        /** The line for a terminal of 80 columns. */
        String narrow() {
            return line(NARROW, "");
        }

        private String line(String format, String space) {
            return String.format(
                    Locale.ROOT,
                    format,
                    elapsedNanos / 1e9,
                    Units.rate(perSecond(latencies.getTotalCount())),
                    Units.percent(hitRatio()).replace(" ", space),
                    Units.rate(perSecond(now.faults() - before.faults())),
                    Units.rate(perSecond(now.pagesWritten() - before.pagesWritten())),
                    Units.count(now.dirtyPages()),
                    Units.count(now.freeFrames()),
                    Units.nanos(latencies.getValueAtPercentile(99)).replace(" ", space));
        }

        private double perSecond(long count) {
            return count / (intervalNanos / 1e9);
        }

        private double hitRatio() {
            long accesses = now.accesses() - before.accesses();
            return accesses == 0 ? 0 : (double) (now.hits() - before.hits()) / accesses;
        }
    }
}
