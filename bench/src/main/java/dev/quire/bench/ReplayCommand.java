package dev.quire.bench;

import dev.quire.bench.replay.CachePolicy;
import dev.quire.bench.replay.FrameCount;
import dev.quire.bench.replay.ReplayJob;
import dev.quire.bench.replay.ReplayOptions;
import dev.quire.bench.trace.TraceFormat;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** {@code quire replay}: hit ratios of the page cache on traces. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Replays traces of page accesses through the page cache, and says how many of them find"
                    + " their page there.",
            "",
            "The cache is the real one; the store behind it answers at once. A hit is an access"
                + " that caused no fault. Threads interleave a trace: each takes the next access as"
                + " soon as it is done with its last. One thread gives the same hits every time, or"
                + " nearly so in a cache of 4096 frames or more.",
            "",
            "A trace, packed by gzip or not, is one of@|bold  pages|@: little-endian 32-bit page"
                + " numbers;@|bold  text|@: a page number a line;@|bold  arc|@: lines of 'start"
                + " count ignored request', an access to each block;@|bold  spc|@: lines of"
                + " 'ASU,LBA,bytes,opcode,timestamp', an access to each block of 512 bytes, read or"
                + " written. In text, # begins a comment. Without --format a trace whose first 4096"
                + " bytes have a zero among them is pages; otherwise the first line that is neither"
                + " empty nor a comment tells: a number alone is text, four numbers are arc, five"
                + " fields or more with commas between them spc.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:replayed",
            "2:an option or a trace cannot be worked with; one line says which and why",
            "3:a fault of Quire itself"
        })
final class ReplayCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "traces")
    private List<Path> files = List.of();

    @Option(
            names = "--format",
            paramLabel = "<name>",
            description = "what the traces are: ${COMPLETION-CANDIDATES}" + DEFAULT,
            defaultValue = "auto")
    private TraceFormat format = TraceFormat.AUTO;

    @Option(
            names = "--frames",
            paramLabel = "<n>",
            split = ",",
            description =
                    "sizes of the cache in pages, its free reserve included, at least 64; or"
                            + " percentages of the different pages of a trace, then 64 if it is"
                            + " less"
                            + DEFAULT,
            defaultValue = "0.5%,1%,5%,10%,25%")
    private List<String> frames = List.of();

    @Option(
            names = "--policy",
            paramLabel = "<name>",
            split = ",",
            description = "what the cache replaces by: ${COMPLETION-CANDIDATES}" + DEFAULT,
            defaultValue = "rtq")
    private List<CachePolicy> policies = List.of();

    @Option(
            names = "--threads",
            paramLabel = "<n>",
            description = "threads that replay a trace together" + DEFAULT,
            defaultValue = "1")
    private int threads;

    @Option(
            names = "--compare",
            description =
                    "also simulate other policies, one thread each: LRU as the books have it,"
                            + " clock, ARC, S3-FIFO, Belady's optimum; and Caffeine itself")
    private boolean compare;

    @Mixin private ReportOption report = new ReportOption();
    @Mixin private OutputOptions output = new OutputOptions();

    ReplayCommand() {}

    @Override
    public Integer call() throws IOException {
        new ReplayJob(options(), output.console()).run();
        return Quire.OK;
    }

    private ReplayOptions options() {
        return new ReplayOptions(
                files,
                format,
                frames.stream().map(FrameCount::parse).toList(),
                policies,
                threads,
                compare,
                report.file(),
                output.json());
    }
}
