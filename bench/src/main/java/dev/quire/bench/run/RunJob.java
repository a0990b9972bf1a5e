package dev.quire.bench.run;

import com.sun.management.OperatingSystemMXBean;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.Units;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCacheStats;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** One run from the making of its file to its report. One thread. */
public final class RunJob {
    /** Runs of this JVM so far: each has a name of its own. */
    private static final AtomicLong RUNS = new AtomicLong();

    private final RunOptions options;
    private final Console console;
    private final RunHooks hooks;
    private final Mismatches mismatches = new Mismatches();
    private long operations;

    /**
     * A run that has not started.
     *
     * @param options what to do
     * @param console where to tell about it
     */
    public RunJob(RunOptions options, Console console) {
        this(options, console, RunHooks.NONE);
    }

    RunJob(RunOptions options, Console console, RunHooks hooks) {
        this.options = options;
        this.console = console;
        this.hooks = hooks;
    }

    /**
     * How much was done.
     *
     * @return operations of the workload
     */
    public long operations() {
        return operations;
    }

    /**
     * Runs the workload, closes the page cache, reads the whole file again and reports.
     *
     * @return whether every page held what it must, in the run and after it
     * @throws InputException when the options do not fit the machine or the file
     * @throws IOException when the file could not be read or written
     */
    public boolean run() throws IOException {
        requireMachineMemory();
        try (TargetFile target = openTarget()) {
            hooks.beforeWorkload(target.path());
            Driven driven = drive(target);
            hooks.beforeVerification(target.path());
            long pagesVerified = verify(target);
            RunReport report = report(target, driven, pagesVerified);
            mismatches.first().forEach(console::note);
            console.result(report.table());
            if (options.report() != null) {
                String page =
                        new RunPage(report, driven.moments()).html(options.report().command());
                options.report().write(page, console);
            }
            if (options.json()) {
                console.result(report.json().toString());
            }
            return report.verified();
        }
    }

