package dev.quire.mutation;

import dev.quire.mutation.Outcome.Kind;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Tries mutations: the changed class is compiled into a folder of its own, which goes first on the
 * class path of a JVM that runs the test. Each test also runs once as things are, and has to pass;
 * and what failed with a mutation has to pass once more without it, alone and with the same seed,
 * since a test that fails now and then notices nothing. Any thread.
 */
final class Mutants {
    private static final long LIMIT_SECONDS_MIN = 60;
    private static final long CONTROL_SECONDS_MAX = 600;

    /** By which tests take the seed to begin with. */
    private static final List<String> SEEDS = List.of("-Dseed=", "-Dsimulation.seed=");

    /** How much longer than without a mutation a test may take. */
    private static final int LIMIT_FACTOR = 5;

    private final Project project;
    private final Path folder;
    private final int runsMax;
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final Map<Path, CompletableFuture<Run>> controls = new ConcurrentHashMap<>();
    private final AtomicInteger folders = new AtomicInteger();

    /** What a process came to. */
    private record Run(Kind kind, String detail, double seconds, RunLog log) {}

    /**
     * Nothing tried yet.
     *
     * @param folder for classes and logs
     * @param runsMax how often a test may run until a mutation has survived it
     */
    Mutants(Project project, Path folder, int runsMax) {
        this.project = project;
        this.folder = folder;
        this.runsMax = runsMax;
    }

    /** Tries one. */
    Outcome tryOut(Mutation mutation) throws IOException {
        Path file = project.root().resolve(mutation.file());
        String source = Files.readString(file);
        int places = mutation.places(source);
        if (places != 1) {
            return new Outcome(Kind.DOES_NOT_APPLY, "found " + places + " times", 0, 0);
        }
        Path work = folder.resolve("mutant-" + folders.incrementAndGet());
        String refusal = compile(mutation, file, mutation.appliedTo(source), work);
        if (!refusal.isEmpty()) {
            return new Outcome(Kind.DOES_NOT_COMPILE, refusal, 0, 0);
        }
        Path test = project.test(mutation).orElseThrow();
        Run control = control(test);
        if (control.kind != Kind.SURVIVED) {
            Kind kind = control.kind == Kind.SKIPPED ? Kind.SKIPPED : Kind.RED_WITHOUT_IT;
            return new Outcome(kind, control.detail, 0, 0);
        }
        long limit = limit(control);
        String classPath =
                work.resolve("classes")
                        + System.getProperty("path.separator")
                        + project.classPath();
        double seconds = 0;
        for (int run = 1; ; run++) {
            Path log = work.resolve("log-" + run + ".txt");
            Path again = work.resolve("control-" + run + ".txt");
            Run with = run(test, classPath, log, limit);
            seconds += with.seconds;
            if (with.kind == Kind.HUNG) {
                long now = limit(run(test, project.classPath(), again, CONTROL_SECONDS_MAX));
                if (now > limit) {
                    limit = now; // it is the machine that has become slow
                    continue;
                }
            }
            if (with.kind == Kind.KILLED || with.kind == Kind.CRASHED) {
                Run without = runAgain(test, with.log, again);
                if (without.kind != Kind.SURVIVED) {
                    String detail = with.detail + "; without it, too: " + without.detail;
                    return new Outcome(Kind.RED_WITHOUT_IT, detail, run, seconds);
                }
            }
            if (with.kind != Kind.SURVIVED || run == runsMax) {
                return new Outcome(with.kind, with.detail, run, seconds);
            }
        }
    }

    /** Runs what failed without the mutation; all of the class if the JVM went down. */
    private Run runAgain(Path test, RunLog failure, Path log) throws IOException {
        List<String> options =
                SEEDS.stream()
                        .filter(_ -> !failure.seed().isEmpty())
                        .map(option -> option + failure.seed())
                        .toList();
        List<String> only = failure.failedId().isEmpty() ? List.of() : List.of(failure.failedId());
        return run(test, project.classPath(), log, CONTROL_SECONDS_MAX, options, only);
    }

