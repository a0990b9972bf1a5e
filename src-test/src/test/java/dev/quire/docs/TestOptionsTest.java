package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The options of tests: those that are read are documented, those that are set are read. */
class TestOptionsTest {
    private static final Pattern READ =
            Pattern.compile(
                    "(?:Integer\\.getInteger|Long\\.getLong|Boolean\\.getBoolean|\\.getProperty)"
                            + "\\(\\s*\"([^\"]+)\"");

    /** Of the JDK, of the system, and of single tests of the machine's reports. */
    private static final Pattern NOT_OURS =
            Pattern.compile("(java|jdk|user|path|os|line|surefire)\\..*");

    private static final Pattern OPTION = Pattern.compile("-D([a-zA-Z.]+)");
    private static final Pattern SET = Pattern.compile("<([a-z]+(?:\\.[a-z]+)*)>[^<]*</\\1>");

    /** Of Maven, Surefire and what the pom hands on to jcstress. */
    private static final List<String> OF_MAVEN =
            List.of(
                    "test",
                    "surefire.failIfNoSpecifiedTests",
                    "jcstress.mode",
                    "jcstress.tests",
                    "maven.test.failure.ignore",
                    "maven.build.timestamp.format");

    private final Path top = DocExample.top();

    @Test
    void shouldDocumentEveryOptionThatATestReads() throws IOException {
        assertThat(documented()).containsAll(read());
    }

    @Test
    void shouldReadEveryOptionThatIsDocumented() throws IOException {
        Set<String> documented = documented();
        documented.removeAll(OF_MAVEN);
        assertThat(read()).containsAll(documented);
    }

    /** A campaign in the short form would pass as quickly as it would prove little. */
    @Test
    void shouldReadEveryOptionThatTheCampaignSets() throws IOException {
        String pom = Files.readString(top.resolve("pom.xml"));
        int start = pom.indexOf("<id>campaign</id>");
        Matcher set = SET.matcher(pom.substring(start, pom.indexOf("</profile>", start)));
        Set<String> names = new TreeSet<>();
        while (set.find()) {
            names.add(set.group(1));
        }
        names.removeAll(OF_MAVEN);
        names.removeIf(name -> !name.contains(".") && !name.equals("mutations"));
        assertThat(names).hasSizeGreaterThan(20);
        assertThat(read()).containsAll(names);
    }

    private Set<String> documented() throws IOException {
        Matcher option = OPTION.matcher(Files.readString(top.resolve("docs/testing.md")));
        Set<String> names = new TreeSet<>();
        while (option.find()) {
            names.add(option.group(1));
        }
        return names;
    }

    private Set<String> read() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String folder : List.of("allocator", "aio", "pagecache", "bench", "src-test")) {
            try (Stream<Path> files = Files.walk(top.resolve(folder).resolve("src"))) {
                for (Path file : files.filter(TestOptionsTest::isOfTests).toList()) {
                    Matcher read = READ.matcher(Files.readString(file));
                    while (read.find()) {
                        names.add(read.group(1));
                    }
                }
            }
        }
        names.removeIf(name -> NOT_OURS.matcher(name).matches());
        return names;
    }

    private static boolean isOfTests(Path file) {
        return file.toString().endsWith(".java") && !file.toString().contains("/src/main/");
    }
}
