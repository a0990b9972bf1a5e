package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.quire.bench.stat.StatTarget;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The live view of page caches in JVMs of their own. */
@Timeout(60)
final class StatCommandTest {
    private static final String BUSY = "--cache=busy";

    @TempDir private static Path folder;
    private static Process target;

    @BeforeAll
    static void startTarget() throws IOException {
        target = startJvm(folder.toString());
    }

    @AfterAll
    static void endTarget() {
        target.destroyForcibly();
    }

    private static Process startJvm(String... args) throws IOException {
        Process process = start(StatTarget.class, args);
        assertThat(process.inputReader().readLine()).startsWith(StatTarget.READY);
        return process;
    }

    private static Process start(Class<?> main, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(args));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static CommandRun stat(Process of, String... options) {
        List<String> args = new ArrayList<>(List.of("stat", Long.toString(of.pid())));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static List<String> words(String line) {
        return List.of(line.strip().split(" +", -1));
    }

    // ---- what it tells

    @Test
    void shouldPrintALineAnIntervalAndTheHeaderEachTwenty() {
        CommandRun run = stat(target, BUSY, "--interval=20ms", "--count=21");
        assertThat(run.exitCode()).as(run.err()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(23);
        assertThat(lines.get(0)).startsWith("   ops  hit%").endsWith("   o10");
        assertThat(lines.get(21)).isEqualTo(lines.get(0));
        assertThat(lines).allMatch(line -> line.length() == lines.get(0).length());
        assertThat(words(lines.get(1))).hasSameSizeAs(words(lines.get(0)));
        assertThat(words(lines.get(1)).get(0)).as("pages looked up").isNotEqualTo("0");
    }

    @Test
    void shouldPrintAnObjectALineForPrograms() {
        CommandRun run = stat(target, BUSY, "--interval=100ms", "--count=3", "--json");
        assertThat(run.out().lines()).hasSize(3);
        for (String line : run.out().lines().toList()) {
            JsonObject json = JsonParser.parseString(line).getAsJsonObject();
            assertThat(json.get("seconds").getAsDouble()).isPositive();
            assertThat(json.get("accesses").getAsDouble()).isPositive();
            // A loop over four times as many pages as there are frames.
            assertThat(json.get("faults").getAsDouble()).isPositive();
            assertThat(json.get("stolen").getAsDouble()).isPositive();
            assertThat(json.get("errors").getAsLong()).isZero();
            assertThat(json.get("freeByOrder").getAsJsonArray()).hasSize(11);
        }
    }

    @Test
    void shouldReadWhatACacheWritesToAFile() {
        CommandRun run =
                CommandRun.of(
                        "stat",
                        "--file=" + folder.resolve("stats"),
                        "--interval=10ms",
                        "--count=1",
                        "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().get("accesses").getAsDouble()).isPositive();
        assertThat(run.json().get("seconds").getAsDouble()).as("not of one moment").isPositive();
    }

    @Test
    void shouldEndWithTheProgram() throws Exception {
        Process other = startJvm(Files.createDirectory(folder.resolve("other")).toString());
        try {
            CommandLine commandLine = Quire.commandLine();
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            commandLine.setErr(new PrintWriter(err));
            commandLine.setOut(
                    new PrintWriter(out) {
                        @Override
                        public void println(String line) {
                            super.println(line);
                            other.destroyForcibly(); // it was seen at work
                        }
                    });
            int exitCode =
                    Quire.execute(
                            commandLine,
                            "stat",
                            Long.toString(other.pid()),
                            BUSY,
                            "--interval=10ms");
            assertThat(exitCode).as(err.toString()).isZero();
            assertThat(out.toString()).isNotEmpty();
            assertThat(err)
                    .hasToString("quire: the process has ended: pid=%d%n".formatted(other.pid()));
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void shouldEndWithTheReaderOfItsPipe() throws Exception {
        Process stat = start(Quire.class, "stat", "" + target.pid(), BUSY, "--interval=10ms");
        try {
            assertThat(stat.inputReader().readLine()).startsWith("   ops");
            stat.inputReader().close(); // as head does
            assertThat(stat.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(stat.exitValue()).isZero();
        } finally {
            stat.destroyForcibly();
        }
    }

    // ---- what it refuses

    @Test
    void shouldAskWhichOfSeveralCaches() {
        assertThat(stat(target).refusal())
                .endsWith("there are several page caches, say which by --cache: [busy, idle one]");
        assertThat(stat(target, "--cache=none").refusal())
                .endsWith("--cache must be one of [busy, idle one]: --cache=none");
    }

    @Test
    void shouldRefuseAProcessThatIsNotThere() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        assertThat(stat(gone).refusal()).endsWith("no such process: pid=" + gone.pid());
    }

    @Test
    void shouldRefuseAProcessThatIsNoJvmAndLeaveItAlone() throws Exception {
        Process sleeping = new ProcessBuilder("sleep", "60").start();
        try {
            assertThat(stat(sleeping).refusal())
                    .contains("not a JVM")
                    .endsWith("pid=" + sleeping.pid());
            assertThat(sleeping.isAlive()).isTrue();
        } finally {
            sleeping.destroyForcibly();
        }
    }

    @Test
    void shouldRefuseAJvmWithoutAPageCache() throws Exception {
        Process plain = startJvm();
        try {
            assertThat(stat(plain).refusal())
                    .contains("no page cache of Quire is registered", "PageCacheConfig.jmxName")
                    .endsWith("pid=" + plain.pid());
        } finally {
            plain.destroyForcibly();
        }
    }

    @Test
    void shouldRefuseItself() {
        long pid = ProcessHandle.current().pid();
        assertThat(CommandRun.of("stat", Long.toString(pid)).refusal())
                .endsWith("the process is this one: pid=" + pid);
    }

    private static String refusalOf(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return CommandRun.of("stat", "--file=" + file).refusal();
    }

    @Test
    void shouldRefuseAFileThatHoldsSomethingElse() throws Exception {
        assertThat(refusalOf("empty", "")).contains("no statistics of a page cache", "empty");
        assertThat(refusalOf("prose", "prose\n")).contains("no statistics of a page cache");
        assertThat(refusalOf("cut", "quire-statistics 1\nbroken\n")).contains("line='broken'");
        assertThat(refusalOf("old", "quire-statistics 1\npid 1\n")).contains("name=writtenNanos");
        Path missing = folder.resolve("missing");
        assertThat(CommandRun.of("stat", "--file=" + missing).refusal())
                .endsWith("does not exist: " + missing);
    }

    @Test
    void shouldRefuseAFileWhoseProgramIsGone() throws Exception {
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        String text = "quire-statistics 1\npid %d\nwrittenMillis %d\nwrittenNanos 1\n";
        long then = System.currentTimeMillis() - 61_000;
        assertThat(refusalOf("stale", text.formatted(gone.pid(), then)))
                .contains("written 61 s ago", "no process of its number", "pid=" + gone.pid());
        assertThat(refusalOf("hung", text.formatted(target.pid(), then)))
                .contains("written 61 s ago", "though there is a process of its number");
    }

    @Test
    void shouldRefuseOptionsThatMakeNoSense() {
        String pid = Long.toString(target.pid());
        assertThat(CommandRun.of("stat").refusal()).contains("<pid>", "--file");
        assertThat(CommandRun.of("stat", pid, "--file=x").refusal()).contains("--file");
        assertThat(CommandRun.of("stat", "java").refusal()).contains("java");
        assertThat(stat(target, "--count=0").refusal())
                .endsWith("--count must be at least 1: --count=0");
        assertThat(stat(target, "--interval=1ms").refusal())
                .endsWith("--interval must be from 10ms to 60m: --interval=1ms");
        assertThat(stat(target, "--interval=soon").refusal()).contains("a time is", "soon");
        assertThat(CommandRun.of("stat", "--file=x", "--cache=busy").refusal())
                .contains("--cache names a cache of a PID");
    }

    @Test
    void shouldExplainEveryColumn() {
        CommandRun help = CommandRun.of("stat", "--help");
        List<String> header =
                words(
                        stat(target, BUSY, "--interval=10ms", "--count=1")
                                .out()
                                .lines()
                                .findFirst()
                                .orElseThrow());
        List<String> explained =
                help.out()
                        .lines()
                        .filter(line -> line.startsWith("  "))
                        .map(StatCommandTest::first)
                        .toList();
        assertThat(explained)
                .containsAll(header.subList(0, header.indexOf("o0")))
                .contains("o0..o10");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 80);
    }

    private static String first(String line) {
        return words(line).getFirst();
    }
}
