package dev.quire.bench;

import dev.quire.bench.soak.SoakJob;
import dev.quire.bench.soak.SoakOptions;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code quire soak}: everything that can be wrong, looked for as long as one likes. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Looks for wrong bytes and lost memory on real files, for as long as it is told.",
            "",
            "The suites have their turns of at most 20 seconds, each with a seed of its own:@|bold "
                + " fsx|@, random operations on files beside copies of them (quire fsx);@|bold "
                + " run|@, a workload that proves what it reads (quire run);@|bold  mixed|@, one"
                + " file used by several threads through the cache and past it, while its pages"
                + " move and snapshots of it are taken;@|bold  allocator|@, blocks of frames taken,"
                + " written, handed on and given back;@|bold  io|@, the engines without a cache,"
                + " under faults;@|bold  kill|@, a process that writes and syncs, killed again and"
                + " again. Where direct I/O is possible every second round of turns is direct.",
            "",
            "In the end there is a table. What was wrong is told at once, with the command that"
                    + " does the same again.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was as it must be",
            "1:something was wrong",
            "2:an option or the disk cannot be worked with; one line says which and why",
            "3:a fault of Quire itself"
        })
final class SoakCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Option(
            names = "--minutes",
            paramLabel = "<n>",
            description = "how long, fractions allowed" + DEFAULT,
            defaultValue = "10")
    private double minutes;

    @Option(
            names = "--only",
            paramLabel = "<suite>",
            split = ",",
            description = "these suites: ${COMPLETION-CANDIDATES} (default: each of them)",
            completionCandidates = Suites.class)
    private List<String> only = List.of();

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            description = "threads that drive a suite" + DEFAULT,
            defaultValue = "3")
    private int threads;

    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private IoModeOptions io = new IoModeOptions();
    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private OutputOptions output = new OutputOptions();

    SoakCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        SoakOptions options =
                new SoakOptions(
                        minutes,
                        only,
                        seed.orDrawn(),
                        threads,
                        io.mode(),
                        tempDir.folder(),
                        output.json());
        return new SoakJob(options, output.console()).run() ? Quire.OK : Quire.MISMATCH;
    }

    /** The suites as they are typed, for the help. */
    static final class Suites implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return SoakJob.names().iterator();
        }
    }
}
