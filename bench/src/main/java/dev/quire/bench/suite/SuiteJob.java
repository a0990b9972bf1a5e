package dev.quire.bench.suite;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.bench.report.Machine;
import dev.quire.bench.report.Palette;
import dev.quire.bench.report.ReportFile;
import dev.quire.bench.report.SvgPicture;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One {@code quire bench} from the first measurement to the reports. One thread. */
public final class SuiteJob {
    /** Threads that want to run for each processor, above which figures are of little use. */
    private static final double LOAD_MAX = 0.5;

    private static final String DENIED = "--sun-misc-unsafe-memory-access=deny";

    /** The setting that ZGC's heap depends on, which is memory that could be shared. */
    private static final String SHARED = "shmem_enabled";

    private static final Set<String> NONE_SHARED = Set.of("never", "deny");

    private final SuiteOptions options;
    private final Console console;

    /**
     * A job that has not started.
     *
     * @param options what to do
     * @param console where to tell about it
     */
    public SuiteJob(SuiteOptions options, Console console) {
        this.options = options;
        this.console = console;
    }

    /**
     * Measures, or reads what was measured, and reports.
     *
     * @throws InputException when a file cannot be read or written, or nothing can be measured
     */
    public void run() {
        Path from = options.from();
        SuiteResults results = from == null ? measured() : recorded(from);
        console.result(TextTables.legend());
        ReportFile report = options.outputs().report();
        Path svg = options.outputs().svg();
        if (report != null) {
            report.write(new HtmlReport(results).html(), console);
        }
        if (svg != null) {
            draw(results, svg);
        }
        Path file = options.outputs().results();
        if (file != null) {
            new ResultsFile(file).write(results);
            console.note("wrote the results: " + file);
        }
        writeMarkdown(results);
        if (options.json()) {
            console.result(results.json().toString());
        }
    }

    private SuiteResults recorded(Path from) {
        SuiteResults all = SuiteResults.read(from);
        SuiteResults results = all.only(options.groups());
        InputException.require(
                !results.results().isEmpty(),
                "must name a group that --from has, one of " + names(all.groups()),
                "--only",
                names(options.groups().stream().sorted().toList()));
        TextTables tables = new TextTables(results);
        results.groups().stream().map(tables::table).forEach(this::tell);
        return results;
    }

    private static String names(List<Group> groups) {
        return groups.stream().map(Group::toString).collect(Collectors.joining(","));
    }

    private SuiteResults measured() {
        double load = load();
        if (load > LOAD_MAX) {
            console.note(
                    String.format(
                            Locale.ROOT,
                            "the machine is busy, figures will be of little use: load average of"
                                    + " %.2f a processor, should be below %.1f",
                            load,
                            LOAD_MAX));
        }
        SequencedMap<String, String> flags = new LinkedHashMap<>();
        SuiteResults results =
                new SuiteResults(
                        new ArrayList<>(),
                        LocalDate.now(ZoneId.systemDefault()).toString(),
                        Machine.describe(),
                        load,
                        options.command(),
                        options.pace().toString(),
                        flags,
                        new ArrayList<>());
        try (ScratchFolder folder = ScratchFolder.in(options.tempDir())) {
            Measuring measuring = new Measuring(options, folder.path(), console, results);
            tellFlags(measuring, flags);
            Set<Group> left = new TreeSet<>(options.groups());
            for (Group group : List.copyOf(left)) {
                measuring.measure(group);
                tell(new TextTables(results).table(group));
                left.remove(group);
                keep(results.without(left));
            }
        }
        if (results.results().isEmpty()) {
            throw new InputException(
                    "nothing could be measured: " + String.join("; ", results.leftOut()));
        }
        return results;
    }

    /** What ends the run before its time does not take this along. */
    private void keep(SuiteResults soFar) {
        Path file = options.outputs().results();
        if (file != null && !soFar.results().isEmpty()) {
            try {
                new ResultsFile(file).keep(soFar);
            } catch (InputException e) {
                console.note(Failures.describe(e) + "; tried again later");
            }
        }
    }

    private void tellFlags(Measuring measuring, SequencedMap<String, String> flags) {
        List<String> ours = ManagementFactory.getRuntimeMXBean().getInputArguments();
        if (measuring.forks()) {
            if (ours.contains(DENIED)) {
                throw new InputException(
                        "JMH cannot do without Unsafe: start the JVM with"
                                + " --sun-misc-unsafe-memory-access=allow instead of: "
                                + DENIED);
            }
            flags.putAll(Flags.told(measuring.works()));
            console.note("each in JVMs of its own, " + options.pace());
        }
        for (Group group : options.groups()) {
            if (!group.forks()) {
                flags.put(group + ", all in this JVM", String.join(" ", ours));
            }
        }
        flags.forEach((of, own) -> console.note("flags of " + of + ": " + own));
        if (measuring.works().stream().anyMatch(work -> work.subject().equals(Catalogue.HEAP))) {
            tellOfHugePages();
        }
    }

    private void tellOfHugePages() {
        Machine.hugePages(SHARED)
                .filter(NONE_SHARED::contains)
                .ifPresent(
                        mode ->
                                console.note(
                                        Catalogue.HEAP
                                                + " has no huge pages, which the others have ("
                                                + SHARED
                                                + " is "
                                                + mode
                                                + "): write advise to"
                                                + " /sys/kernel/mm/transparent_hugepage/"
                                                + SHARED));
    }

    private static double load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return Math.max(0, load) / Runtime.getRuntime().availableProcessors();
    }

    private void tell(String table) {
        if (!table.isEmpty()) {
            console.result(table + System.lineSeparator());
        }
    }

    /** Every chart of the report as a file of its own. */
    private void draw(SuiteResults results, Path folder) {
        Pictures pictures = new Pictures(results);
        int drawn = 0;
        try {
            Files.createDirectories(folder);
            for (Group group : results.groups()) {
                Palette palette = pictures.palette(group);
                for (Picture picture : pictures.of(group)) {
                    Files.writeString(
                            folder.resolve(picture.name() + ".svg"),
                            SvgPicture.of(picture.chart(), palette));
                    drawn++;
                }
            }
        } catch (IOException e) {
            throw new InputException(
                    "the pictures cannot be written ("
                            + Failures.describe(e)
                            + "): --svg="
                            + folder,
                    e);
        }
        console.note("wrote " + drawn + " pictures: " + folder);
    }

    private void writeMarkdown(SuiteResults results) {
        Path path = options.outputs().markdown();
        if (path == null) {
            return;
        }
        try {
            Files.writeString(path, new MarkdownTables(results).text());
        } catch (IOException e) {
            throw new InputException(
                    "the markdown cannot be written ("
                            + Failures.describe(e)
                            + "): --markdown="
                            + path,
                    e);
        }
        console.note("wrote the markdown: " + path);
    }
}
