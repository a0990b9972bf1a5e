import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

/**
 * The last step of {@code mvn -Pcampaign verify}: a table of what ran, from the reports of its
 * tests. Fails when one of them failed, since until then the build goes on in spite of it.
 *
 * <pre>
 * java .ci/Campaign.java ROOT [SINCE]   # reports written since, such as 2026-11-22T04:30:00Z
 * </pre>
 */
final class Campaign {
    /** Suites shorter than this share a line, unless they failed. */
    private static final double SECONDS_MIN = 5;

    /** As StressRun says it. */
    private static final String FAILED = "FAILED";

    private static final Pattern SEED = Pattern.compile("seed[= ](-?\\d+)");
    private static final Pattern COUNT =
            Pattern.compile(
                    "(?<![=\\d])(\\d+)"
                            + " (operations|requests|snapshots|crashes|kills|mutations|companies"
                            + "|scenarios|sequences|histories|states|checks)\\b");

    /** One test class. */
    private static final class Suite {
        final String name;
        int tests;
        int skipped;
        int failed;
        double seconds;
        final Map<String, Long> counts = new LinkedHashMap<>();
        final Set<String> seeds = new LinkedHashSet<>();

        Suite(String name) {
            this.name = name;
        }

        boolean isShort() {
            return seconds < SECONDS_MIN && failed == 0;
        }

        void add(Suite other) {
            tests += other.tests;
            skipped += other.skipped;
            failed += other.failed;
            seconds += other.seconds;
        }
    }

    private Campaign() {}

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args[0]);
        Instant since = args.length > 1 ? Instant.parse(args[1]) : Instant.EPOCH;
        List<Suite> suites = new ArrayList<>();
        for (Path report : reports(root, since)) {
            suites.add(read(report));
        }
        suites.sort(Comparator.comparingDouble((Suite suite) -> suite.seconds).reversed());
        List<String> lines = new ArrayList<>();
        lines.add("| suite | tests | skipped | failed | minutes | counts | seeds |");
        lines.add("|---|---|---|---|---|---|---|");
        Suite rest = new Suite("all others");
        Suite all = new Suite("together");
        for (Suite suite : suites) {
            all.add(suite);
            if (suite.isShort()) {
                rest.add(suite);
            } else {
                lines.add(line(suite));
            }
        }
        lines.add(line(rest));
        lines.add(line(all));
        List<String> skipped =
                suites.stream()
                        .filter(suite -> suite.tests > 0 && suite.skipped == suite.tests)
                        .map(suite -> suite.name)
                        .toList();
        if (!skipped.isEmpty()) {
            lines.add("");
            lines.add("Nothing ran here of: " + String.join(", ", skipped));
        }
        String stress = stress(root, since);
        lines.add("");
        lines.add(stress);
        lines.forEach(System.out::println);
        Path table = Files.createDirectories(root.resolve("target")).resolve("campaign.md");
        Files.write(table, lines);
        System.out.println("written to " + table);
        boolean stressFailed = stress.contains(FAILED);
        if (suites.isEmpty() || all.failed > 0 || stressFailed) {
            System.out.println(
                    "the campaign failed: tests="
                            + all.failed
                            + (stressFailed ? ", jcstress" : "")
                            + (suites.isEmpty() ? ", no test ran" : ""));
            System.exit(1);
        }
    }

    private static List<Path> reports(Path root, Instant since) throws IOException {
        List<Path> reports = new ArrayList<>();
        for (Path module : modules(root)) {
            Path folder = module.resolve("target").resolve("surefire-reports");
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.sorted().toList()) {
                        if (file.getFileName().toString().matches("TEST-.*\\.xml")
                                && isRecent(file, since)) {
                            reports.add(file);
                        }
                    }
                }
            }
        }
        return reports;
    }

    /** Folders with a build of their own, at the top or in one that is. */
    private static List<Path> modules(Path root) throws IOException {
        try (Stream<Path> folders = Files.walk(root, 2)) {
            return folders.filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isRecent(Path file, Instant since) throws IOException {
        return !Files.getLastModifiedTime(file).toInstant().isBefore(since);
    }

    private static Suite read(Path report) throws Exception {
        Element root =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getDocumentElement();
        String name = root.getAttribute("name");
        Suite suite = new Suite(name.substring(name.lastIndexOf('.') + 1));
        suite.tests = Integer.parseInt(root.getAttribute("tests"));
        suite.skipped = Integer.parseInt(root.getAttribute("skipped"));
        suite.failed =
                Integer.parseInt(root.getAttribute("failures"))
                        + Integer.parseInt(root.getAttribute("errors"));
        suite.seconds = Double.parseDouble(root.getAttribute("time").replace(",", ""));
        NodeList outputs = root.getElementsByTagName("system-out");
        for (int i = 0; i < outputs.getLength(); i++) {
            Node output = outputs.item(i);
            output.getTextContent().lines().forEach(line -> readLine(line, suite));
        }
        return suite;
    }

    private static void readLine(String line, Suite suite) {
        Matcher seed = SEED.matcher(line);
        while (seed.find()) {
            suite.seeds.add(seed.group(1));
        }
        Matcher count = COUNT.matcher(line);
        while (count.find()) {
            suite.counts.merge(count.group(2), Long.valueOf(count.group(1)), Long::sum);
        }
    }

    private static String line(Suite suite) {
        List<String> counts = new ArrayList<>();
        suite.counts.forEach((unit, count) -> counts.add(count + " " + unit));
        return String.format(
                Locale.ROOT,
                "| %s | %d | %d | %d | %.1f | %s | %s |",
                suite.name,
                suite.tests,
                suite.skipped,
                suite.failed,
                suite.seconds / 60,
                String.join(", ", counts),
                seeds(suite.seeds));
    }

    private static String seeds(Set<String> seeds) {
        return seeds.size() > 4
                ? seeds.size() + ", the first " + seeds.iterator().next()
                : String.join(" ", seeds);
    }

    /** The line of StressRun; where there is none, it did not come to its end. */
    private static String stress(Path root, Instant since) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path module : modules(root)) {
            Path summary = module.resolve("target/jcstress/summary.txt");
            if (Files.exists(summary) && isRecent(summary, since)) {
                all.append(Files.readString(summary).strip());
            }
        }
        return all.isEmpty() ? "jcstress: " + FAILED + ", no summary" : all.toString();
    }
}
