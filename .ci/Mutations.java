import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Applies each mutation of docs/mutations.md to a copy of the sources and runs the test that is
 * said to kill it. Fails when one survives, does not compile, or no longer applies.
 *
 * <pre>
 * java .ci/Mutations.java             # all
 * java .ci/Mutations.java 'blind add' # those whose title contains it
 * </pre>
 */
final class Mutations {
    /** A title, {@code file}, killed by {@code test}, then two blocks of code: before and after. */
    private static final Pattern MUTATION =
            Pattern.compile(
                    "(?ms)^## ([^\\n]+)\\n+`([^`]+)`, killed by `([^`]+)`[^\\n]*\\n+"
                            + "```java\\n(.*?)```\\n+```java\\n(.*?)```");

    private record Mutation(String title, String file, String test, String before, String after) {}

    private final Path copy;

    private Mutations(Path copy) {
        this.copy = copy;
    }

    public static void main(String[] args) throws Exception {
        Mutations mutations = new Mutations(Path.of("target", "mutations").toAbsolutePath());
        List<Mutation> all = read(Path.of("docs", "mutations.md"), args.length > 0 ? args[0] : "");
        if (all.isEmpty()) {
            System.out.println("no such mutation");
            System.exit(1);
        }
        mutations.copySources();
        List<String> survivors = new ArrayList<>();
        for (Mutation mutation : all) {
            String outcome = mutations.outcome(mutation);
            System.out.println(outcome + ": " + mutation.title + " (" + mutation.test + ")");
            if (!outcome.equals("killed")) {
                survivors.add(mutation.title);
            }
        }
        System.out.println(all.size() + " mutations, not killed: " + survivors);
        System.exit(survivors.isEmpty() ? 0 : 1);
    }

    private static List<Mutation> read(Path document, String title) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        Matcher matcher = MUTATION.matcher(Files.readString(document));
        while (matcher.find()) {
            if (matcher.group(1).contains(title)) {
                mutations.add(
                        new Mutation(
                                matcher.group(1),
                                matcher.group(2),
                                matcher.group(3),
                                matcher.group(4),
                                matcher.group(5)));
            }
        }
        return mutations;
    }

    /** What git knows, as it stands now. */
    private void copySources() throws Exception {
        Process git = new ProcessBuilder("git", "ls-files", "-co", "--exclude-standard").start();
        for (String name : new String(git.getInputStream().readAllBytes(), UTF_8).split("\n")) {
            Path source = Path.of(name);
            if (Files.isRegularFile(source)) {
                Path target = copy.resolve(name);
                Files.createDirectories(target.getParent());
                Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private String outcome(Mutation mutation) throws Exception {
        Path file = copy.resolve(mutation.file);
        String source = Files.readString(file);
        if (source.split(Pattern.quote(mutation.before), -1).length != 2) {
            return "does not apply";
        }
        if (runs(mutation) != 0) {
            return "red without it";
        }
        Files.writeString(file, source.replace(mutation.before, mutation.after));
        try {
            if (runs(mutation) == 0) {
                return "SURVIVED";
            }
            String log = Files.readString(copy.resolve("maven.log"));
            return log.contains("COMPILATION ERROR") ? "does not compile" : "killed";
        } finally {
            Files.writeString(file, source);
        }
    }

    private int runs(Mutation mutation) throws Exception {
        String module = mutation.file.substring(0, mutation.file.indexOf('/'));
        boolean crosses = mutation.test.endsWith("LincheckTest");
        return new ProcessBuilder(
                        "mvn",
                        "-B",
                        "-ntp",
                        "-pl",
                        crosses ? "src-test" : module,
                        "-am",
                        "-Dtest=" + mutation.test,
                        "-Dsurefire.failIfNoSpecifiedTests=false",
                        "-Dquire.format.skip=true",
                        "test")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(copy.resolve("maven.log").toFile())
                .start()
                .waitFor();
    }
}
