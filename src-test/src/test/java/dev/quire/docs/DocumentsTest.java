package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the documents point to is there: files, and headings in them. */
public class DocumentsTest {
    private static final Set<String> NOT_OURS = Set.of("target", ".git", "node_modules");
    private static final Pattern CODE = Pattern.compile("(?s)```.*?```");
    private static final Pattern LINK =
            Pattern.compile("]\\((?!http)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    /** All of the project. */
    public static List<Path> documents() throws IOException {
        try (Stream<Path> files = Files.walk(DocExample.top())) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(DocumentsTest::isOurs)
                    .sorted()
                    .toList();
        }
    }

    private static boolean isOurs(Path file) {
        for (Path part : DocExample.top().relativize(file)) {
            if (NOT_OURS.contains(part.toString())) {
                return false;
            }
        }
        return true;
    }

    private static String prose(Path document) throws IOException {
        return CODE.matcher(Files.readString(document)).replaceAll("");
    }

    @ParameterizedTest
    @MethodSource("documents")
    void shouldLinkToFilesAndHeadingsThatExist(Path document) throws IOException {
        List<String> missing = new ArrayList<>();
        Matcher link = LINK.matcher(prose(document));
        while (link.find()) {
            Path file = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
            if (!Files.exists(file)
                    || (link.group(2) != null && !anchors(file).contains(link.group(2)))) {
                missing.add(link.group());
            }
        }
        assertThat(missing).isEmpty();
    }

    /** As the pages of a repository have them: small letters, without signs, hyphens for spaces. */
    private static Set<String> anchors(Path document) throws IOException {
        Set<String> anchors = new TreeSet<>();
        Matcher heading = HEADING.matcher(prose(document));
        while (heading.find()) {
            anchors.add(
                    heading.group(1)
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\p{L}\\d _-]", "")
                            .replace(' ', '-'));
        }
        return anchors;
    }

    @Test
    void shouldSeeTheDocuments() throws IOException {
        Set<String> names =
                documents().stream()
                        .map(file -> DocExample.top().relativize(file).toString())
                        .collect(Collectors.toSet());
        assertThat(names).contains("README.md", "docs/guide.md", "bench/results/README.md");
    }
}