    private static long limit(Run control) {
        return Math.max(LIMIT_SECONDS_MIN, (long) (LIMIT_FACTOR * control.seconds));
    }

    /** Answers what the compiler says against it; nothing when there are classes. */
    private String compile(Mutation mutation, Path file, String mutant, Path work)
            throws IOException {
        Path sources = Files.createDirectories(work.resolve("source"));
        Path classes = Files.createDirectories(work.resolve("classes"));
        Path changed = sources.resolve(file.getFileName());
        Files.writeString(changed, mutant);
        List<Path> all =
                project.affected(mutation).stream()
                        .map(source -> source.equals(file) ? changed : source)
                        .toList();
        StringWriter says = new StringWriter();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean compiled =
                    compiler.getTask(
                                    says,
                                    files,
                                    null,
                                    List.of(
                                            "-proc:none",
                                            "-nowarn",
                                            "-implicit:none",
                                            "-d",
                                            classes.toString(),
                                            "-cp",
                                            project.classPath()),
                                    null,
                                    files.getJavaFileObjectsFromPaths(all))
                            .call();
            return compiled ? "" : says.toString().strip().lines().findFirst().orElse("refused");
        }
    }

    private Run control(Path test) throws IOException {
        CompletableFuture<Run> mine = new CompletableFuture<>();
        CompletableFuture<Run> other = controls.putIfAbsent(test, mine);
        if (other != null) {
            return other.join();
        }
        try {
            Path log =
                    Files.createDirectories(folder)
                            .resolve("control-" + project.className(test) + ".txt");
            mine.complete(run(test, project.classPath(), log, CONTROL_SECONDS_MAX));
        } catch (IOException | RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        }
        return mine.join();
    }

    private Run run(Path test, String classPath, Path log, long limitSeconds) throws IOException {
        return run(test, classPath, log, limitSeconds, List.of(), List.of());
    }

    /**
     * Runs a test class in a JVM.
     *
     * @param options of the JVM
     * @param only JUnit's name of one of its tests; empty for all of them
     */
    private Run run(
            Path test,
            String classPath,
            Path log,
            long limitSeconds,
            List<String> options,
            List<String> only)
            throws IOException {
        Path temporary = Files.createTempDirectory(log.getParent(), "tmp-"); // stays behind a halt
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED", // simulation
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+EnableDynamicAgentLoading",
                        "-Xshare:auto",
                        "-XX:+UseSerialGC",
                        "-ea",
                        "-Djava.io.tmpdir=" + temporary,
                        "-Djava.util.logging.config.file="
                                + project.root().resolve(".ci/test-logging.properties")));
        command.addAll(options);
        command.addAll(
                List.of("-cp", classPath, MutantProcess.class.getName(), project.className(test)));
        command.addAll(only);
        long start = System.nanoTime();
        Process process =
                new ProcessBuilder(command)
                        .directory(project.moduleOf(test).toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        boolean ended;
        try {
            ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            try (Stream<ProcessHandle> children = process.descendants()) {
                children.forEach(ProcessHandle::destroyForcibly); // of tests that start processes
            }
            process.destroyForcibly();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        RunLog told = RunLog.read(log);
        if (!ended) {
            return new Run(Kind.HUNG, "ended after " + limitSeconds + " s", seconds, told);
        }
        return switch (process.exitValue()) {
            case MutantProcess.PASSED -> new Run(Kind.SURVIVED, "", seconds, told);
            case MutantProcess.FAILED -> new Run(Kind.KILLED, told.failed(), seconds, told);
            case MutantProcess.NOTHING_RAN ->
                    new Run(
                            Kind.SKIPPED,
                            told.skipped().isEmpty() ? "no test in it" : told.skipped(),
                            seconds,
                            told);
            default -> new Run(Kind.CRASHED, "exit code " + process.exitValue(), seconds, told);
        };
    }
}
