package dev.quire.bench;

import dev.quire.bench.console.Console;
import dev.quire.bench.stat.StatJob;
import dev.quire.bench.stat.StatOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;

/** {@code quire stat}: the live view. */
@Command(
        name = "stat",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Tells what the page cache of a running program does, a line an interval, as vmstat"
                    + " does of a system's memory.",
            "",
            "The program is a JVM of yours on this machine whose cache has a name"
                + " (PageCacheConfig.jmxName), as ./quire run has; or it writes its statistics to a"
                + " file (PageCacheConfig.statsFile), which can be read from anywhere.",
            "",
            "Ends when the program closes the cache. A terminal that is too narrow shows the first"
                    + " columns; what is not printed to one, and --json, has all.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:told what there was to tell",
            "2:there is no such process or file, or no page cache in it; one line says why",
            "3:a fault of Quire itself"
        })
final class StatCommand implements Callable<Integer> {
    private static final String DEFAULT = " (default: ${DEFAULT-VALUE})";

    @ArgGroup(exclusive = true, multiplicity = "1")
    private Source source = new Source();

    /** One of them. */
    private static final class Source {
        @Parameters(
                paramLabel = "<pid>",
                arity = "0..1",
                description = "the process, as jps tells it")
        private @Nullable Long pid;

        @Option(
                names = "--file",
                paramLabel = "<path>",
                description = "the file that a page cache writes its statistics to")
        private @Nullable Path file;

        private Source() {}
    }

    @Option(
            names = "--cache",
            paramLabel = "<name>",
            description = "which page cache, for a process that has several")
    private @Nullable String cache;

    @Option(
            names = "--interval",
            paramLabel = "<time>",
            description = "from line to line, such as 500ms, 2s or 1m" + DEFAULT,
            defaultValue = "1s",
            converter = DurationConverter.class)
    private Duration interval = Duration.ofSeconds(1);

    @Option(
            names = "--count",
            paramLabel = "<n>",
            description = "how many lines (default: until it is stopped)")
    private long count = Long.MAX_VALUE;

    @Option(names = "--json", description = "a JSON object a line, rates not rounded")
    private boolean json;

    private CommandSpec spec = CommandSpec.create();

    StatCommand() {}

    @Spec
    void spec(CommandSpec spec) {
        this.spec = spec;
        String[] legend = StatJob.legend();
        Arrays.setAll(legend, i -> legend[i].replace("%", "%%")); // it is a format
        spec.usageMessage().footer(legend);
    }

    @Override
    public Integer call() throws IOException {
        StatOptions options =
                new StatOptions(source.pid, cache, source.file, interval, count, json);
        Console console =
                new Console(
                        spec.commandLine().getOut(),
                        spec.commandLine().getErr(),
                        Integer.getInteger(Quire.COLUMNS_PROPERTY, 0));
        new StatJob(options, console).run();
        return Quire.OK;
    }
}
