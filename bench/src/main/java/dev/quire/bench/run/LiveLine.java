package dev.quire.bench.run;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Units;
import dev.quire.pagecache.PageCacheStats;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one line that tells what happens while a workload runs: twice a second written over itself on
 * a terminal, every five seconds a new one elsewhere. All rates are those since the line before.
 */
final class LiveLine implements Watcher {
    private static final long TERMINAL_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LOG_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final String WIDE =
            "%5.1f s  %s ops/s  hit %s  %s faults/s  %s written/s  dirty %s  free %s  p99 %s";

    /** At most 79 columns: all rates are a second, and flt are faults, wb pages written back. */
    private static final String NARROW =
            "%.0fs ops/s %s hit %s flt %s wb %s dirty %s free %s p99 %s";

    private static final int WIDE_COLUMNS_MIN = 110;

    private final Console console;
    private final Sampler sampler;

    /**
     * A line whose clock starts now.
     *
     * @param console where to
     * @param stats of the page cache
     * @param latencies of the workload, which starts now
     */
    LiveLine(Console console, Supplier<PageCacheStats> stats, Latencies latencies) {
        this.console = console;
        this.sampler = new Sampler(stats, latencies);
    }

    @Override
    public long periodNanos() {
        return console.columns() > 0 ? TERMINAL_PERIOD_NANOS : LOG_PERIOD_NANOS;
    }

    @Override
    public void look() {
        Sample sample = sampler.take();
        boolean narrow = console.columns() > 0 && console.columns() < WIDE_COLUMNS_MIN;
        console.status(narrow ? narrow(sample) : wide(sample));
    }

    /** The line in words. */
    static String wide(Sample sample) {
        return line(sample, WIDE, " ");
    }

    /** The line for a terminal of 80 columns. */
    static String narrow(Sample sample) {
        return line(sample, NARROW, "");
    }

    private static String line(Sample sample, String format, String space) {
        PageCacheStats before = sample.before();
        PageCacheStats now = sample.now();
        return String.format(
                Locale.ROOT,
                format,
                sample.elapsedNanos() / 1e9,
                Units.rate(sample.opsPerSecond()),
                Units.percent(sample.hitRatio()).replace(" ", space),
                Units.rate(sample.perSecond(now.faults() - before.faults())),
                Units.rate(sample.perSecond(now.pagesWritten() - before.pagesWritten())),
                Units.count(now.dirtyPages()),
                Units.count(now.freeFrames()),
                Units.nanos(sample.latencies().getValueAtPercentile(99)).replace(" ", space));
    }
}
