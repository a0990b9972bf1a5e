package dev.quire.bench.suite;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.io.IoLatency;
import dev.quire.bench.io.IoPeers;
import dev.quire.bench.io.IoResult;
import dev.quire.bench.replay.FrameCount;
import dev.quire.bench.replay.HitRatios;
import dev.quire.bench.replay.ReplayResult;
import dev.quire.bench.trace.Trace;
import dev.quire.bench.trace.TraceFile;
import dev.quire.bench.trace.TraceFormat;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.util.ListStatistics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** Does the measuring, group by group. */
final class Measuring {
    private static final List<Integer> DEPTHS = List.of(1, 32);
    private static final long FILE_BYTES = 256L << 20;
    private static final List<String> CACHE_SIZES = List.of("0.5%", "1%", "2%", "5%", "10%", "25%");
    private static final double CONFIDENCE = 0.999;

    private final SuiteOptions options;
    private final Path folder;
    private final Console console;
    private final SuiteResults results;
    private final List<Work> works;
    private final List<Trace> traces;
    private final Set<String> described = new HashSet<>();
    private int done;

    /**
     * Measuring that has not begun.
     *
     * @param options what to measure
     * @param folder for temporary files
     * @param console where to tell what goes on
     * @param results where everything goes
     * @throws InputException when a trace cannot be read
     */
    Measuring(SuiteOptions options, Path folder, Console console, SuiteResults results) {
        this.options = options;
        this.folder = folder;
        this.console = console;
        this.results = results;
        works =
                Catalogue.of(Runtime.getRuntime().availableProcessors()).stream()
                        .filter(work -> options.groups().contains(work.group()))
                        .filter(work -> options.measures(work.subject()))
                        .filter(work -> options.pace().full() || !work.full())
                        .toList();
        traces =
                options.traces().stream()
                        .map(file -> TraceFile.read(file, TraceFormat.AUTO))
                        .toList();
    }

    /** Whether any of it is measured in JVMs of its own. */
    boolean forks() {
        return !works.isEmpty();
    }

    /** What is measured in JVMs of its own. */
    List<Work> works() {
        return works;
    }

    /** Measures a group, or what of it can be measured; the others can still be. */
    void measure(Group group) {
        try {
            switch (group) {
                case AIO -> measureIo();
                case EVICTION -> measureHitRatios();
                default -> measureByJmh(group);
            }
        } catch (IOException | InputException e) {
            leaveOut(group.toString(), e);
        }
    }

    private void measureByJmh(Group group) {
        for (Work work : works) {
            if (work.group() == group) {
                console.status(++done + " of " + works.size() + ": " + work);
                JmhRun run = new JmhRun(work, options.pace(), folder);
                try {
                    results.results().addAll(run.run());
                    run.description().ifPresent(text -> tellOnce(work.subject(), text));
                } catch (IOException e) {
                    leaveOut(work.toString(), e);
                }
            }
        }
    }

    private void tellOnce(String subject, String description) {
        if (described.add(subject)) {
            console.note(subject + " is " + description);
        }
    }

    private void leaveOut(String what, Exception why) {
        String line = what + ": " + Failures.describe(why);
        results.leftOut().add(line);
        console.note("left out: " + line);
    }

    // ---- aio

    private void measureIo() throws IOException {
        Pace pace = options.pace();
        SequencedMap<Integer, Map<String, List<IoResult>>> turns =
                new IoPeers(folder, FILE_BYTES, console)
                        .run(DEPTHS, pace.iterations(), pace.seconds(), pace.full());
        turns.firstEntry()
                .getValue()
                .getOrDefault(Catalogue.QUIRE, List.of())
                .forEach(round -> tellOnce("quire's engine", round.subject()));
        for (String subject : IoPeers.names(pace.full())) {
            boolean ran = turns.values().stream().allMatch(depth -> depth.containsKey(subject));
            if (!ran && options.measures(subject)) {
                results.leftOut().add(Group.AIO + ", " + subject + ": could not run here");
            }
        }
        turns.forEach((depth, subjects) -> subjects.forEach((s, r) -> addRate(depth, s, r)));
        turns.forEach((depth, subjects) -> subjects.forEach((s, r) -> addProcessor(depth, s, r)));
    }

    private void addRate(int depth, String subject, List<IoResult> rounds) {
        add(
                "randread4k-depth" + depth,
                subject,
                statistics(rounds, IoResult::iops),
                Measurement.RATE,
                latency(rounds));
    }

    /** Processor time of the whole process a request; not known on every system. */
    private void addProcessor(int depth, String subject, List<IoResult> rounds) {
        ListStatistics times = statistics(rounds, IoResult::cpuNanosPerIo);
        if (Double.isFinite(times.getMean())) {
            add("cpu-depth" + depth, subject, times, Measurement.NANOS, null);
        }
    }

    private static ListStatistics statistics(
            List<IoResult> rounds, ToDoubleFunction<IoResult> figure) {
        ListStatistics values = new ListStatistics();
        rounds.forEach(round -> values.addValue(figure.applyAsDouble(round)));
        return values;
    }

    private void add(
            String scenario,
            String subject,
            ListStatistics values,
            String unit,
            @Nullable SequencedMap<String, Double> latency) {
        if (!options.measures(subject)) {
            return;
        }
        double error = values.getMeanErrorAt(CONFIDENCE);
        results.results()
                .add(
                        new Measurement(
                                Group.AIO.toString(),
                                scenario,
                                subject,
                                1,
                                values.getMean(),
                                Double.isFinite(error) ? error : null,
                                unit,
                                null,
                                null,
                                latency));
    }

    /** The means of the rounds' percentiles; the maximum is that of all rounds. */
    private static SequencedMap<String, Double> latency(List<IoResult> rounds) {
        SequencedMap<String, Double> latency = new LinkedHashMap<>();
        List<IoLatency> latencies = rounds.stream().map(IoResult::latency).toList();
        for (double percent : IoLatency.PERCENTS) {
            double mean =
                    latencies.stream().mapToLong(l -> l.nanosAt(percent)).average().orElseThrow();
            latency.put(Measurement.percentile(percent), mean);
        }
        long longest = latencies.stream().mapToLong(IoLatency::maxNanos).max().orElseThrow();
        latency.put(Measurement.percentile(100), (double) longest);
        return latency;
    }

    // ---- eviction

    private void measureHitRatios() throws IOException {
        for (Trace trace : traces.isEmpty() ? GeneratedTraces.all() : traces) {
            for (String size : CACHE_SIZES) {
                console.status(Group.EVICTION + " " + trace.name() + ", cache of " + size);
                for (ReplayResult result : HitRatios.of(trace, FrameCount.parse(size))) {
                    add(result, size);
                }
            }
        }
    }

    private void add(ReplayResult result, String size) {
        String subject = result.reference() ? Catalogue.policy(result.policy()) : Catalogue.QUIRE;
        if (options.measures(subject)) {
            results.results()
                    .add(
                            new Measurement(
                                    Group.EVICTION.toString(),
                                    result.trace().name() + "@" + size,
                                    subject,
                                    1,
                                    result.hitRatio(),
                                    null,
                                    Measurement.HIT_RATIO,
                                    null,
                                    result.frames(),
                                    null));
        }
    }
}
