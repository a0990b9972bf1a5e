package dev.quire.stress;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs jcstress, keeps its noise in a file and prints a summary; fails when jcstress does, and also
 * when it ran fewer tests than there are, since it is content with having found none.
 */
final class StressRun {
    /** The annotation processor's list: a length, then that many characters of a test's name. */
    private static final Pattern LISTED = Pattern.compile("JCTEST(\\d+)S");

    /** The tests of the final report by outcome; no number means none. */
    private static final Pattern SECTION =
            Pattern.compile(
                    "(?m)^ *(Interesting|Failed|Error|All remaining) tests: (?:(\\d+)|No) match");

    /** A test that the final report shows because its outcome was interesting, or failed. */
    private static final Pattern SHOWN = Pattern.compile("(?m)^\\.+ \\[\\w+] dev\\.quire\\.(\\S+)");

    private final String report;

    private StressRun(String report) {
        this.report = report;
    }

    /**
     * Runs the tests and exits with 1 if one of them failed or did not run.
     *
     * @param args folder for the log and the results; regular expression of the tests to run; then
     *     jcstress's own arguments
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of(args[0]).toAbsolutePath());
        String selection = args[1];
        int expected = listed(selection);
        Path log = folder.resolve("jcstress.log");
        long startNanos = System.nanoTime();
        int exitCode = run(folder, selection, List.of(args).subList(2, args.length), log);
        long seconds = (System.nanoTime() - startNanos) / 1_000_000_000;
        String text = Files.readString(log);
        int reportStart = text.indexOf("RUN RESULTS:");
        StressRun run = new StressRun(reportStart < 0 ? "" : text.substring(reportStart));
        int failed = run.count("Failed") + run.count("Error");
        int interesting = run.count("Interesting");
        int ran = failed + interesting + run.count("All remaining");
        System.out.printf(
                "jcstress: %d of %d tests ran in %d s, %d failed, %d twins caught: %s%n",
                ran, expected, seconds, failed, interesting, run.shown());
        if (exitCode != 0 || failed > 0 || expected == 0 || ran < expected) {
            System.out.println("jcstress failed with exit code " + exitCode + ", see " + log);
            System.exit(1);
        }
    }

    private static int run(Path folder, String selection, List<String> more, Path log)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("org.openjdk.jcstress.Main");
        command.addAll(List.of("-t", selection, "-r", folder.toString()));
        command.addAll(more);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
    }

    private static int listed(String selection) throws IOException {
        Pattern selected = Pattern.compile(selection);
        int count = 0;
        try (InputStream list = StressRun.class.getResourceAsStream("/META-INF/TestList")) {
            String text = list == null ? "" : new String(list.readAllBytes(), UTF_8);
            Matcher matcher = LISTED.matcher(text);
            while (matcher.find()) {
                int end = matcher.end() + Integer.parseInt(matcher.group(1));
                count += selected.matcher(text.substring(matcher.end(), end)).find() ? 1 : 0;
            }
        }
        return count;
    }

    private int count(String outcome) {
        return SECTION.matcher(report)
                .results()
                .filter(section -> section.group(1).equals(outcome) && section.group(2) != null)
                .mapToInt(section -> Integer.parseInt(section.group(2)))
                .sum();
    }

    private List<String> shown() {
        return SHOWN.matcher(report).results().map(test -> test.group(1)).distinct().toList();
    }
}
