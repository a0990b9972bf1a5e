package dev.quire.bench.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.quire.aio.Engine;
import dev.quire.aio.WriteDurability;
import dev.quire.bench.console.Console;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class ComparisonReportTest {
    @TempDir private Path folder;

    @Test
    void shouldTakeMediansAndRelateThemToTheFirst() throws IOException {
        Map<String, List<IoResult>> results = new LinkedHashMap<>();
        results.put(
                "fio", List.of(result("fio", 90, 8), result("fio", 1, 99), result("fio", 100, 10)));
        results.put("us", List.of(result("us", 45, 20), result("us", 50, 30), result("us", 9, 16)));

        ComparisonReport report = report(results);

        JsonObject json = JsonParser.parseString(report.json().toString()).getAsJsonObject();
        assertThat(json.get("baseline").getAsString()).isEqualTo("fio");
        JsonArray lines = json.getAsJsonArray("results");
        JsonObject fio = lines.get(0).getAsJsonObject();
        assertThat(fio.get("iops").getAsDouble()).isEqualTo(90);
        assertThat(fio.get("iopsMin").getAsDouble()).isEqualTo(1);
        assertThat(fio.get("iopsMax").getAsDouble()).isEqualTo(100);
        JsonObject us = lines.get(1).getAsJsonObject();
        assertThat(us.get("iopsRatio").getAsDouble()).isEqualTo(0.5);
        assertThat(us.get("cpuRatio").getAsDouble()).isEqualTo(2);
        assertThat(report.errors()).isEqualTo(6);
        assertThat(report.table()).contains("medians of 3 rounds", "ratios to fio", "0.50    2.00");
    }

    @Test
    void shouldLeaveOutARatioOfWhatIsNotKnown() throws IOException {
        Map<String, List<IoResult>> results = new LinkedHashMap<>();
        results.put("fio", List.of(result("fio", 100, Double.NaN)));
        results.put("us", List.of(result("us", 100, 5)));

        ComparisonReport report = report(results);

        assertThat(report.json().toString()).contains("\"cpuRatio\":null");
        assertThat(report.table()).contains("1.00       -").doesNotContain("NaN");
    }

    @Test
    void shouldTakeTheMeanOfTheTwoInTheMiddle() {
        assertThat(
                        ComparisonReport.median(
                                List.of(
                                        result("", 4, 0),
                                        result("", 1, 0),
                                        result("", 2, 0),
                                        result("", 9, 0)),
                                IoResult::iops))
                .isEqualTo(3);
    }

    private ComparisonReport report(Map<String, List<IoResult>> results) throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[4096]);
        IoSettings settings =
                new IoSettings(
                        new IoShape(IoPattern.READ, 4096, 1, 1, false, WriteDurability.NONE, 1),
                        file,
                        null,
                        folder,
                        false,
                        Engine.AUTO,
                        false,
                        1,
                        true,
                        3,
                        true);
        PrintWriter writer = new PrintWriter(new StringWriter());
        return new ComparisonReport(
                settings, MeasuredFile.of(settings, new Console(writer, writer, 0)), results);
    }

    private static IoResult result(String subject, double iops, double cpuNanosPerIo) {
        IoLatency latency = IoLatency.of(_ -> 1L, 4);
        return new IoResult(subject, iops, iops * 4096, latency, cpuNanosPerIo, 1, null);
    }
}
