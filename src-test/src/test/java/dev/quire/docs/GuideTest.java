package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The guide prints the example engine as it is: each block stands in the source that is named
 * before it, line for line, and nothing of the engine is left out.
 */
class GuideTest {
    private static final Path ENGINE = Path.of("bench/src/main/java/dev/quire/bench/example");
    private static final List<String> SOURCES =
            List.of("Node.java", "Session.java", "Log.java", "TreeStore.java");
    private static final String EXAMPLES = "GuideExamplesTest.java";
    private static final int LINES_MAX = 365; // what it says of itself: about 360

    private static final Pattern BLOCK =
            Pattern.compile("(?:<!-- (\\S+) -->\n)?```java\n(.*?)```", Pattern.DOTALL);

    /** A block of the guide, and the source that it is of; none for the first one. */
    private record Block(String source, List<String> lines) {}

    private static List<Block> blocks(String guide) {
        List<Block> blocks = new ArrayList<>();
        Matcher found = BLOCK.matcher(guide);
        while (found.find()) {
            String source = found.group(1) == null ? "" : found.group(1);
            blocks.add(new Block(source, code(found.group(2))));
        }
        return blocks;
    }

    /** Lines without indentation, empty ones and those that are comments alone. */
    private static List<String> code(String text) {
        return text.replaceAll("(?s)/\\*.*?\\*/", "")
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("//"))
                .toList();
    }

    private static Map<String, List<String>> sources() throws IOException {
        Map<String, List<String>> sources = new TreeMap<>();
        for (String name : SOURCES) {
            sources.put(
                    name, code(Files.readString(DocExample.top().resolve(ENGINE.resolve(name)))));
        }
        Path examples = Path.of("src-test/src/test/java/dev/quire/docs", EXAMPLES);
        sources.put(EXAMPLES, code(Files.readString(DocExample.top().resolve(examples))));
        return sources;
    }

    /** Fails unless the block stands in its source; answers where. */
    private static int find(Block block, Map<String, List<String>> sources) {
        assertThat(sources).as("sources of the guide").containsKey(block.source);
        List<String> source = sources.get(block.source);
        int at = Collections.indexOfSubList(source, block.lines);
        if (at < 0) {
            List<String> other = new ArrayList<>(block.lines);
            other.removeAll(source);
            throw new AssertionError(
                    "not in %s as printed: %s; lines that are not there at all: %s"
                            .formatted(block.source, block.lines, other));
        }
        return at;
    }

    private static String guide() throws IOException {
        return Files.readString(DocExample.top().resolve("docs/guide.md"));
    }

    @Test
    void shouldPrintTheSourcesAsTheyAre() throws IOException {
        Map<String, List<String>> sources = sources();
        List<Block> blocks = blocks(guide());
        assertThat(blocks).hasSizeGreaterThan(15);
        for (Block block : blocks.subList(1, blocks.size())) {
            find(block, sources);
        }
    }

    @Test
    void shouldLeaveNothingOfTheEngineOut() throws IOException {
        Map<String, List<String>> sources = sources();
        Map<String, List<String>> left = new TreeMap<>();
        sources.forEach((name, lines) -> left.put(name, new ArrayList<>(lines)));
        List<Block> blocks = blocks(guide());
        for (Block block : blocks.subList(1, blocks.size())) {
            int at = find(block, sources);
            for (int i = 0; i < block.lines.size(); i++) {
                left.get(block.source).set(at + i, "");
            }
        }
        for (String source : SOURCES) {
            assertThat(left.get(source))
                    .as("lines of %s that the guide does not have", source)
                    .allMatch(line -> line.matches("|}|(package|import) .*"));
        }
    }

    @Test
    void shouldNoticeALineThatDiffers() throws IOException {
        Map<String, List<String>> sources = sources();
        String changed =
                guide().replace("middle = (low + high) >>> 1", "middle = (low + high) / 2");
        List<Block> blocks = blocks(changed);
        assertThatThrownBy(() -> blocks.subList(1, blocks.size()).forEach(b -> find(b, sources)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("/ 2");
    }

    @Test
    void shouldBeAsShortAsItSays() throws IOException {
        Map<String, List<String>> sources = sources();
        long lines =
                SOURCES.stream()
                        .flatMap(name -> sources.get(name).stream())
                        .filter(line -> !line.matches("}|(package|import) .*"))
                        .count();
        assertThat(lines).isBetween(250L, (long) LINES_MAX);
    }

    @Test
    void shouldCompileAndRunItsFirstExample(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("first.db");
        Method run =
                DocExample.of("docs/guide.md")
                        .compile(
                                folder,
                                "import dev.quire.pagecache.*;",
                                "first.db",
                                file.toString());
        assertThat(DocExample.output(run)).isEqualTo("42 in a file of 4096 bytes\n");
    }
}
