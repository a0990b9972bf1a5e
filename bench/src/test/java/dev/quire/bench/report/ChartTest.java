package dev.quire.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.bench.console.Units;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

final class ChartTest {
    private static final String EVIL = "a<b>&\"c\"'\u0001\ud800";
    private static final String EVIL_AS_SEEN = "a<b>&\"c\"'\ufffd\ufffd";

    @Test
    void shouldDrawALineASubjectOnThePaper() {
        LineChart chart =
                new LineChart(
                        "scaling",
                        "",
                        Axis.counts("threads"),
                        Axis.fromZero("throughput, ops/s", Units::rate),
                        List.of(
                                series("quire", 1, 5e6, 2, 9e6, 4, 17e6),
                                series("mmap", 1, 2e6, 2, 2e6, 4, 1e6)));
        Element svg = draw(chart);

        List<Element> lines = Xml.all(svg, "polyline");
        assertThat(lines).hasSize(2);
        for (Element line : lines) {
            Matcher point =
                    Pattern.compile("([-\\d.]+),([-\\d.]+)").matcher(line.getAttribute("points"));
            assertThat(point.results())
                    .hasSize(3)
                    .allSatisfy(
                            at -> {
                                assertThat(Double.parseDouble(at.group(1))).isBetween(20.0, 360.0);
                                assertThat(Double.parseDouble(at.group(2))).isBetween(20.0, 210.0);
                            });
        }
        // The first one lies above the others: it is drawn last.
        assertThat(lines.getLast().getAttribute("class")).isEqualTo("s0 own");
        assertThat(Xml.texts(svg, "text"))
                .contains("throughput, ops/s", "threads", "1", "2", "4", "0", "5M", "20M");
        assertThat(Xml.texts(svg, "title")).contains("quire, threads 4: 17.0M");
        assertThat(chart.legend()).containsExactly("quire", "mmap");
    }

    @Test
    void shouldLeaveAGapWhereAFigureIsNotKnown() {
        Element svg =
                draw(
                        line(
                                Axis.seconds(),
                                Axis.linear("dirty pages", Units::rate),
                                series("quire", 0, 5, 1, 6, 2, Double.NaN, 3, 7, 4, 8)));

        assertThat(Xml.all(svg, "polyline")).hasSize(2);
        assertThat(Xml.all(svg, "circle")).hasSize(4);
    }

    @Test
    void shouldDrawErrorsOfPoints() {
        LineChart chart =
                line(
                        Axis.counts("threads"),
                        Axis.fromZero("ns/op", Axis::plain),
                        new Series("quire", List.of(new Point(1, 20, 5), new Point(2, 20))));
        Element svg = draw(chart);

        assertThat(Xml.texts(svg, "title")).contains("quire, threads 1: 20 \u00b1 5");
        assertThat(
                        Xml.all(svg, "line").stream()
                                .filter(l -> l.getAttribute("class").contains("mark")))
                .hasSize(1);
    }

    @Test
    void shouldDrawNothingOrOneFigure() {
        Series none = new Series("quire", List.of());
        Series zero = series("quire", 0, 0);
        for (Series series : List.of(none, zero, series("quire", 7, 7))) {
            for (Axis.Kind kind : Axis.Kind.values()) {
                Axis axis = new Axis("axis", kind, Axis::plain);
                LineChart chart = line(axis, axis, series);
                assertThat(svg(chart)).doesNotContain("NaN", "Infinity");
                assertThat(Xml.texts(draw(chart), "text")).contains("axis");
            }
        }
    }

