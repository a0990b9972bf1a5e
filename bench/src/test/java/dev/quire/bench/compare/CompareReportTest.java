package dev.quire.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.quire.bench.console.Console;
import dev.quire.bench.console.InputException;
import dev.quire.bench.report.Point;
import dev.quire.bench.report.ReportFile;
import dev.quire.bench.report.Xml;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

final class CompareReportTest {
    @TempDir private Path folder;

    @Test
    void shouldNotCountTheTimeOfWarmingUp() {
        // Two seconds to warm up, in which nothing happened, and four that count.
        Outcome outcome = outcome("quire", 40_000, 0, 0, 12_000, 8_000, 11_000, 9_000);

        assertThat(outcome.requestsPerSecond()).isEqualTo(10_000);
        assertThat(outcome.slowestInterval()).isCloseTo(0.8, within(1e-9));
        assertThat(outcome.cpuNanosPerRequest()).isEqualTo(50_000);
        assertThat(outcome.bytesReadPerRequest()).isEqualTo(8192);
    }

    @Test
    void shouldComeOutOfAProcessAsItWas() {
        Outcome outcome = outcome("mmap", 7, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5);

        Outcome read = new Gson().fromJson(new Gson().toJson(outcome), Outcome.class);

        assertThat(read).isEqualTo(outcome);
    }

    @Test
    void shouldPrintALineASubjectAndWhyOthersHaveNone() {
        CompareReport report = new CompareReport(options(null), results());

        assertThat(report.table().lines())
                .anyMatch(line -> line.startsWith("80.0 MiB in pages of 8.00 KiB, 8.00 MiB of"))
                .anyMatch(line -> line.startsWith("5 % writes, 1 % scans of 64 pages, 30 % unif"))
                .anyMatch(
                        line ->
                                line.matches(
                                        "quire +10.0k +80.0 % +1.00 us .* 50.0 us +8.00 KiB"
                                                + " .* 500 ms +8.00 MiB"))
                .endsWith("mmap-random failed: killed", "filechannel skipped: no <groups>");
        JsonObject json = JsonParser.parseString(report.json().toString()).getAsJsonObject();
        assertThat(json.getAsJsonArray("results")).hasSize(2);
        JsonObject quire = json.getAsJsonArray("results").get(0).getAsJsonObject();
        assertThat(quire.get("requestsPerSecond").getAsDouble()).isEqualTo(10_000);
        assertThat(quire.getAsJsonObject("read").get("p999Nanos").getAsLong()).isEqualTo(3000);
        assertThat(quire.getAsJsonArray("rates")).hasSize(6);
        assertThat(
                        json.getAsJsonArray("skipped")
                                .get(0)
                                .getAsJsonObject()
                                .get("reason")
                                .getAsString())
                .isEqualTo("no <groups>");
        assertThat(json.getAsJsonArray("failed").get(0).getAsJsonObject().toString())
                .isEqualTo("{\"subject\":\"mmap-random\",\"reason\":\"killed\"}");
    }

    @Test
    void shouldDrawEverySubject() {
        CompareReport report = new CompareReport(options(null), results());

        Element page = Xml.parse(new ComparePage(report).html("./quire compare"));

        assertThat(Xml.texts(page, "figcaption"))
                .contains("Throughput", "Point reads", "Writes", "Read from the device a request");
        assertThat(Xml.texts(page, "li")).contains("quire", "mmap");
        assertThat(Xml.texts(page, "p"))
                .contains("mmap-random failed: killed", "filechannel skipped: no <groups>");
        assertThat(Xml.texts(page, "text")).contains("100 \u00b7 0.010\u00d7");
        assertThat(Xml.all(page, "tr")).hasSize(3);
        assertThat(Xml.texts(page, "th")).contains("sync");
        assertThat(Xml.texts(page, "td")).contains("500 ms");
    }

