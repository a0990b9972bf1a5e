package dev.quire.bench;

import dev.quire.aio.Engine;
import dev.quire.aio.WriteDurability;
import dev.quire.bench.io.IoJob;
import dev.quire.bench.io.IoPattern;
import dev.quire.bench.io.IoSettings;
import dev.quire.bench.io.IoShape;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code quire io}: what the engines do without a page cache. */
@Command(
        name = "io",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Keeps a number of reads or writes under way on a file, and measures how many there are"
                    + " a second, how long each takes, and how much processor time.",
            "",
            "The loop is closed: the completion of a request makes the next one. It runs for half"
                    + " of --seconds, at most two, before it is measured.",
            "",
            "With --compare each engine has its turn, and so have fio, if it is installed, with"
                + " io_uring and with psync, and what the JDK has: an AsynchronousFileChannel, a"
                + " thread for every request under way on a FileChannel, and one thread. The"
                + " processor time is that of the whole process in the measured window, threads"
                + " that the kernel starts in it included.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:measured",
            "2:the options, the file or the disk cannot be worked with; one line says why",
            "3:a fault of Quire itself"
        })
final class IoCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Option(
            names = "--file",
            paramLabel = "<path>",
            description =
                    "an existing file or block device; or, with --size, one to be made, which stays"
                            + " (default: a temporary file, removed after)")
    private @Nullable Path file;

    @Option(
            names = "--size",
            paramLabel = "<size>",
            description =
                    "size of a file that is made, which is filled with random bytes (default: 1g);"
                            + " of an existing one, how much is used (default: all of it)",
            converter = ByteSizeConverter.class)
    private @Nullable Long sizeBytes;

    @Option(
            names = "--overwrite",
            description = "let a pattern that writes destroy what an existing --file holds")
    private boolean overwrite;

    @Option(
            names = "--pattern",
            paramLabel = "<name>",
            description = "which requests are made: ${COMPLETION-CANDIDATES}" + DEFAULT,
            defaultValue = "randread")
    private IoPattern pattern = IoPattern.RANDREAD;

    @Option(
            names = "--block-bytes",
            paramLabel = "<size>",
            description = "size of a request, a power of two from 512 to 4m" + DEFAULT,
            defaultValue = "4k",
            converter = ByteSizeConverter.class)
    private long blockBytes;

    @Option(
            names = "--depth",
            paramLabel = "<n>",
            description = "requests of a job under way at once" + DEFAULT,
            defaultValue = "32")
    private int depth;

    @Option(
            names = "--jobs",
            paramLabel = "<n>",
            description = "loops beside each other; each reads or writes the whole file" + DEFAULT,
            defaultValue = "1")
    private int jobs;

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            description = "how long is measured, fractions allowed" + DEFAULT,
            defaultValue = "5")
    private double seconds;

    @Option(
            names = "--engine",
            paramLabel = "<name>",
            description =
                    "what does the I/O: ${COMPLETION-CANDIDATES}"
                            + DEFAULT
                            + "; auto with --compare: each",
            completionCandidates = EngineConverter.Candidates.class,
            defaultValue = "auto",
            converter = EngineConverter.class)
    private Engine engine = Engine.AUTO;

    @Option(
            names = "--fixed",
            description =
                    "register the memory with the rings beforehand; with --compare also without")
    private boolean fixed;

    @Option(
            names = "--rings",
            paramLabel = "<n>",
            description = "rings of an engine that has any" + DEFAULT,
            defaultValue = "1")
    private int rings;

    @Option(
            names = "--buffered",
            description = "through the operating system's page cache (default: past it)")
    private boolean buffered;

    @Option(
            names = "--durability",
            paramLabel = "<name>",
            description =
                    "what each write promises when it is over: ${COMPLETION-CANDIDATES}" + DEFAULT,
            completionCandidates = DurabilityConverter.Candidates.class,
            defaultValue = "none",
            converter = DurabilityConverter.class)
    private WriteDurability durability = WriteDurability.NONE;

    @Option(names = "--compare", description = "measure engines and peers in turns")
    private boolean compare;

    @Option(
            names = "--rounds",
            paramLabel = "<n>",
            description = "turns of each with --compare" + DEFAULT,
            defaultValue = "3")
    private int rounds;

    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private OutputOptions output = new OutputOptions();

    IoCommand() {}

    @Override
    public Integer call() throws IOException {
        return new IoJob(settings(), output.console()).run() ? Quire.OK : Quire.BAD_INPUT;
    }

    private IoSettings settings() {
        IoShape shape =
                new IoShape(
                        pattern,
                        // What does not fit an int is refused with the other bad sizes.
                        Math.clamp(blockBytes, 0, Integer.MAX_VALUE),
                        depth,
                        jobs,
                        !buffered,
                        durability,
                        seconds);
        return new IoSettings(
                shape,
                file,
                sizeBytes,
                tempDir.folder(),
                overwrite,
                engine,
                fixed,
                rings,
                compare,
                rounds,
                output.json());
    }
}
