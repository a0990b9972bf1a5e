package dev.quire.bench;

import dev.quire.bench.console.InputException;
import dev.quire.bench.suite.Group;
import dev.quire.bench.suite.Pace;
import dev.quire.bench.suite.SuiteJob;
import dev.quire.bench.suite.SuiteOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code quire bench}: Quire beside what one would use instead. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        sortOptions = false,
        description = {
            "Measures Quire and its peers in the same run: allocators, page caches, ways to read a"
                    + " file, replacement policies.",
            "",
            "Each subject of each case has JVMs of its own, with the flags it needs, which are"
                    + " printed. File I/O is measured as quire io --compare does, in turns on one"
                    + " file; hit ratios are those of quire replay --compare.",
            "",
            "A table shows every figure, half of its 99.9 %% confidence interval, and how many"
                + " times Quire's it is. Figures of one run compare; those of two runs need not, as"
                + " the clock of a machine changes.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:measured",
            "2:an option or a file cannot be worked with; one line says which and why",
            "3:a fault of Quire itself"
        })
final class BenchCommand implements Callable<Integer> {
    private static final List<String> MEASURING =
            List.of("--subject", "--trace", "--forks", "--iterations", "--seconds", "--temp-dir");

    @Spec private CommandSpec spec = CommandSpec.create();

    /** How much is measured; one of them. */
    private static final class Extent {
        @Option(
                names = "--quick",
                description = "the main cases, about three minutes on two cores (the default)")
        @SuppressWarnings("UnusedVariable") // what is done when nothing is said
        private boolean quick;

        @Option(
                names = "--full",
                description = "all cases, three JVMs for each subject: an hour or more")
        private boolean full;

        @Option(
                names = "--from",
                paramLabel = "<file>",
                description =
                        "measure nothing: tell again what --results recorded, or the groups of it"
                                + " that --only names")
        private @Nullable Path from;
    }

    @ArgGroup private Extent extent = new Extent();

    @Option(
            names = "--only",
            paramLabel = "<group>",
            split = ",",
            description =
                    "what is measured, or told again: ${COMPLETION-CANDIDATES} (default: all)")
    private List<Group> only = List.copyOf(EnumSet.allOf(Group.class));

    @Option(
            names = "--subject",
            paramLabel = "<name>",
            split = ",",
            description = "who is measured, such as quire,caffeine (default: all)")
    private List<String> subjects = List.of();

    @Option(
            names = "--trace",
            paramLabel = "<file>",
            split = ",",
            description =
                    "traces for the hit ratios, as quire replay reads them (default: made up, the"
                            + " same every time)")
    private List<Path> traces = List.of();

    @Option(
            names = "--forks",
            paramLabel = "<n>",
            description = "JVMs for each subject of a case (default: 1, with --full 3)")
    private @Nullable Integer forks;

    @Option(
            names = "--iterations",
            paramLabel = "<n>",
            description = "measured iterations of a JVM (default: 5)")
    private @Nullable Integer iterations;

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            description = "length of an iteration (default: 0.2, with --full 1)")
    private @Nullable Double seconds;

    @Option(
            names = "--svg",
            paramLabel = "<folder>",
            description = "write the pictures of the report, a file each")
    private @Nullable Path svg;

    @Option(
            names = "--markdown",
            paramLabel = "<file>",
            description = "write the tables as Markdown")
    private @Nullable Path markdown;

    @Option(
            names = "--results",
            paramLabel = "<file>",
            description =
                    "write what --json prints, for --from; also after each group, so that a run"
                            + " that ends early leaves what it had")
    private @Nullable Path results;

    @Mixin private ReportOption report = new ReportOption();
    @Mixin private TempDirOption tempDir = new TempDirOption();
    @Mixin private OutputOptions output = new OutputOptions();

    BenchCommand() {}

    @Override
    public Integer call() {
        requireFitting();
        new SuiteJob(options(), output.console()).run();
        return Quire.OK;
    }

    /** Who tells again what was measured must not think that it was measured otherwise. */
    private void requireFitting() {
        ParseResult typed = spec.commandLine().getParseResult();
        if (extent.from != null) {
            for (String option : MEASURING) {
                OptionSpec given = typed.matchedOption(option);
                if (given != null) {
                    throw new InputException(
                            option
                                    + " cannot go with --from, which measures nothing: "
                                    + option
                                    + "="
                                    + String.join(",", given.originalStringValues()));
                }
            }
        }
    }

    private SuiteOptions options() {
        return new SuiteOptions(
                pace(),
                only.isEmpty() ? Set.of() : EnumSet.copyOf(only),
                Set.copyOf(subjects),
                traces,
                tempDir.folder(),
                extent.from,
                new SuiteOptions.Outputs(report.file(), svg, markdown, results),
                output.json(),
                TypedCommand.of(spec));
    }

    private Pace pace() {
        Pace usual = extent.quick || !extent.full ? Pace.QUICK : Pace.FULL;
        return new Pace(
                usual.full(),
                forks == null ? usual.forks() : forks,
                usual.warmUps(),
                iterations == null ? usual.iterations() : iterations,
                seconds == null ? usual.seconds() : seconds);
    }
}
