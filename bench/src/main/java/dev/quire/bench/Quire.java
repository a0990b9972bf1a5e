package dev.quire.bench;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.bench.console.Failures;
import dev.quire.bench.console.InputException;
import dev.quire.pagecache.backing.FileFencedException;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;

/** The {@code quire} command line. */
@Command(
        name = "quire",
        mixinStandardHelpOptions = true,
        versionProvider = Quire.Version.class,
        description = "Drives Quire on real files and measures it.",
        subcommands = {
            RunCommand.class,
            StatCommand.class,
            IoCommand.class,
            BenchCommand.class,
            CompareCommand.class,
            ReplayCommand.class,
            FsxCommand.class,
            SoakCommand.class,
            FragmentationCommand.class,
            WarmCommand.class
        })
public final class Quire implements Callable<Integer> {
    /** The command did what it was asked. */
    public static final int OK = 0;

    /** A page did not hold what it must hold, or not all that was asked for came to its end. */
    public static final int MISMATCH = 1;

    /** The input cannot be worked on, or a file or disk failed: one line says which and why. */
    public static final int BAD_INPUT = 2;

    /** Quire itself failed, and a stack trace says where. */
    public static final int FAULT = 3;

    /** Set by the launcher, which can tell how wide a terminal stderr is; 0 when it is none. */
    static final String COLUMNS_PROPERTY = "quire.columns";

    private static final String LOG_FORMAT_PROPERTY = "java.util.logging.SimpleFormatter.format";

    /** What the libraries log looks like the command's own notes: one line, message and cause. */
    private static final String LOG_FORMAT = "quire: %5$s%n%6$s";

    @Spec private CommandSpec spec = CommandSpec.create();

    Quire() {}

    /**
     * Runs one command and ends the JVM with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        if (System.getProperty(LOG_FORMAT_PROPERTY) == null) {
            System.setProperty(LOG_FORMAT_PROPERTY, LOG_FORMAT);
        }
        System.exit(execute(commandLine(), args));
    }

    /** The command line with its error handling; tests give it writers of their own. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Quire());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpAutoWidth(true);
        commandLine.setParameterExceptionHandler((e, _) -> refuse(e.getCommandLine(), e));
        commandLine.setExecutionExceptionHandler((e, command, _) -> fail(command, e));
        return commandLine;
    }

    /** Runs one command; also an error, which picocli lets through, becomes an exit code. */
    static int execute(CommandLine commandLine, String... args) {
        try {
            return commandLine.execute(args);
        } catch (Error e) {
            return fault(commandLine, e);
        }
    }

    /** Without a command there is nothing to do. */
    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "a command is needed, such as run");
    }

    private static int fail(CommandLine command, Exception e) {
        boolean ofTheOutside =
                switch (e) {
                    case InputException _, IOException _, UncheckedIOException _ -> true;
                    // A disk that is too slow or broken keeps frames, and fences its files.
                    case OutOfFramesException _, FileFencedException _ -> true;
                    default -> false;
                };
        if (ofTheOutside) {
            return refuse(command, e);
        }
        return fault(command, e);
    }

    private static int fault(CommandLine command, Throwable e) {
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": a fault of Quire itself");
        e.printStackTrace(err);
        err.flush();
        return FAULT;
    }

    private static int refuse(CommandLine command, Exception e) {
        String name = command.getCommandSpec().qualifiedName();
        String hint = e instanceof ParameterException ? " (see " + name + " --help)" : "";
        command.getErr().println(name + ": " + Failures.describe(e) + hint);
        command.getErr().flush();
        return BAD_INPUT;
    }

    /** What {@code --version} prints: the build's version and the JVM that runs it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Quire.class.getPackage().getImplementationVersion();
            return new String[] {
                "quire " + (version == null ? "(not built as a jar)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
            };
        }
    }
}
