package dev.quire.bench.suite;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.ListStatistics;
import org.openjdk.jmh.util.Statistics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** One piece of work in JVMs of its own, by way of JMH. */
final class JmhRun {
    private static final String PACKAGE = "dev.quire.bench.jmh.";
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final double[] PERCENTILES = {
        0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100
    };
    private static final double CONFIDENCE = 0.999;
    private static final int TIMEOUT_MINUTES = 2;
    private static final double MILLIS = 1e3;

    /** {@code # PEER: what it is}, as benchmarks print it when they open one. */
    private static final Pattern DESCRIPTION =
            Pattern.compile("^# [A-Z_]+: (.+)$", Pattern.MULTILINE);

    private final Work work;
    private final Pace pace;
    private final Path folder;
    private String text = "";

    /**
     * Work that has not started.
     *
     * @param work what to do
     * @param pace for how long
     * @param folder for temporary files
     */
    JmhRun(Work work, Pace pace, Path folder) {
        this.work = work;
        this.pace = pace;
        this.folder = folder;
    }

    /**
     * Does it.
     *
     * @return one measurement, or one for each counter
     * @throws IOException saying what JMH, or the benchmark, had to complain of
     */
    List<Measurement> run() throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream usualOut = System.out;
        PrintStream usualErr = System.err;
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            // JMH prints there what forks print, in the midst of the results.
            System.setOut(out);
            System.setErr(out);
            Collection<RunResult> results =
                    new Runner(
                                    options().build(),
                                    OutputFormatFactory.createFormatInstance(
                                            out, VerboseMode.NORMAL))
                            .run();
            if (results.size() != 1) {
                throw new IllegalStateException(
                        "one benchmark must be found: found=" + results.size() + ", " + work);
            }
            return measurements(results.iterator().next());
        } catch (RunnerException e) {
            throw new IOException(reason(said.toString(StandardCharsets.UTF_8), e), e);
        } finally {
            System.setOut(usualOut);
            System.setErr(usualErr);
            text = said.toString(StandardCharsets.UTF_8);
        }
    }

    /** What the subject said of itself, which decides how fast it is; nothing if it did not. */
    Optional<String> description() {
        return DESCRIPTION.matcher(text).results().map(match -> match.group(1)).findFirst();
    }

    private ChainedOptionsBuilder options() {
        boolean once = work.kind() == Work.Kind.MEMORY;
        TimeValue length = TimeValue.milliseconds(Math.round(pace.seconds() * MILLIS));
        List<String> flags = new ArrayList<>(Flags.of(work));
        flags.add("-Djava.io.tmpdir=" + folder);
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include("^" + (PACKAGE + work.benchmark()).replace(".", "\\.") + "$")
                        .mode(mode())
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .threads(work.threads())
                        .forks(pace.forks(work))
                        .warmupIterations(once ? 0 : pace.warmUps(work))
                        .measurementIterations(once ? 1 : pace.iterations())
                        .warmupTime(length)
                        .measurementTime(length)
                        .timeout(TimeValue.minutes(TIMEOUT_MINUTES))
                        .shouldFailOnError(true)
                        .jvmArgs(flags.toArray(String[]::new))
                        .jvmArgsPrepend()
                        .jvmArgsAppend();
        work.params().forEach(options::param);
        return once ? options : options.addProfiler("gc");
    }

    private Mode mode() {
        return switch (work.kind()) {
            case MEAN -> Mode.AverageTime;
            case SAMPLED -> Mode.SampleTime;
            case MEMORY -> Mode.SingleShotTime;
        };
    }

    private List<Measurement> measurements(RunResult result) {
        if (work.kind() == Work.Kind.MEMORY) {
            List<Measurement> counters = new ArrayList<>();
            counters.add(counter("heap", result, "heapBytes"));
            counters.add(counter("outside", result, "nativeBytes"));
            return counters;
        }
        Result<?> primary = result.getPrimaryResult();
        return List.of(
                measurement(
                        work.scenario(),
                        primary.getScore(),
                        primary.getScoreError(),
                        Measurement.NANOS,
                        allocated(result),
                        work.kind() == Work.Kind.SAMPLED
                                ? percentiles(primary.getStatistics())
                                : null));
    }

    /** The mean of the forks: JMH itself would add up what each of them counted. */
    private Measurement counter(String scenario, RunResult result, String counter) {
        ListStatistics forks = new ListStatistics();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            Result<?> counted = fork.getSecondaryResults().get(counter);
            if (counted == null) {
                throw new IllegalStateException("the benchmark must count it: counter=" + counter);
            }
            forks.addValue(counted.getScore());
        }
        return measurement(
                scenario,
                forks.getMean(),
                forks.getMeanErrorAt(CONFIDENCE),
                Measurement.PAGE_BYTES,
                null,
                null);
    }

    private Measurement measurement(
            String scenario,
            double value,
            double error,
            String unit,
            @Nullable Double bytesPerOp,
            @Nullable SequencedMap<String, Double> latencyNanos) {
        return new Measurement(
                work.group().toString(),
                scenario,
                work.subject(),
                work.threads(),
                value,
                Double.isFinite(error) ? error : null,
                unit,
                bytesPerOp,
                null,
                latencyNanos);
    }

    private static @Nullable Double allocated(RunResult result) {
        Result<?> bytes = result.getSecondaryResults().get(ALLOCATED);
        return bytes == null || !Double.isFinite(bytes.getScore()) ? null : bytes.getScore();
    }

    private static SequencedMap<String, Double> percentiles(Statistics samples) {
        SequencedMap<String, Double> percentiles = new LinkedHashMap<>();
        for (double percent : PERCENTILES) {
            percentiles.put(Measurement.percentile(percent), samples.getPercentile(percent));
        }
        return percentiles;
    }

    /** JMH's own exception hardly says anything; what the fork printed does. */
    private static String reason(String said, RunnerException e) {
        return said.lines()
                .filter(line -> line.matches(".*(Exception|Error)\\b.*"))
                .findFirst()
                .map(String::strip)
                .orElse(String.valueOf(e.getMessage()));
    }
}