    @Test
    void shouldSayHowManyTimesMoreThanTheBase() {
        BarChart chart =
                new BarChart(
                        "allocate and put",
                        "",
                        "ns/op, less is better",
                        value -> Axis.plain(value) + " ns",
                        "quire",
                        List.of(
                                new BarGroup(
                                        "order 0",
                                        List.of(
                                                new Bar("quire", 10, 0.5),
                                                new Bar("malloc", 28, 2),
                                                new Bar("netty-pooled", Double.NaN, 0))),
                                new BarGroup("order 9", List.of(new Bar("malloc", 5, 0)))));
        Element svg = draw(chart);

        assertThat(Xml.texts(svg, "text"))
                .containsExactly(
                        "ns/op, less is better; \u00d7 of quire",
                        "order 0",
                        "quire",
                        "10 ns \u00b1 0.5 ns",
                        "malloc",
                        "28 ns \u00b1 2 ns \u00b7 2.80\u00d7",
                        "netty-pooled",
                        "not measured",
                        "order 9",
                        "malloc",
                        "5 ns");
        List<Element> bars = Xml.all(svg, "rect");
        assertThat(bars).hasSize(3);
        double unit = width(bars.getFirst()) / 10;
        assertThat(width(bars.get(1)) / unit).isBetween(27.8, 28.2);
        assertThat(width(bars.get(2)) / unit).isBetween(4.9, 5.1);
        assertThat(chart.legend()).isEmpty();
        assertThat(chart.height()).isGreaterThan(4 * 33 + 2 * 24);
    }

    @Test
    void shouldColorCellsByHowMuchTheyHold() {
        HeatMap map =
                new HeatMap(
                        "free blocks",
                        "",
                        "order",
                        List.of("0", "1"),
                        Axis.seconds(),
                        List.of(0.0, 1.0, 2.0),
                        Axis.log("free frames", Units::rate),
                        List.of(List.of(0.0, 1.0, 1000.0), List.of(7.0, 7.0, 7.0)));
        Element svg = draw(map);

        List<Element> cells =
                Xml.all(svg, "rect").stream()
                        .filter(rect -> rect.getElementsByTagName("title").getLength() > 0)
                        .toList();
        assertThat(cells.stream().map(cell -> cell.getAttribute("class")))
                .hasSize(4)
                .startsWith("h0", "h1", "h7");
        assertThat(Xml.texts(svg, "title"))
                .containsExactly(
                        "0, time 0: 0", "0, time 1: 1", "0, time 2: 1.00k", "1, time 0: 7");
        assertThat(Xml.texts(svg, "text"))
                .contains("order", "time, s", "free frames", "0", "1", "1k");
    }

    @Test
    void shouldRefuseCellsThatDoNotFit() {
        Axis axis = Axis.seconds();
        assertThatThrownBy(
                        () ->
                                new HeatMap(
                                        "",
                                        "",
                                        "",
                                        List.of("0"),
                                        axis,
                                        List.of(0.0, 1.0),
                                        axis,
                                        List.of(List.of(1.0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 cells");
    }

    @Test
    void shouldBeAPictureOfItsOwn() {
        LineChart chart =
                new LineChart(
                        EVIL,
                        EVIL,
                        new Axis(EVIL, Axis.Kind.LINEAR, _ -> EVIL),
                        new Axis(EVIL, Axis.Kind.LINEAR, _ -> EVIL),
                        List.of(series(EVIL, 1, 2, 3, 4), series("mmap", 1, 2, 3, 5)));

        String picture = SvgPicture.of(chart, Palette.of(List.of(), chart.legend()));

        Element svg = Xml.parse(picture);
        assertThat(svg.getTagName()).isEqualTo("svg");
        assertThat(svg.getAttribute("xmlns")).isEqualTo("http://www.w3.org/2000/svg");
        assertThat(Xml.texts(svg, "title")).startsWith(EVIL_AS_SEEN);
        assertThat(Xml.texts(svg, "text")).startsWith(EVIL_AS_SEEN).contains("mmap");
        assertThat(Xml.texts(svg, "style").getFirst())
                .contains("prefers-color-scheme: dark", ".back");
        assertThat(picture.replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("http", "url(", "<script", "@import");
    }

    private static LineChart line(Axis x, Axis y, Series series) {
        return new LineChart("title", "", x, y, List.of(series));
    }

    private static Series series(String subject, double... figures) {
        List<Point> points =
                java.util.stream.IntStream.range(0, figures.length / 2)
                        .mapToObj(i -> new Point(figures[2 * i], figures[2 * i + 1]))
                        .toList();
        return new Series(subject, points);
    }

    private static double width(Element rect) {
        return Double.parseDouble(rect.getAttribute("width"));
    }

    private static Element draw(Chart chart) {
        return Xml.parse(svg(chart));
    }

    private static String svg(Chart chart) {
        Markup svg = new Markup().open("svg");
        chart.draw(svg, Palette.of(List.of("quire"), List.of("mmap", "malloc", "netty-pooled")));
        return svg.close().toString();
    }
}
