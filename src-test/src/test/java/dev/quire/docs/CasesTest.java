package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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

/** docs/cases.md names tests that exist, and every case of its threads. */
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
                Path source = sources.get(test.group(1));
                boolean exists =
                        source != null
                                && (test.group(2) == null
                                        || Files.readString(source).contains(test.group(2) + "("));
                if (!exists) {
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
        assertThat(highest).containsEntry("S0", 9).containsEntry("S1", 9).containsEntry("S2", 14);
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
