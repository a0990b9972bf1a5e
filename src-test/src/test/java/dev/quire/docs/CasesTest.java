package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The documents name tests that exist, and docs/cases.md every case of its threads. */
class CasesTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+)(?:\\.(should\\w+))?`");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (S\\d)\\.(\\d+) \\|.*\\| (.*) \\|$");

    @Test
    void shouldNameTestsThatExist() throws IOException {
        Map<String, Path> sources = testSources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        Matcher row = ROW.matcher(cases());
        while (row.find()) {
            Matcher test = TEST.matcher(row.group(3));
            while (test.find()) {
                named++;
                if (!exists(sources, test.group(1), test.group(2))) {
                    missing.add(test.group());
                }
            }
        }
        assertThat(named).isGreaterThan(18);
        assertThat(missing).isEmpty();
    }

    @Test
    void shouldLeaveNoCaseOut() throws IOException {
        Map<String, Integer> highest = new TreeMap<>();
        Matcher row = ROW.matcher(cases());
        while (row.find()) {
            int before = highest.getOrDefault(row.group(1), 0);
            assertThat(Integer.parseInt(row.group(2)))
                    .as("the case after %s.%d", row.group(1), before)
                    .isEqualTo(before + 1);
            highest.put(row.group(1), before + 1);
        }
        assertThat(highest).isEqualTo(Map.of("S0", 9, "S1", 9, "S2", 14, "S3", 10, "S4", 10));
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads.md", "scars.md"})
    void shouldNameTestsThatExistInItsTables(String document) throws IOException {
        Map<String, Path> sources = testSources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (String row : Files.readAllLines(root().resolve("docs").resolve(document))) {
            Matcher test = TEST.matcher(row.startsWith("| ") ? lastColumn(row) : "");
            while (test.find()) {
                named++;
                if (!exists(sources, test.group(1), test.group(2))) {
                    missing.add(test.group());
                }
            }
        }
        assertThat(named).isGreaterThan(18);
        assertThat(missing).isEmpty();
    }

    private static String lastColumn(String row) {
        int end = row.lastIndexOf('|');
        return row.substring(row.lastIndexOf('|', end - 1) + 1, end);
    }

    private static boolean exists(Map<String, Path> sources, String test, @Nullable String method)
            throws IOException {
        Path source = sources.get(test);
        return source != null
                && (method == null || Files.readString(source).contains(method + "("));
    }

    private static String cases() throws IOException {
        return Files.readString(root().resolve("docs/cases.md"));
    }

    private static Map<String, Path> testSources() throws IOException {
        Map<String, Path> sources = new TreeMap<>();
        for (String module : List.of("allocator", "aio", "pagecache", "src-test")) {
            try (Stream<Path> files = Files.walk(root().resolve(module).resolve("src/test"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(
                                file -> {
                                    String name = file.getFileName().toString();
                                    sources.put(name.replace(".java", ""), file);
                                });
            }
        }
        return sources;
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("README.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
