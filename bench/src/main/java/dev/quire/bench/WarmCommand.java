package dev.quire.bench;

import dev.quire.aio.Engine;
import dev.quire.bench.console.Console;
import dev.quire.bench.console.JsonObject;
import dev.quire.bench.warm.WarmBench;
import dev.quire.bench.warm.WarmOptions;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.concurrent.Callable;

/** {@code quire warm}: measures warm restarts. */
@Command(
        name = "warm",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Makes a file, dumps all its pages as hot, and then, in turns, reads the file with the"
                    + " I/O engine alone, 2 MiB a read and 8 of them at a time, and has a new page"
                    + " cache bring the dumped pages in. Both direct.",
            ""
        })
final class WarmCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @Option(
            names = "--file-bytes",
            paramLabel = "<size>",
            description = "its size" + DEFAULT,
            defaultValue = "1g",
            converter = ByteSizeConverter.class)
    private long fileBytes;

    @Option(
            names = "--page-bytes",
            paramLabel = "<size>",
            description = "size of a page, a power of two from 4k to 64k" + DEFAULT,
            defaultValue = "8k",
            converter = ByteSizeConverter.class)
    private long pageBytes;

    @Option(
            names = "--rounds",
            paramLabel = "<n>",
            description = "rounds" + DEFAULT,
            defaultValue = "5")
    private int rounds;

    @Option(
            names = "--engine",
            paramLabel = "<name>",
            description = "what does the I/O: ${COMPLETION-CANDIDATES}" + DEFAULT,
            completionCandidates = EngineConverter.Candidates.class,
            defaultValue = "auto",
            converter = EngineConverter.class)
    private Engine engine = Engine.AUTO;

    @Option(names = "--prefault", description = "the cache's memory is there before")
    private boolean prefault;

    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private OutputOptions output = new OutputOptions();

    WarmCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Console console = output.console();
        WarmOptions options =
                new WarmOptions(
                        tempDir.folder(),
                        fileBytes,
                        Math.clamp(pageBytes, 0, Integer.MAX_VALUE),
                        rounds,
                        engine,
                        prefault);
        JsonObject result = new WarmBench(options, console).run();
        if (output.json()) {
            console.result(result.toString());
        }
        return Quire.OK;
    }
}
