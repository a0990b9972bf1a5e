package dev.quire.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs jcstress, keeps its noise in a file and prints a summary; fails when jcstress does, when it
 * ran fewer tests than there are, since it is content with having found none, and, except in quick
 * mode, when a twin never showed what it is there to show.
 *
 * <p>A test is a twin unless its name begins with {@code Actual}. A twin that was not caught is run
 * again, a few times: on a busy machine two actors may hardly ever meet.
 */
final class StressRun {
    /** The annotation processor's list: a length, then that many characters of a test's name. */
    private static final Pattern LISTED = Pattern.compile("JCTEST(\\d+)S");

    /** The tests of the final report by outcome; no number means none. */
    private static final Pattern SECTION =
            Pattern.compile(
                    "(?m)^ *(Interesting|Failed|Error|All remaining) tests: (?:(\\d+)|No) match");

    /** A test that the final report shows because its outcome was interesting, or failed. */
    private static final Pattern SHOWN = Pattern.compile("(?m)^\\.+ \\[\\w+] (dev\\.quire\\.\\S+)");

    /** Weaker by the memory model only, see their javadoc: x86 orders more than they ask for. */
    private static final Set<String> UNCAUGHT_ON_X86 =
            Set.of(
                    "dev.quire.stress.LastPutSeesEveryWrite.PlainCas",
                    "dev.quire.stress.OptimisticReadAgainstWrite.WithoutFence");

    /**
     * In quick mode each test runs in one JVM, of the compiler that reorders most, with its choices
     * shuffled; twins that it did not catch, and all in other modes, in one of each compiler. Most
     * of a quick run is starts of JVMs.
     */
    private static final List<String> QUICK =
            List.of(
                    "-jvmArgs",
                    "--enable-native-access=ALL-UNNAMED -XX:-TieredCompilation"
                            + " -XX:+UnlockDiagnosticVMOptions -XX:+StressLCM -XX:+StressGCM"
                            + " -XX:+StressIGVN -XX:+StressCCP");

    private static final int RUNS_MAX = 3;

    /** So many twins a quick run may miss: those whose actors hardly ever meet. */
    private static final int MISSED_MAX = 3;

    private final Path folder;
    private final List<String> arguments;

    private StressRun(Path folder, List<String> arguments) {
        this.folder = folder;
        this.arguments = arguments;
    }

    /**
     * Runs the tests and exits with 1 if one of them failed or did not run, or, if a twin was not
     * caught, or in quick mode more than a few.
     *
     * @param args folder for the log and the results; regular expression of the tests to run; then
     *     jcstress's own arguments
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of(args[0]).toAbsolutePath());
        StressRun stress = new StressRun(folder, List.of(args).subList(2, args.length));
        long startNanos = System.nanoTime();
        Set<String> tests = listed(Pattern.compile(args[1]));
        Set<String> twins =
                tests.stream().filter(StressRun::isToBeCaught).collect(Collectors.toSet());
        Outcome first = stress.run(args[1], "jcstress.log", stress.isQuick() ? QUICK : List.of());
        boolean passed = first.exitCode == 0 && first.failed == 0 && first.ran >= tests.size();
        Set<String> missed = new LinkedHashSet<>(twins);
        missed.removeAll(first.shown);
        for (int run = 2; passed && !missed.isEmpty() && run <= RUNS_MAX; run++) {
            System.out.println("jcstress: once more for the twins " + missed);
            Outcome again = stress.run(selection(missed), "jcstress-" + run + ".log", List.of());
            passed = again.exitCode == 0 && again.failed == 0;
            missed.removeAll(again.shown);
        }
        long seconds = (System.nanoTime() - startNanos) / 1_000_000_000;
        String summary =
                "jcstress: %d of %d tests ran in %d s, %d failed, %d of %d twins caught"
                        .formatted(
                                first.ran,
                                tests.size(),
                                seconds,
                                first.failed,
                                twins.size() - missed.size(),
                                twins.size());
        System.out.println(summary);
        if (!missed.isEmpty() && missed.size() <= MISSED_MAX && stress.isQuick()) {
            System.out.println("jcstress: too short this time to catch the twins " + missed);
            missed.clear();
        }
        boolean good = passed && !tests.isEmpty() && missed.isEmpty();
        Files.writeString(
                folder.resolve("summary.txt"), summary + (good ? "" : ", FAILED " + missed));
        if (!good) {
            System.out.println(
                    "jcstress failed with exit code "
                            + first.exitCode
                            + ", twins not caught "
                            + missed
                            + ", see "
                            + folder);
            System.exit(1);
        }
    }

    /** A short run proves no twin wrong that needs two actors to meet; a longer one has to. */
    private boolean isQuick() {
        return arguments.contains("quick");
    }

    private static boolean isToBeCaught(String test) {
        return !test.substring(test.lastIndexOf('.') + 1).startsWith("Actual")
                && !UNCAUGHT_ON_X86.contains(test);
    }

    private static String selection(Set<String> tests) {
        return tests.stream()
                .map(test -> "^" + test.replace(".", "\\.") + "$")
                .collect(Collectors.joining("|"));
    }

    /** What one run of jcstress came to. */
    private record Outcome(int exitCode, int ran, int failed, Set<String> shown) {}

    private Outcome run(String selection, String logName, List<String> more)
            throws IOException, InterruptedException {
        Path log = folder.resolve(logName);
        int exitCode = start(selection, log, more).waitFor();
        String text = Files.readString(log);
        String report = text.substring(Math.max(0, text.indexOf("RUN RESULTS:")));
        int failed = count(report, "Failed") + count(report, "Error");
        int ran = failed + count(report, "Interesting") + count(report, "All remaining");
        Set<String> shown =
                SHOWN.matcher(report)
                        .results()
                        .map(test -> test.group(1))
                        .collect(Collectors.toSet());
        return new Outcome(exitCode, ran, failed, shown);
    }

    private Process start(String selection, Path log, List<String> more) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("org.openjdk.jcstress.Main");
        command.addAll(List.of("-t", selection, "-r", folder.toString()));
        command.addAll(List.of("-pth", "false")); // touching the heap takes longer than a test
        command.addAll(arguments);
        command.addAll(more);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static int count(String report, String outcome) {
        return SECTION.matcher(report)
                .results()
                .filter(section -> section.group(1).equals(outcome) && section.group(2) != null)
                .mapToInt(section -> Integer.parseInt(section.group(2)))
                .sum();
    }

    /** The tests there are, by the names that jcstress reports. */
    private static Set<String> listed(Pattern selected) throws IOException {
        Set<String> tests = new LinkedHashSet<>();
        try (InputStream list = StressRun.class.getResourceAsStream("/META-INF/TestList")) {
            String text = list == null ? "" : new String(list.readAllBytes(), UTF_8);
            Matcher matcher = LISTED.matcher(text);
            while (matcher.find()) {
                int end = matcher.end() + Integer.parseInt(matcher.group(1));
                String test = text.substring(matcher.end(), end);
                if (selected.matcher(test).find()) {
                    tests.add(test);
                }
            }
        }
        return tests;
    }
}
