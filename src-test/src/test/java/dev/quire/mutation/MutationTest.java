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
import java.util.regex.Pattern;

/**
 * Every seeded bug of docs/mutations.md is noticed by the test named there.
 *
 * <p>{@code -Dmutations=.} tries all of them, any other regular expression those whose title it
 * finds; without it only that they fit the sources is looked at. The outcome of each is printed,
 * and all of them are in {@code target/mutations/table.md}.
 */
class MutationTest {
    private static final String CHOSEN = System.getProperty("mutations", "");
    private static final int AT_ONCE = Integer.getInteger("mutations.at.once", 2);

    /** A test that meets its moment by luck gets some more chances. */
    private static final int RUNS_MAX = 3;

    private static final Path FOLDER = Path.of("target", "mutations").toAbsolutePath();

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
        String told = Files.readString(project.root().resolve("docs/verification.md"));
        assertThat(all)
                .as("what noticed them is told in docs/verification.md")
                .allSatisfy(each -> assertThat(told).contains("| " + each.title() + " |"));
        assertThat(Files.readString(project.root().resolve("docs/mutations.md")).split("\n## "))
                .as("entries that were read, and the text before them")
                .hasSize(all.size() + 1);
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
        return mutants.tryOut(
                        new Mutation("canary", REQUEST_STATE, "RequestStateTest", before, after))
                .kind();
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
        List<String> unnoticed = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            Outcome outcome = outcomes.get(i);
            if (!outcome.noticed() && outcome.kind() != Kind.SKIPPED) {
                unnoticed.add(
                        outcome.kind() + " " + outcome.detail() + ": " + chosen.get(i).title());
            }
        }
        System.out.printf(
                "MutationTest: %d mutations, %d noticed%n",
                chosen.size(), outcomes.stream().filter(Outcome::noticed).count());
        assertThat(unnoticed).isEmpty();
    }

    private static Outcome told(Mutation mutation, Outcome outcome) {
        System.out.printf(
                Locale.ROOT,
                "%s: %s (%s%s, run %d, %.1f s)%n",
                word(outcome),
                mutation.title(),
                mutation.test(),
                outcome.detail().isEmpty() ? "" : ": " + outcome.detail(),
                outcome.runs(),
                outcome.seconds());
        return outcome;
    }

    private static String word(Outcome outcome) {
        return outcome.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** For docs/verification.md. */
    private static void write(List<Mutation> mutations, List<Outcome> outcomes) throws IOException {
        StringBuilder table =
                new StringBuilder("| seeded bug | noticed by | how |\n|---|---|---|\n");
        for (int i = 0; i < mutations.size(); i++) {
            table.append("| ")
                    .append(mutations.get(i).title())
                    .append(" | `")
                    .append(mutations.get(i).test())
                    .append("` | ")
                    .append(word(outcomes.get(i)))
                    .append(" |\n");
        }
        Files.writeString(Files.createDirectories(FOLDER).resolve("table.md"), table);
    }
}
