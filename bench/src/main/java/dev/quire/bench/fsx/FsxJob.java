package dev.quire.bench.fsx;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;
import dev.quire.bench.run.IoMode;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Exercises files, one a thread, in one cache, and says what was wrong. */
public final class FsxJob {
    private static final long STATUS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final FsxOptions options;
    private final Console console;
    private final Queue<Mismatch> mismatches = new ConcurrentLinkedQueue<>();
    private final Queue<String> beforeFailure = new ConcurrentLinkedQueue<>();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong snapshotsLost = new AtomicLong();
    private final List<Path> files = new ArrayList<>();
    private @Nullable Throwable failure;

    /**
     * A job that has not begun.
     *
     * @param options what to do
     * @param console where to tell about it
     */
    public FsxJob(FsxOptions options, Console console) {
        this.options = options;
        this.console = console;
    }

    /**
     * How much was done.
     *
     * @return operations of all threads together
     */
    public long operations() {
        return done.get();
    }

    /**
     * Does the operations and reports.
     *
     * @return whether everything was as it must be
     * @throws IOException when a file could not be read or written
     */
    public boolean run() throws IOException {
        console.note(
                String.format(
                        Locale.ROOT,
                        "%d operations, seed %d, %s...",
                        options.ops(),
                        options.seed(),
                        options.target().name().toLowerCase(Locale.ROOT)));
        long start = System.nanoTime();
        try (OperationLog log = new OperationLog(options.log())) {
            exercise(log);
        } catch (IOException | RuntimeException | Error e) {
            if (failure == null) {
                throw e;
            }
            failure.addSuppressed(e); // the cache of what failed does not close well
        } finally {
            if (mismatches.isEmpty() && !options.keep()) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            }
        }
        beforeFailure.forEach(console::note);
        mismatches.forEach(this::tell);
        if (failure != null || !mismatches.isEmpty()) {
            tellHowToDoItAgain();
        }
        report((System.nanoTime() - start) / 1e9);
        if (failure != null) {
            throw unchecked(failure);
        }
        return mismatches.isEmpty();
    }

    private void exercise(OperationLog log) throws IOException {
        if (options.target() == Target.PLAIN) {
            exercise(log, null);
            return;
        }
        PageCacheConfig config =
                PageCacheConfig.builder()
                        .memoryBytes(options.memoryBytes())
                        .pageBytes(options.pageBytes())
                        .build();
        try (PageCache cache = PageCache.create(config)) {
            exercise(log, cache);
            cache.verify();
        }
    }

    private void exercise(OperationLog log, @Nullable PageCache cache) throws IOException {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<ExercisedFile> opened = new ArrayList<>(); // all, before anything is done to one
        for (int thread = 0; thread < options.threads(); thread++) {
            Path path = Files.createTempFile(options.folder(), "quire-fsx-", ".bin");
            files.add(path);
            opened.add(open(cache, path));
        }
        List<Thread> threads = new ArrayList<>();
        for (int thread = 0; thread < options.threads(); thread++) {
            int id = thread;
            threads.add(
                    Thread.ofPlatform()
                            .name("quire-fsx-" + id)
                            .start(
                                    () ->
                                            exercise(
                                                    id,
                                                    files.get(id),
                                                    opened.get(id),
                                                    log,
                                                    failures)));
        }
        awaitAll(threads);
        failure = failures.poll();
    }

    private ExercisedFile open(@Nullable PageCache cache, Path path) throws IOException {
        if (cache == null) {
            return new PlainFile(path);
        }
        if (options.mode() == IoMode.BUFFERED) {
            return new QuireFile(cache, path, false);
        }
        try {
            return new QuireFile(cache, path, true);
        } catch (IOException | UnsupportedOperationException e) { // of a system without direct I/O
            if (options.mode() == IoMode.DIRECT) {
                throw new InputException(
                        "--direct cannot be done there ("
                                + Failures.describe(e)
                                + "), try --buffered: --temp-dir="
                                + options.folder(),
                        e);
            }
            console.note("no direct I/O here, so it goes buffered: " + Failures.describe(e));
            return new QuireFile(cache, path, false);
        }
    }

    @SuppressWarnings("CatchThrowable") // The caller of run gets it, with what led to it.
    private void exercise(
            int thread,
            Path path,
            ExercisedFile file,
            OperationLog log,
            Queue<Throwable> failures) {
        Exerciser exerciser =
                new Exerciser(
                        thread,
                        path,
                        new OperationSource(
                                options.seed(), thread, Math.toIntExact(options.fileBytes())),
                        Math.toIntExact(options.fileBytes()),
                        log,
                        done);
        try (file) {
            exerciser.run(file, options.from(), options.opsOf(thread));
        } catch (MismatchException e) {
            List<Operation> tail = exerciser.tail();
            mismatches.add(new Mismatch(thread, tail.getLast(), Failures.describe(e), tail));
        } catch (Throwable e) {
            exerciser.tail().stream()
                    .map(operation -> "thread " + thread + " did " + operation)
                    .forEach(beforeFailure::add);
            failures.add(e);
        } finally {
            snapshotsLost.addAndGet(exerciser.snapshotsLost());
        }
    }

    private void awaitAll(List<Thread> threads) {
        long next = System.nanoTime() + STATUS_NANOS;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join(100);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted", e);
                }
                if (console.columns() > 0 && System.nanoTime() > next) {
                    next = System.nanoTime() + STATUS_NANOS;
                    console.status(done.get() + " operations done");
                }
            }
        }
    }

    private static RuntimeException unchecked(Throwable failure) throws IOException {
        return switch (failure) {
            case IOException e -> throw e;
            case Error e -> throw e;
            case RuntimeException e -> e;
            default -> new IllegalStateException(failure);
        };
    }

    // ---- the end

    private void tell(Mismatch mismatch) {
        console.note(
                "thread "
                        + mismatch.thread()
                        + ", operation "
                        + mismatch.operation()
                        + ": "
                        + mismatch.what());
        console.note("the file is kept: " + files.get(mismatch.thread()));
        console.note("the operations before it, the last at the end:");
        mismatch.before().forEach(operation -> console.note("  " + operation));
    }

    private void tellHowToDoItAgain() {
        String mode =
                switch (options.mode()) {
                    case BUFFERED -> " --buffered";
                    case DIRECT -> " --direct";
                    case AUTO -> "";
                };
        console.note(
                String.format(
                        Locale.ROOT,
                        "the same again: ./quire fsx --target=%s --ops=%d --seed=%d --threads=%d"
                            + " --file-bytes=%d --memory=%d --page-bytes=%d%s; --from=N begins at"
                            + " operation N",
                        options.target().name().toLowerCase(Locale.ROOT),
                        options.ops(),
                        options.seed(),
                        options.threads(),
                        options.fileBytes(),
                        options.memoryBytes(),
                        options.pageBytes(),
                        mode));
    }

    private void report(double seconds) {
        console.result(
                String.format(
                        Locale.ROOT,
                        "%d operations in %.1f s (%s a second), %d mismatches%s",
                        done.get(),
                        seconds,
                        Units.rate(done.get() / Math.max(seconds, 1e-9)),
                        mismatches.size(),
                        snapshotsLost.get() == 0
                                ? ""
                                : ", " + snapshotsLost.get() + " reads of lost snapshots"));
        if (options.json()) {
            console.result(
                    new JsonObject()
                            .put("target", options.target().name().toLowerCase(Locale.ROOT))
                            .put("ops", done.get())
                            .put("seed", options.seed())
                            .put("threads", options.threads())
                            .put("mismatches", mismatches.size())
                            .put("failed", failure != null)
                            .put("snapshotsLost", snapshotsLost.get())
                            .put("seconds", seconds)
                            .toString());
        }
    }
}
