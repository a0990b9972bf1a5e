package dev.quire.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quire.bench.report.Xml;
import dev.quire.bench.trace.Trace;
import dev.quire.bench.trace.TraceFormat;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

final class ReplayReportTest {
    private static final Trace A = Trace.of("a<b>&\"c\"", LongStream.range(0, 1000).toArray());
    private static final Trace B =
            Trace.of("b", LongStream.range(0, 1000).map(i -> i % 100).toArray());

    private static final ReplayTable TABLE =
            new ReplayTable(
                    List.of(
                            result(A, "cache", false, 128, 500),
                            result(A, "strict-lru", true, 128, 0),
                            result(A, "caffeine", true, 128, 600),
                            result(A, "cache", false, 64, 500),
                            result(A, "strict-lru", true, 64, 500),
                            result(A, "caffeine", true, 64, 0),
                            result(B, "cache", false, 64, 900),
                            result(B, "strict-lru", true, 64, 800),
                            result(B, "caffeine", true, 64, 900)));

    private static final ReplayOptions OPTIONS =
            new ReplayOptions(
                    List.of(Path.of("a")),
                    TraceFormat.AUTO,
                    List.of(FrameCount.parse("64")),
                    List.of(CachePolicy.RTQ),
                    1,
                    true,
                    null,
                    false);

    @Test
    void shouldCompareMissesOverAllCells() {
        // 500 / 400, 500 / 1000, 100 / 100.
        assertThat(TABLE.missRatio("cache", "caffeine"))
                .isCloseTo(Math.cbrt(1.25 * 0.5 * 1), within(1e-12));
        // 1 - 500 / 1000, 1 - 500 / 500, 1 - 100 / 200.
        assertThat(TABLE.missReduction("cache", "strict-lru")).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(TABLE.missReduction("strict-lru", "strict-lru")).isZero();
        assertThat(TABLE.missRatio("cache", "belady")).isNull();
        assertThat(TABLE.missReduction("none", "cache")).isNull();
    }

    @Test
    void shouldPrintARowASizeAndAColumnAPolicy() {
        List<String> lines = new TextReport(TABLE, 1).table().lines().toList();

        assertThat(lines)
                .containsExactly(
                        "a<b>&\"c\": 1.00k accesses to 1.00k pages, best possible hit ratio 0.00 %",
                        "   frames     cache  strict-lru  caffeine",
                        "       64   50.00 %     50.00 %    0.00 %",
                        "      128   50.00 %      0.00 %   60.00 %",
                        "",
                        "b: 1.00k accesses to 100 pages, best possible hit ratio 90.00 %",
                        "   frames     cache  strict-lru  caffeine",
                        "       64   90.00 %     80.00 %   90.00 %",
                        "",
                        "misses over those of caffeine, geometric mean of 3 cells: cache 0.8550,"
                                + " strict-lru 1.3572, caffeine 1.0000",
                        "fewer misses than strict-lru, mean of 3 cells: cache 33.33 %, strict-lru"
                                + " 0.00 %, caffeine 3.33 %");
    }

    @Test
    void shouldPrintNoComparisonWithoutAnythingToCompareWith() {
        ReplayTable alone = new ReplayTable(List.of(result(B, "cache", false, 64, 900)));

        assertThat(new TextReport(alone, 4).table().lines())
                .hasSize(3)
                .first()
                .asString()
                .endsWith(", 4 threads");
    }

    @Test
    void shouldShowTheCommandAndAChartATrace() {
        String html = new HtmlReport(TABLE, OPTIONS).page("./quire replay 'a<b>.txt' --compare");

        Element page = Xml.parse(html);
        assertThat(Xml.texts(page, "code")).containsExactly("./quire replay 'a<b>.txt' --compare");
        assertThat(Xml.texts(page, "figcaption"))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("a<b>&\"c\"")
                .endsWith("1.00k accesses to 1.00k pages, best possible hit ratio 0.00 %");
        assertThat(Xml.texts(page, "li")).containsExactly("cache", "strict-lru", "caffeine");
        assertThat(html).doesNotContain("a<b>", "NaN");
    }

    @Test
    void shouldDrawALineAPolicy() {
        Element page = Xml.parse(new HtmlReport(TABLE, OPTIONS).page(""));
        Element chart = Xml.all(page, "figure").getFirst();

        assertThat(Xml.all(chart, "polyline").stream().map(line -> line.getAttribute("class")))
                .hasSize(3)
                .containsOnlyOnce("s0 own");
        assertThat(Xml.texts(chart, "title"))
                .contains("cache, frames 64: 50 %", "caffeine, frames 128: 60 %");
        // Every ratio lies on a grid of round percents.
        assertThat(Xml.texts(chart, "text")).contains("hit ratio", "0 %", "60 %", "64", "128");
    }

    @Test
    void shouldShowEveryResultInTheTableOfThePage() {
        Element page = Xml.parse(new HtmlReport(TABLE, OPTIONS).page(""));

        assertThat(Xml.all(page, "tr")).hasSize(1 + 3);
        assertThat(Xml.texts(page, "td"))
                .containsExactly(
                        "64", "50.00", "50.00", "0.00", "128", "50.00", "0.00", "60.00", "64",
                        "90.00", "80.00", "90.00");
    }

    private static ReplayResult result(
            Trace trace, String policy, boolean reference, int frames, long hits) {
        return new ReplayResult(trace, policy, reference, frames, 1, hits, 0.5);
    }
}
