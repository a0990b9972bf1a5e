package dev.quire.bench;

import dev.quire.bench.compare.CompareJob;
import dev.quire.bench.compare.CompareOptions;
import dev.quire.bench.compare.Subject;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code quire compare}: a file larger than memory, through Quire and through the kernel. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Reads and writes a file larger than memory through Quire (direct I/O), through a"
                + " mapping of the file, the same with madvise(MADV_RANDOM), and through a"
                + " FileChannel, one after the other: each in a process of its own, on a file of"
                + " its own that nothing has cached, with the same requests.",
            "",
            "--memory is what pages may take, the same for all. Quire's frames and tables lie"
                + " within it. The kernel's page cache and its tables are held to it by a control"
                + " group, whose limit is --memory beside what the JVM itself takes at the time:"
                + " heaps, code and threads count for nobody. Making control groups needs root;"
                + " where there are none, mmap and filechannel are skipped, and the reason is"
                + " told.",
            "",
            "Columns:@|bold  slowest|@ is the slowest interval over the mean, 100 %% would be"
                + " flat;@|bold  p50|@ to@|bold  p99.9|@ are of point reads,@|bold  w p99.9|@ of"
                + " writes;@|bold  CPU/req|@ is processor time of the process, the kernel's on its"
                + " behalf included, but not that of the kernel's own threads, which write back"
                + " what mmap and filechannel made dirty;@|bold  read|@ and@|bold  written|@ are"
                + " what the kernel counts for the process (/proc/PID/io): written is what the"
                + " device was sent for Quire, what was made dirty for the others;@|bold  sync|@ is"
                + " how long it took to make everything durable in the end, which no other column"
                + " has;@|bold  pages|@ is the memory they took in the end, tables included. Nobody"
                + " guards pages of mmap and filechannel against concurrent writers, as an engine"
                + " would have to.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:compared, or skipped with a reason",
            "1:one of them failed; what came of the others is told all the same",
            "2:the options, the folder or the disk cannot be worked with; one line says why",
            "3:a fault of Quire itself"
        })
final class CompareCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Option(
            names = "--memory",
            paramLabel = "<size>",
            description = "what pages may take, at most three quarters of the machine's" + DEFAULT,
            defaultValue = "128m",
            converter = ByteSizeConverter.class)
    private long memoryBytes;

    @Option(
            names = "--file-bytes",
            paramLabel = "<size>",
            description = "size of the file, whole pages (default: ten times --memory)",
            converter = ByteSizeConverter.class)
    private @Nullable Long fileBytes;

    @Option(
            names = "--page-bytes",
            paramLabel = "<size>",
            description = "size of a page, a power of two from 4k to 64k" + DEFAULT,
            defaultValue = "8k",
            converter = ByteSizeConverter.class)
    private long pageBytes;

    @Option(
            names = "--subjects",
            paramLabel = "<name>",
            split = ",",
            description = "who has a turn: ${COMPLETION-CANDIDATES}" + DEFAULT,
            defaultValue = "quire,mmap,mmap-random,filechannel")
    private List<Subject> subjects = List.of();

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            description = "threads that work" + DEFAULT,
            defaultValue = "4")
    private int threads;

    @Option(
            names = "--writes",
            paramLabel = "<percent>",
            description = "requests that overwrite a page, hot ones more often" + DEFAULT,
            defaultValue = "5")
    private int writePercent;

    @Option(
            names = "--scans",
            paramLabel = "<percent>",
            description = "requests that read 64 pages in a row" + DEFAULT,
            defaultValue = "1")
    private int scanPercent;

    @Option(
            names = "--uniform",
            paramLabel = "<percent>",
            description =
                    "requests that read any page; the rest reads hot ones more often" + DEFAULT,
            defaultValue = "30")
    private int uniformPercent;

    @Option(
            names = "--warm-seconds",
            paramLabel = "<n>",
            description = "work before anything counts, for each" + DEFAULT,
            defaultValue = "15")
    private double warmSeconds;

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            description = "work that counts, for each" + DEFAULT,
            defaultValue = "45")
    private double seconds;

    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private ReportOption report = new ReportOption();
    @Mixin private OutputOptions output = new OutputOptions();

    CompareCommand() {}

    @Override
    public Integer call() throws IOException {
        return new CompareJob(options(), output.console()).run() ? Quire.OK : Quire.MISMATCH;
    }

    private CompareOptions options() {
        return new CompareOptions(
                subjects,
                tempDir.folder(),
                fileBytes,
                memoryBytes,
                Math.clamp(pageBytes, 0, Integer.MAX_VALUE),
                threads,
                writePercent,
                uniformPercent,
                scanPercent,
                warmSeconds,
                seconds,
                seed.orDrawn(),
                report.file(),
                output.json());
    }
}