    @Test
    void shouldSkipWhatCannotBeHeldToTheBudgetAndSayWhy() throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Path page = folder.resolve("out.html");
        ReportFile file = new ReportFile(page, "./quire compare");
        CompareJob job =
                new CompareJob(
                        options(file),
                        new Console(new PrintWriter(out), new PrintWriter(err), 0),
                        () -> {
                            throw new IOException("no groups here");
                        },
                        (_, _) -> {
                            throw new AssertionError("it has no turn");
                        });

        assertThat(job.run()).isTrue();

        assertThat(out.toString().lines().toList())
                .contains("mmap skipped: no groups here")
                .last()
                .asString()
                .endsWith(
                        "\"skipped\":[{\"subject\":\"mmap\",\"reason\":\"no groups here\"}],"
                                + "\"failed\":[]}");
        assertThat(err.toString()).contains("mmap is skipped: no groups here");
        assertThat(Xml.texts(Xml.parse(Files.readString(page)), "p"))
                .contains("mmap skipped: no groups here");
        assertThat(folder).isDirectoryContaining(page::equals);
    }

    @Test
    void shouldTellOfTheOthersWhenOneFails() throws IOException {
        Outcome outcome = outcome("quire", 40_000, 12_000, 8_000, 11_000, 9_000);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CompareJob job =
                new CompareJob(
                        options(
                                List.of(Subject.QUIRE, Subject.MMAP, Subject.MMAP_RANDOM),
                                8192L,
                                null),
                        new Console(new PrintWriter(out), new PrintWriter(err), 0),
                        () -> new ControlGroup(Files.createDirectory(folder.resolve("g")), false),
                        (settings, group) -> {
                            if (settings.subject() == Subject.MMAP) {
                                throw new IOException("no memory left for it");
                            }
                            return outcome;
                        });

        boolean all;
        try {
            all = job.run();
        } catch (InputException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }

        assertThat(all).isFalse();
        assertThat(err.toString()).contains("mmap failed: no memory left for it");
        assertThat(out.toString().lines()).contains("mmap failed: no memory left for it");
        JsonObject json =
                JsonParser.parseString(out.toString().lines().toList().getLast()).getAsJsonObject();
        assertThat(json.getAsJsonArray("results")).hasSize(2);
        assertThat(json.getAsJsonArray("failed").toString())
                .isEqualTo("[{\"subject\":\"mmap\",\"reason\":\"no memory left for it\"}]");
    }

    private CompareOptions options(@Nullable ReportFile report) {
        return options(List.of(Subject.MMAP), null, report);
    }

    private CompareOptions options(
            List<Subject> subjects, @Nullable Long fileBytes, @Nullable ReportFile report) {
        return new CompareOptions(
                subjects, folder, fileBytes, 8 << 20, 8192, 2, 5, 30, 1, 2, 4, 7, report, true);
    }

    private static SequencedMap<Subject, Result> results() {
        SequencedMap<Subject, Result> results = new LinkedHashMap<>();
        results.put(
                Subject.QUIRE,
                new Result.Done(outcome("quire", 40_000, 0, 0, 12_000, 8_000, 11_000, 9_000)));
        results.put(Subject.MMAP, new Result.Done(outcome("mmap", 400, 1, 2, 100, 100, 100, 100)));
        results.put(Subject.MMAP_RANDOM, new Result.Failed("killed"));
        results.put(Subject.FILECHANNEL, new Result.Skipped("no <groups>"));
        return results;
    }

    private static Outcome outcome(String subject, long requests, double... rates) {
        Outcome.Times times =
                new Outcome.Times(
                        requests,
                        1000,
                        2000,
                        3000,
                        4000,
                        List.of(new Point(0, 1000), new Point(99, 2000)));
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < rates.length; i++) {
            points.add(new Point(i + 1, rates[i]));
        }
        return new Outcome(
                subject,
                requests,
                4,
                times,
                times,
                times,
                requests * 50_000.0,
                requests * 8192,
                requests * 100,
                8 << 20,
                0.5,
                points,
                points);
    }
}
