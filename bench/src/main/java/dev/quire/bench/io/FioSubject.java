package dev.quire.bench.io;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * fio, the program that every other is compared with, as a child process of one process with
 * threads.
 *
 * <p>Its processor time is that of the whole process in the middle of the measured window, the
 * kernel's workers for its rings included, divided by its own count of requests: its report leaves
 * the workers out, and its whole life would put its start in. A window below a second lies too near
 * to that start, which takes as long: then it is what fio itself reports of its threads.
 */
final class FioSubject implements Subject {
    /** Where in the window the processor time is read: fio's start takes a part of the first. */
    private static final double CPU_FROM = 0.25;

    private static final double CPU_TO = 0.95;
    private static final long CPU_WINDOW_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);
    private static final long END_SECONDS_MAX = 60;

    private static final String PERCENTILES =
            IoLatency.PERCENTS.stream().map(String::valueOf).collect(Collectors.joining(":"));

    private final Path program;
    private final String ioEngine;
    private final boolean fixed;

    FioSubject(Path program, String ioEngine, boolean fixed) {
        this.program = program;
        this.ioEngine = ioEngine;
        this.fixed = fixed;
    }

    /**
     * fio through io_uring and through pread and pwrite; nothing when it is not installed.
     *
     * @param fixed whether also through io_uring with memory and files that the ring knows
     */
    static List<Subject> installed(boolean fixed) {
        List<Subject> subjects = new ArrayList<>();
        onPath(System.getenv().getOrDefault("PATH", ""))
                .ifPresent(
                        program -> {
                            subjects.add(new FioSubject(program, "io_uring", false));
                            if (fixed) {
                                subjects.add(new FioSubject(program, "io_uring", true));
                            }
                            subjects.add(new FioSubject(program, "psync", false));
                        });
        return subjects;
    }

    static Optional<Path> onPath(String path) {
        return Stream.of(path.split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "fio"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @Override
    public String name() {
        return "fio-" + ioEngine.replace('_', '-') + (fixed ? "-fixed" : "");
    }

    @Override
    public IoResult run(IoShape shape, MeasuredFile file) throws IOException {
        Process fio =
                new ProcessBuilder(command(shape, file))
                        .redirectErrorStream(true) // what it says when it fails
                        .start();
        try {
            fio.getOutputStream().close();
            double cpuNanosPerSecond = watch(fio, shape);
            String said = new String(fio.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!fio.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS) || fio.exitValue() != 0) {
                throw new IOException(name() + " failed: " + said.lines().findFirst().orElse(""));
            }
            return result(shape, said, cpuNanosPerSecond);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            fio.destroyForcibly();
        }
    }

    private List<String> command(IoShape shape, MeasuredFile file) {
        // psync has one request a thread under way, whatever its depth.
        boolean blocking = ioEngine.equals("psync");
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.add("--name=quire");
        // fio takes a bare colon for the end of a name.
        command.add("--filename=" + file.path().toAbsolutePath().toString().replace(":", "\\:"));
        command.add("--size=" + file.bytes());
        command.add("--ioengine=" + ioEngine);
        command.add("--rw=" + shape.pattern());
        command.add("--bs=" + shape.blockBytes());
        command.add("--iodepth=" + (blocking ? 1 : shape.depth()));
        command.add("--numjobs=" + (blocking ? shape.slots() : shape.jobs()));
        command.add("--direct=" + (shape.direct() ? 1 : 0));
        if (fixed) {
            command.add("--fixedbufs");
            command.add("--registerfiles");
        }
        switch (shape.durability()) {
            case NONE -> {}
            case DATA_SYNC -> command.add("--sync=dsync");
            case WRITE_THEN_SYNC -> command.add("--fdatasync=1");
        }
        command.add("--ramp_time=" + millis(shape.warmUpNanos()) + "ms");
        command.add("--runtime=" + millis(shape.measuredNanos()) + "ms");
        command.add("--time_based");
        command.add("--thread");
        command.add("--group_reporting");
        command.add("--unified_rw_reporting=mixed");
        // Any block at any time, as the other subjects do; cheaper for fio than its map.
        command.add("--norandommap");
        command.add("--randrepeat=0");
        command.add("--allow_file_create=0");
        command.add("--lat_percentiles=1");
        command.add("--percentile_list=" + PERCENTILES);
        command.add("--eta=never");
        command.add("--output-format=json");
        return command;
    }

    /** Sleeps through the measured window; answers the processor time of a second of it. */
    private static double watch(Process fio, IoShape shape) throws InterruptedException {
        long startNanos = System.nanoTime();
        long from = shape.warmUpNanos() + (long) (CPU_FROM * shape.measuredNanos());
        long to = shape.warmUpNanos() + (long) (CPU_TO * shape.measuredNanos());
        fio.waitFor(startNanos + from - System.nanoTime(), TimeUnit.NANOSECONDS);
        double cpuBefore = CpuTime.of(fio.pid());
        long before = System.nanoTime();
        fio.waitFor(startNanos + to - System.nanoTime(), TimeUnit.NANOSECONDS);
        double cpuNanos = CpuTime.of(fio.pid()) - cpuBefore;
        return cpuNanos / ((System.nanoTime() - before) / 1e9);
    }

    private IoResult result(IoShape shape, String said, double cpuNanosPerSecond)
            throws IOException {
        try {
            // What it has to remark stands before its report.
            JsonObject job =
                    JsonParser.parseString(said.substring(Math.max(0, said.indexOf("{\n"))))
                            .getAsJsonObject()
                            .getAsJsonArray("jobs")
                            .get(0)
                            .getAsJsonObject();
            JsonObject figures = job.getAsJsonObject("mixed");
            JsonObject latency = figures.getAsJsonObject("lat_ns");
            JsonObject percentiles = latency.getAsJsonObject("percentile");
            double iops = figures.get("iops").getAsDouble();
            int error = job.get("error").getAsInt();
            return new IoResult(
                    name(),
                    iops,
                    iops * shape.blockBytes(),
                    IoLatency.of(
                            percent -> percentile(percentiles, percent),
                            latency.get("max").getAsLong()),
                    shape.measuredNanos() >= CPU_WINDOW_NANOS_MIN
                            ? cpuNanosPerSecond / iops
                            : reportedCpuNanos(job) / figures.get("total_ios").getAsLong(),
                    error == 0 ? 0 : 1,
                    error == 0 ? null : "errno " + error);
        } catch (RuntimeException e) { // no JSON, or a part of the report is not there
            throw new IOException(name() + " gave a report that is not understood: " + said, e);
        }
    }

    /** Of its threads in the window, in nanoseconds; NaN where it does not report that. */
    private static double reportedCpuNanos(JsonObject job) {
        JsonElement user = job.get("usr_cpu");
        JsonElement system = job.get("sys_cpu");
        JsonElement millis = job.get("job_runtime"); // of all threads together
        if (user == null || system == null || millis == null) {
            return Double.NaN;
        }
        double percent = user.getAsDouble() + system.getAsDouble();
        return percent / 100 * TimeUnit.MILLISECONDS.toNanos(millis.getAsLong());
    }

    private static long percentile(JsonObject percentiles, double percent) {
        JsonElement value = percentiles.get(String.format(Locale.ROOT, "%.6f", percent));
        return value == null ? 0 : value.getAsLong();
    }

    private static long millis(long nanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }
}
