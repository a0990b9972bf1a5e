package dev.quire.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quire.bench.trace.Trace;
import dev.quire.bench.trace.TraceFormat;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import javax.xml.parsers.DocumentBuilderFactory;

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
    void shouldBeOneWellFormedPageThatAsksForNothing() throws Exception {
        String page = new HtmlReport(TABLE, options("./quire replay 'a<b>.txt' --compare")).page();

        assertThat(page)
                .startsWith("<!DOCTYPE html>")
                .contains("prefers-color-scheme: dark")
                .contains("name=\"viewport\"")
                .contains("./quire replay &#39;a&lt;b&gt;.txt&#39; --compare")
                .contains("a&lt;b&gt;&amp;&quot;c&quot;")
                .doesNotContain("a<b>", "http:", "https:", "<script", "<link", "@import", "url(");
        assertThat(page).contains("Java " + Runtime.version());
        assertThat(parse(page).getElementsByTagName("section").getLength()).isEqualTo(2);
    }

    @Test
    void shouldDrawALineAPolicyInsideTheDrawing() throws Exception {
        Document page = parse(new HtmlReport(TABLE, options("")).page());
        Element chart =
                (Element)
                        ((Element) page.getElementsByTagName("section").item(0))
                                .getElementsByTagName("svg")
                                .item(0);

        NodeList lines = chart.getElementsByTagName("polyline");
        assertThat(lines.getLength()).isEqualTo(3);
        for (int i = 0; i < lines.getLength(); i++) {
            Matcher point =
                    Pattern.compile("([-\\d.]+),([-\\d.]+)")
                            .matcher(((Element) lines.item(i)).getAttribute("points"));
            int points = 0;
            double before = 0;
            while (point.find()) {
                double x = Double.parseDouble(point.group(1));
                assertThat(x).isBetween(42.0, 346.0).isGreaterThan(before);
                assertThat(Double.parseDouble(point.group(2))).isBetween(8.0, 214.0);
                before = x;
                points++;
            }
            assertThat(points).isEqualTo(2);
        }
        assertThat(texts(chart, "title"))
                .contains("cache, 64 frames: 50.00 %", "caffeine, 128 frames: 60.00 %");
        // Every ratio lies on a grid of round percents.
        assertThat(texts(chart, "text")).contains("0 %", "60 %", "64", "128");
    }

    @Test
    void shouldShowEveryResultInTheTableOfThePage() throws Exception {
        Document page = parse(new HtmlReport(TABLE, options("")).page());

        assertThat(page.getElementsByTagName("tr").getLength()).isEqualTo(1 + 3);
        assertThat(texts(page.getDocumentElement(), "td"))
                .containsExactly(
                        "64", "50.00", "50.00", "0.00", "128", "50.00", "0.00", "60.00", "64",
                        "90.00", "80.00", "90.00");
        assertThat(texts(page.getDocumentElement(), "li").stream().map(String::strip))
                .containsExactly("cache (page cache)", "strict-lru", "caffeine");
    }

    @Test
    void shouldDrawASingleSizeAndEqualRatios() throws Exception {
        ReplayTable single =
                new ReplayTable(
                        List.of(
                                result(B, "cache", false, 64, 1000 - 100),
                                result(B, "caffeine", true, 64, 1000 - 100)));

        String page = new HtmlReport(single, options("")).page();

        assertThat(page).doesNotContain("NaN", "Infinity");
        assertThat(parse(page).getElementsByTagName("circle").getLength()).isEqualTo(2 + 2);
    }

    private static ReplayResult result(
            Trace trace, String policy, boolean reference, int frames, long hits) {
        return new ReplayResult(trace, policy, reference, frames, 1, hits, 0.5);
    }

    private static ReplayOptions options(String command) {
        return new ReplayOptions(
                List.of(Path.of("a")),
                TraceFormat.AUTO,
                List.of(FrameCount.parse("64")),
                List.of(CachePolicy.RTQ),
                1,
                true,
                null,
                false,
                command);
    }

    private static List<String> texts(Element element, String tag) {
        NodeList nodes = element.getElementsByTagName(tag);
        return new ArrayList<>(
                IntStream.range(0, nodes.getLength())
                        .mapToObj(i -> nodes.item(i).getTextContent())
                        .toList());
    }

    /** As XML, which it is but for what has no end tag in HTML. */
    private static Document parse(String page) throws Exception {
        String xml = page.replace("<!DOCTYPE html>", "").replaceAll("(<meta [^>]*)>", "$1/>");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }
}
