package dev.quire.bench;

import dev.quire.aio.Engine;
import dev.quire.bench.run.Distribution;
import dev.quire.bench.run.RunJob;
import dev.quire.bench.run.RunOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code quire run}: the main job. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Drives a workload on a real file through the page cache and proves what it reads.",
            "",
            "Without --file it makes a temporary file whose pages carry their number, a version and"
                + " a checksum; each read checks them, each write raises the version, and after the"
                + " run the closed file is read again, page by page, without the page cache.",
            "",
            "A file of yours is opened read-only: its pages must go on holding what they held"
                + " before the run. With --write-existing its pages are also written, each with the"
                + " very bytes it holds: contents and size never change, wherever the run is"
                + " stopped; only the time of its last change does.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every page held what it must",
            "1:a page did not; the line says which, what it must hold and what it held",
            "2:the options, the file or the disk cannot be worked with; one line says why",
            "3:a fault of Quire itself"
        })
final class RunCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Option(
            names = "--file",
            paramLabel = "<path>",
            description = "an existing file of yours (default: a temporary file, removed after)")
    private @Nullable Path file;

    @Option(
            names = "--write-existing",
            description = "also write to --file, every page with the bytes it holds already")
    private boolean writeExisting;

    @Option(
            names = "--file-bytes",
            paramLabel = "<size>",
            description =
                    "size of the temporary file, whole pages (default: 2g); of --file, how much is"
                            + " used (default: all of it)",
            converter = ByteSizeConverter.class)
    private @Nullable Long fileBytes;

    @Option(
            names = "--memory",
            paramLabel = "<size>",
            description = "memory of the page cache, at least 64 pages" + DEFAULT,
            defaultValue = "256m",
            converter = ByteSizeConverter.class)
    private long memoryBytes;

    @Option(
            names = "--page-bytes",
            paramLabel = "<size>",
            description = "size of a page, a power of two from 4k to 64k" + DEFAULT,
            defaultValue = "8k",
            converter = ByteSizeConverter.class)
    private long pageBytes;

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            description = "threads that drive the workload" + DEFAULT,
            defaultValue = "2")
    private int threads;

    @Option(
            names = "--reads",
            paramLabel = "<percent>",
            description =
                    "share of operations that read (default: 95; 100 when nothing may be written)")
    private @Nullable Integer reads;

    @Option(
            names = "--distribution",
            paramLabel = "<name>",
            description = "which pages are asked for: zipf, uniform, sequential" + DEFAULT,
            defaultValue = "zipf")
    private Distribution distribution = Distribution.ZIPF;

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            description = "how long the workload runs, fractions allowed" + DEFAULT,
            defaultValue = "12")
    private double seconds;

    @Option(
            names = "--engine",
            paramLabel = "<name>",
            description = "what does the I/O: ${COMPLETION-CANDIDATES}" + DEFAULT,
            completionCandidates = EngineConverter.Candidates.class,
            defaultValue = "auto",
            converter = EngineConverter.class)
    private Engine engine = Engine.AUTO;

    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private IoModeOptions io = new IoModeOptions();
    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private ReportOption report = new ReportOption();
    @Mixin private OutputOptions output = new OutputOptions();

    RunCommand() {}

    @Override
    public Integer call() throws IOException {
        return new RunJob(options(), output.console()).run() ? Quire.OK : Quire.MISMATCH;
    }

    private RunOptions options() {
        return new RunOptions(
                file,
                writeExisting,
                tempDir.folder(),
                fileBytes,
                memoryBytes,
                // What does not fit an int is refused with the other bad sizes.
                Math.clamp(pageBytes, 0, Integer.MAX_VALUE),
                threads,
                reads,
                distribution,
                seconds,
                engine,
                io.mode(),
                seed.orDrawn(),
                report.file(),
                output.json());
    }
}
