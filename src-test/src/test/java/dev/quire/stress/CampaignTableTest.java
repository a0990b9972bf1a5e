package dev.quire.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.docs.DocExample;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A campaign goes on when something fails: its table is what must not overlook it. */
class CampaignTableTest {
    @TempDir Path root;
    private String told = "";

    @BeforeEach
    void module() throws IOException {
        Files.createDirectories(root.resolve("one/target/surefire-reports"));
        Files.createDirectories(root.resolve("one/target/jcstress"));
        Files.createFile(root.resolve("one/pom.xml"));
    }

    @Test
    void shouldPassWhenEverythingDid() throws Exception {
        report(0);
        stress("jcstress: 3 of 3 tests good");
        assertThat(exitCode()).as(told).isZero();
        assertThat(told).contains("| OneTest | 3 | 0 | 0 | 1.0 | 12 operations | 7 |", "3 of 3");
    }

    @Test
    void shouldFailWithATest() throws Exception {
        report(1);
        stress("jcstress: 3 of 3 tests good");
        assertThat(exitCode()).as(told).isOne();
        assertThat(told).contains("the campaign failed: tests=1\n");
    }

    @Test
    void shouldFailWithJcstress() throws Exception {
        report(0);
        stress("jcstress: 3 of 3 tests good, FAILED [SomeTwin]");
        assertThat(exitCode()).as(told).isOne();
    }

    /** The JVM did not start, or died: Maven was told to go on. */
    @Test
    void shouldFailWhenJcstressSaysNothing() throws Exception {
        report(0);
        assertThat(exitCode()).as(told).isOne();
        assertThat(told).contains("jcstress: FAILED, no summary");
    }

    @Test
    void shouldFailWhenNoTestRan() throws Exception {
        stress("jcstress: 3 of 3 tests good");
        assertThat(exitCode()).as(told).isOne();
        assertThat(told).contains("no test ran");
    }

    private void report(int failures) throws IOException {
        Files.writeString(
                root.resolve("one/target/surefire-reports/TEST-dev.quire.OneTest.xml"),
                """
                <testsuite name="dev.quire.OneTest" time="61.5" tests="3" errors="0" skipped="0" \
                failures="%d"><testcase name="a"><system-out>12 operations, seed=7</system-out>\
                </testcase></testsuite>
                """
                        .formatted(failures));
    }

    private void stress(String summary) throws IOException {
        Files.writeString(root.resolve("one/target/jcstress/summary.txt"), summary);
    }

    private int exitCode() throws Exception {
        Path printed = root.resolve("printed");
        int code =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                DocExample.top().resolve(".ci/Campaign.java").toString(),
                                root.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(printed.toFile())
                        .start()
                        .waitFor();
        told = Files.readString(printed);
        return code;
    }
}
