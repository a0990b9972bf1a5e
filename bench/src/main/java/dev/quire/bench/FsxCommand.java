package dev.quire.bench;

import dev.quire.bench.console.InputException;
import dev.quire.bench.fsx.FsxJob;
import dev.quire.bench.fsx.FsxOptions;
import dev.quire.bench.fsx.Target;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code quire fsx}: the exerciser of files. */
@Command(
        name = "fsx",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Does random things to files in the page cache, and compares every byte with a copy in"
                    + " memory.",
            "",
            "Reads and writes at any place and of any length, appends, cuts, holes, syncs, direct"
                + " reads and writes, snapshots, dropped and prefetched pages, closed and reopened"
                + " files, a cache whose memory changes. Each thread has a file of its own, all are"
                + " in one small cache. After each operation the size is compared, what is read is"
                + " compared byte by byte, and so is what is stored once a file is closed, as"
                + " others find it: nothing may lie behind its end, and bytes that growth uncovers"
                + " are zero.",
            "",
            "Operations depend on the seed alone: the same options do the same again, in each"
                    + " file; the threads' order in time is not repeated. At the first difference a"
                    + " thread stops, says what it did before, and leaves its file.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was as it must be",
            "1:a file was not what its copy is",
            "2:an option or the disk cannot be worked with; one line says which and why",
            "3:a fault of Quire itself"
        })
final class FsxCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Option(
            names = "--target",
            paramLabel = "<name>",
            description =
                    "what takes the operations: ${COMPLETION-CANDIDATES}; plain is a file of the"
                            + " JDK, without Quire"
                            + DEFAULT,
            defaultValue = "quire")
    private Target target = Target.QUIRE;

    @Option(
            names = "--ops",
            paramLabel = "<n>",
            description = "operations, all threads together" + DEFAULT,
            defaultValue = "100000")
    private long ops;

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            description = "threads, each with a file" + DEFAULT,
            defaultValue = "1")
    private int threads;

    @Option(
            names = "--from",
            paramLabel = "<n>",
            description =
                    "begin at each thread's operation n: those before it are done on the copy"
                            + " only, which is then written to the file; with --seed"
                            + DEFAULT,
            defaultValue = "0")
    private long from;

    @Option(
            names = "--file-bytes",
            paramLabel = "<size>",
            description = "how long a file may become, 64k to 256m" + DEFAULT,
            defaultValue = "1m",
            converter = ByteSizeConverter.class)
    private long fileBytes;

    @Option(
            names = "--memory",
            paramLabel = "<size>",
            description = "memory of the page cache, at least 128 pages" + DEFAULT,
            defaultValue = "512k",
            converter = ByteSizeConverter.class)
    private long memoryBytes;

    @Option(
            names = "--page-bytes",
            paramLabel = "<size>",
            description = "size of a page, a power of two from 4k to 64k" + DEFAULT,
            defaultValue = "4k",
            converter = ByteSizeConverter.class)
    private long pageBytes;

    @Option(
            names = "--log",
            paramLabel = "<file>",
            description = "write every operation there before it is done")
    private @Nullable Path log;

    @Option(names = "--keep", description = "leave the files, also when nothing was wrong")
    private boolean keep;

    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private IoModeOptions io = new IoModeOptions();
    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private OutputOptions output = new OutputOptions();

    FsxCommand() {}

    @Override
    public Integer call() throws IOException {
        return new FsxJob(options(), output.console()).run() ? Quire.OK : Quire.MISMATCH;
    }

    private FsxOptions options() {
        if (from > 0 && !seed.isGiven()) {
            throw new InputException("--from needs --seed: --from=" + from);
        }
        return new FsxOptions(
                target,
                ops,
                seed.orDrawn(),
                threads,
                from,
                fileBytes,
                memoryBytes,
                Math.clamp(pageBytes, 0, Integer.MAX_VALUE),
                io.mode(),
                tempDir.folder(),
                log,
                keep,
                output.json());
    }
}
