package dev.quire.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.quire.mutation.Outcome.Kind;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every seeded bug of docs/mutations.md is noticed by the test named there.
 *
 * <p>{@code -Dmutations=.} tries all of them, any other regular expression those whose title it
 * finds; without it only that they fit the sources is looked at. The outcome of each is printed,
 * and all of them are in {@code target/mutations/table.md}, as rows of docs/verification.md.
 */
class MutationTest {
    private static final String CHOSEN = System.getProperty("mutations", "");
    private static final int AT_ONCE = Integer.getInteger("mutations.at.once", 2);

    /** A test that meets its moment by luck gets some more chances. */
    private static final int RUNS_MAX = 5;

    private static final Path FOLDER = Path.of("target", "mutations").toAbsolutePath();

    private static final Pattern METHOD = Pattern.compile("`(\\w+)`(, run \\d)? \\|");

    private static final String REQUEST_STATE = "aio/src/main/java/dev/quire/aio/RequestState.java";
    private static final String HELD = "(word & LIVE) != 0 && (word & side) != 0;\n";

    private final Project project = new Project();
    private final List<Mutation> all =
            Mutation.read(project.root().resolve("docs").resolve("mutations.md"));

    MutationTest() throws IOException {}

    @Test
    void shouldFitTheSourcesAndNameTestsThatExist() throws IOException {
        assertThat(all).hasSizeGreaterThan(80);
        assertThat(all).extracting(Mutation::title).doesNotHaveDuplicates();
        List<String> wrong = new ArrayList<>();
        for (Mutation mutation : all) {
            Path file = project.root().resolve(mutation.file());
            if (mutation.places(Files.readString(file)) != 1) {
                wrong.add("not found once: " + mutation.title());
            }
            if (project.test(mutation).isEmpty()) {
                wrong.add("no such test: " + mutation.test());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(document("mutations.md").split("\n## "))
                .as("entries that were read, and the text before them")
                .hasSize(all.size() + 1);
    }

    @Test
    void shouldTellHowEachWasNoticed() throws IOException {
        List<String> rows =
                document("verification.md")
                        .transform(text -> text.substring(text.indexOf("\n## Seeded bugs")))
                        .lines()
                        .filter(line -> line.startsWith("| ") && !line.startsWith("| seeded bug"))
                        .toList();
        assertThat(rows).as("rows of docs/verification.md").hasSameSizeAs(all);
        for (int i = 0; i < rows.size(); i++) {
            Mutation mutation = all.get(i);
            String row = rows.get(i);
            assertThat(row).startsWith(mutation.row());
            Matcher how = METHOD.matcher(row.substring(mutation.row().length()));
            boolean isNamed = how.matches() && project.hasMethod(mutation, how.group(1));
            assertThat(isNamed || row.endsWith("| it hung, and was ended |")).as(row).isTrue();
        }
        long bugs = all.stream().map(Mutation::change).distinct().count();
        String count = "%d entries, %d different bugs".formatted(all.size(), bugs);
        assertThat(document("mutations.md")).contains(count);
        assertThat(document("verification.md")).contains(count);
    }

    private String document(String name) throws IOException {
        return Files.readString(project.root().resolve("docs").resolve(name));
    }

    @Test
    void shouldTellWhatBecameOfAMutation() throws IOException {
        Mutants mutants = new Mutants(project, FOLDER.resolve("canary"), 1);
        assertThat(outcome(mutants, HELD, "(word & LIVE) != 0;\n"))
                .as("a bug")
                .isEqualTo(Kind.KILLED);
        assertThat(outcome(mutants, HELD, "(word & side) != 0 && (word & LIVE) != 0;\n"))
                .as("none")
                .isEqualTo(Kind.SURVIVED);
        assertThat(outcome(mutants, HELD, "nothing;\n")).isEqualTo(Kind.DOES_NOT_COMPILE);
        assertThat(outcome(mutants, "no such line", "")).isEqualTo(Kind.DOES_NOT_APPLY);
    }

    private static Kind outcome(Mutants mutants, String before, String after) throws IOException {
        return mutants.tryOut(canary("RequestStateTest", before, after)).kind();
    }

    private static Mutation canary(String test, String before, String after) {
        return new Mutation("canary", REQUEST_STATE, test, before, after);
    }

    @Test
    void shouldNotTakeATestForOneThatNotices() throws IOException {
        Mutants mutants = new Mutants(project, FOLDER.resolve("canaries"), 1);
        Files.deleteIfExists(FlakyCanary.RUNS);
        Outcome flaky = mutants.tryOut(canary("FlakyCanary", HELD, "(word & LIVE) != 0;\n"));
        assertThat(flaky.how())
                .isEqualTo("red without it: shouldPassOnce; without it, too: shouldPassOnce");
        Outcome skipped = mutants.tryOut(canary("SkippedCanary", HELD, "(word & LIVE) != 0;\n"));
        assertThat(skipped.how()).isEqualTo("skipped: shouldSayWhy: what it takes is not at hand");
        assertThat(failures(List.of(all.getFirst()), List.of(skipped), true))
                .containsExactly(skipped.how() + ": " + all.getFirst().title());
        assertThat(failures(List.of(all.getFirst()), List.of(skipped), false)).isEmpty();
    }

    @Test
    void shouldNoticeEachSeededBug() throws Exception {
        assumeFalse(CHOSEN.isEmpty(), "takes minutes: -Dmutations=. tries all, -Pcampaign does");
        Pattern title = Pattern.compile(CHOSEN);
        List<Mutation> chosen =
                all.stream().filter(each -> title.matcher(each.title()).find()).toList();
        assertThat(chosen).as("titles with " + CHOSEN).isNotEmpty();
        Mutants mutants = new Mutants(project, FOLDER, RUNS_MAX);
        List<Outcome> outcomes = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Outcome>> running = new ArrayList<>();
            for (Mutation mutation : chosen) {
                running.add(pool.submit(() -> told(mutation, mutants.tryOut(mutation))));
            }
            for (Future<Outcome> each : running) {
                outcomes.add(each.get());
            }
        }
        write(chosen, outcomes);
        System.out.printf(
                "MutationTest: %d mutations, %d noticed%n",
                chosen.size(), outcomes.stream().filter(Outcome::noticed).count());
        boolean root = System.getProperty("user.name", "").equals("root");
        assertThat(failures(chosen, outcomes, root || chosen.size() == all.size())).isEmpty();
    }

    /**
     * What was not noticed.
     *
     * @param complete whether a test that is skipped counts: who may do everything, or asks for all
     *     of them, is not to think that they were tried
     */
    private static List<String> failures(
            List<Mutation> mutations, List<Outcome> outcomes, boolean complete) {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < mutations.size(); i++) {
            Outcome outcome = outcomes.get(i);
            boolean passes = outcome.kind() == Kind.SKIPPED && !complete;
            if (!outcome.noticed() && !passes) {
                failures.add(outcome.how() + ": " + mutations.get(i).title());
            }
        }
        return failures;
    }

    private static Outcome told(Mutation mutation, Outcome outcome) {
        System.out.printf(
                Locale.ROOT,
                "%s: %s (%s%s, run %d, %.1f s)%n",
                outcome.word(),
                mutation.title(),
                mutation.test(),
                outcome.detail().isEmpty() ? "" : ": " + outcome.detail(),
                outcome.runs(),
                outcome.seconds());
        return outcome;
    }

    /** For docs/verification.md. */
    private static void write(List<Mutation> mutations, List<Outcome> outcomes) throws IOException {
        StringBuilder table =
                new StringBuilder("| seeded bug | in | noticed by | how |\n|---|---|---|---|\n");
        for (int i = 0; i < mutations.size(); i++) {
            table.append(mutations.get(i).row()).append(outcomes.get(i).how()).append(" |\n");
        }
        Files.writeString(Files.createDirectories(FOLDER).resolve("table.md"), table);
    }
}