    /** The page cache's memory is taken as it is used: too much of it would only fail half-way. */
    private void requireMachineMemory() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
                && machine.getTotalMemorySize() < options.memoryBytes()) {
            throw new InputException(
                    "--memory must be at most that of this machine, which is "
                            + machine.getTotalMemorySize()
                            + ": --memory="
                            + options.memoryBytes());
        }
    }

    private TargetFile openTarget() {
        return options.file() == null ? makeFile() : openFile(options.file());
    }

    private TargetFile makeFile() {
        long start = System.nanoTime();
        long bytes =
                options.fileBytes() == null ? RunOptions.FILE_BYTES_DEFAULT : options.fileBytes();
        TemporaryFile.check(options.tempDir(), bytes);
        console.note("making a file of " + Units.bytes(bytes) + " in " + options.tempDir() + "...");
        TargetFile target =
                TemporaryFile.make(
                        options.tempDir(), bytes, options.pageBytes(), options.threads());
        console.note("made it and forced it to the disk " + since(start));
        return target;
    }

    private TargetFile openFile(Path path) {
        ExistingFile.check(path, options.fileBytes(), options.writeExisting());
        console.note("reading " + path + " to know what it holds...");
        return ExistingFile.open(
                path,
                options.fileBytes(),
                options.writeExisting(),
                options.pageBytes(),
                options.threads());
    }

    /** What is left of the part of a run in which the page cache was open. */
    private record Driven(
            Engine engine,
            boolean direct,
            long elapsedNanos,
            Latencies latencies,
            PageCacheStats stats,
            List<Timeline.Moment> moments) {}

    private Driven drive(TargetFile target) throws IOException {
        try (PageCache cache = createCache();
                PagedFile file = open(cache, target)) {
            Workload workload = new Workload(options, file, target.contents(), mismatches);
            Latencies latencies = new Latencies(workload.workers());
            console.note(
                    String.format(
                            Locale.ROOT,
                            "running for %s s, seed %d...",
                            options.seconds(),
                            options.seed()));
            long start = System.nanoTime();
            workload.start();
            List<Watcher> watchers =
                    new ArrayList<>(List.of(new LiveLine(console, cache::stats, latencies)));
            Timeline timeline =
                    new Timeline(options.seconds(), cache::stats, cache::buddyInfo, latencies);
            if (options.report() != null) {
                watchers.add(timeline);
            }
            watch(workload, watchers);
            workload.stop();
            long elapsedNanos = System.nanoTime() - start;
            latencies.gather();
            operations = latencies.all().getTotalCount();

            long stopped = System.nanoTime();
            file.sync();
            console.note("wrote back what was dirty and forced it to the disk " + since(stopped));
            cache.verify();
            return new Driven(
                    cache.engine(),
                    file.direct(),
                    elapsedNanos,
                    latencies,
                    cache.stats(),
                    timeline.moments());
        }
    }

    private void watch(Workload workload, List<Watcher> watchers) {
        long startNanos = System.nanoTime();
        long lengthNanos = (long) (options.seconds() * 1e9);
        long[] due = watchers.stream().mapToLong(Watcher::periodNanos).toArray();
        boolean ended = false;
        while (!ended) {
            long next = Math.min(lengthNanos, Arrays.stream(due).min().orElseThrow());
            long elapsedNanos = System.nanoTime() - startNanos;
            ended = elapsedNanos >= lengthNanos || workload.awaitEnd(next - elapsedNanos);
            elapsedNanos = System.nanoTime() - startNanos;
            for (int i = 0; i < due.length && !ended && elapsedNanos < lengthNanos; i++) {
                if (due[i] <= elapsedNanos) {
                    watchers.get(i).look();
                    // Late looks are not made up for.
                    due[i] += Math.max(watchers.get(i).periodNanos(), elapsedNanos - due[i]);
                }
            }
        }
    }

    private PageCache createCache() {
        try {
            return PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes(options.memoryBytes())
                            .pageBytes(options.pageBytes())
                            .io(AsyncIoConfig.builder().engine(options.engine()).build())
                            .jmxName("run-" + RUNS.incrementAndGet()) // for quire stat
                            .build());
        } catch (IllegalArgumentException e) {
            throw new InputException(Failures.describe(e), e);
        }
    }

    private PagedFile open(PageCache cache, TargetFile target) throws IOException {
        if (options.ioMode() == IoMode.BUFFERED) {
            return open(cache, target, false);
        }
        try {
            return open(cache, target, true);
        } catch (IOException | UnsupportedOperationException e) {
            if (options.ioMode() == IoMode.DIRECT) {
                throw new InputException(
                        "--direct cannot be done on this file ("
                                + Failures.describe(e)
                                + "), try --buffered: --file="
                                + target.path(),
                        e);
            }
            console.note("no direct I/O here, so it goes buffered: " + Failures.describe(e));
            return open(cache, target, false);
        }
    }

    private static PagedFile open(PageCache cache, TargetFile target, boolean direct)
            throws IOException {
        List<OpenOption> how = new ArrayList<>(List.of(StandardOpenOption.READ));
        if (target.writable()) {
            how.add(StandardOpenOption.WRITE);
        }
        if (direct) {
            how.add(DirectOption.DIRECT);
        }
        return cache.open(target.path(), how.toArray(OpenOption[]::new));
    }

    private long verify(TargetFile target) throws IOException {
        long start = System.nanoTime();
        long sizeBytes = Files.size(target.path());
        if (sizeBytes != target.closedBytes()) {
            mismatches.add(
                    "after the run",
                    new Mismatch(
                            sizeBytes / options.pageBytes(),
                            "a file of " + target.closedBytes() + " bytes",
                            sizeBytes + " bytes"));
            return 0;
        }
        Contents contents = target.contents();
        new DiskScan(target.path(), target.bytes(), options.pageBytes(), options.threads())
                .forEachPage(
                        (copy, page) ->
                                mismatches.add(
                                        "on the disk after the run",
                                        contents.checkClosed(copy, page)));
        console.note("read the closed file again, page by page, " + since(start));
        return contents.pages();
    }

    private RunReport report(TargetFile target, Driven driven, long pagesVerified) {
        return new RunReport(
                options,
                target.description(),
                target.bytes(),
                driven.engine(),
                driven.direct(),
                driven.elapsedNanos(),
                driven.latencies(),
                driven.stats(),
                pagesVerified,
                mismatches.count());
    }

    private static String since(long startNanos) {
        return String.format(Locale.ROOT, "in %.1f s", (System.nanoTime() - startNanos) / 1e9);
    }
}
