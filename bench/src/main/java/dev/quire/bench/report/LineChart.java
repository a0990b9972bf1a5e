package dev.quire.bench.report;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Lines over an axis: a hit ratio over sizes, throughput over threads or time, latency over
 * percentiles.
 *
 * @param title what it shows
 * @param note what else is to be known of it, or empty
 * @param x the axis below
 * @param y the axis at the left
 * @param series a line a subject; the first one lies above the others
 */
public record LineChart(String title, String note, Axis x, Axis y, List<Series> series)
        implements Chart {
    private static final int HEIGHT = 250;
    private static final int TOP = 26;
    private static final int BOTTOM = 40;
    private static final int RIGHT = 12;
    private static final int GAP = 6;
    private static final int MARKS_Y = 7;
    private static final int MARKS_X = 8;

    /** More points than this are a curve. */
    private static final int DOTS_MAX = 24;

    /** Copies the series. */
    public LineChart {
        series = List.copyOf(series);
    }

    @Override
    public List<String> legend() {
        return series.size() > 1 ? series.stream().map(Series::subject).toList() : List.of();
    }

    @Override
    public int height() {
        return HEIGHT;
    }

    @Override
    public void draw(Markup svg, Palette palette) {
        Scale vertical = new Scale(y.kind(), heights(), HEIGHT - BOTTOM, TOP, MARKS_Y);
        double left =
                GAP
                        + vertical.marks().stream()
                                .mapToDouble(mark -> TextWidth.of(y.mark(mark)))
                                .max()
                                .orElse(0);
        Scale horizontal =
                new Scale(
                        x.kind(),
                        values(Point::x).toArray(),
                        left,
                        (double) WIDTH - RIGHT,
                        MARKS_X);
        drawHeights(svg, vertical, left);
        drawPlaces(svg, horizontal, left);
        // Backwards: the first one lies above the others.
        for (Series one : series.reversed()) {
            drawSeries(svg, one, palette, horizontal, vertical);
        }
    }

    private DoubleStream values(ToDoubleFunction<Point> value) {
        return points().mapToDouble(value);
    }

    private Stream<Point> points() {
        return series.stream().flatMap(one -> one.points().stream());
    }

    /** The errors have to be on the paper, too. */
    private double[] heights() {
        return points().flatMapToDouble(p -> DoubleStream.of(p.y(), p.y() + p.error())).toArray();
    }

    private void drawHeights(Markup svg, Scale scale, double left) {
        svg.element("text", y.label(), "x", 0, "y", 13);
        for (double mark : scale.marks()) {
            double at = scale.at(mark);
            svg.empty("line", "class", "grid", "x1", left, "y1", at, "x2", WIDTH - RIGHT, "y2", at);
            svg.element("text", y.mark(mark), "text-anchor", "end", "x", left - GAP, "y", at + 4);
        }
    }

    private void drawPlaces(Markup svg, Scale scale, double left) {
        int bottom = HEIGHT - BOTTOM;
        double free = Double.POSITIVE_INFINITY;
        // The greatest always has its label; others where there is room.
        for (double mark : scale.marks().reversed()) {
            double at = scale.at(mark);
            svg.empty("line", "class", "grid", "x1", at, "y1", TOP, "x2", at, "y2", bottom);
            String label = x.mark(mark);
            double half = TextWidth.of(label) / 2;
            double middle = Math.min(at, WIDTH - half);
            if (middle + half <= free && middle - half >= 0) {
                free = middle - half - GAP;
                svg.element("text", label, "text-anchor", "middle", "x", middle, "y", bottom + 16);
            }
        }
        svg.element(
                "text",
                x.label(),
                "text-anchor",
                "middle",
                "x",
                (left + WIDTH - RIGHT) / 2,
                "y",
                HEIGHT - 6);
    }

    private void drawSeries(
            Markup svg, Series one, Palette palette, Scale horizontal, Scale vertical) {
        StringBuilder points = new StringBuilder();
        for (Point point : one.points()) {
            if (horizontal.shows(point.x()) && vertical.shows(point.y())) {
                points.append(points.isEmpty() ? "" : " ")
                        .append(Markup.number(horizontal.at(point.x())))
                        .append(',')
                        .append(Markup.number(vertical.at(point.y())));
            } else {
                drawLine(svg, one, palette, points); // a gap: what is not known is not drawn
            }
        }
        drawLine(svg, one, palette, points);
        if (one.points().size() <= DOTS_MAX) {
            one.points().stream()
                    .filter(point -> horizontal.shows(point.x()) && vertical.shows(point.y()))
                    .forEach(point -> drawDot(svg, one, point, palette, horizontal, vertical));
        }
    }

    private static void drawLine(Markup svg, Series one, Palette palette, StringBuilder points) {
        if (points.indexOf(" ") >= 0) { // one point alone is no line
            svg.open("polyline", "class", palette.style(one.subject()), "points", points);
            svg.element("title", one.subject()).close();
        }
        points.setLength(0);
    }

    private void drawDot(
            Markup svg, Series one, Point point, Palette palette, Scale across, Scale up) {
        double at = across.at(point.x());
        if (point.error() > 0) {
            svg.empty(
                    "line",
                    "class",
                    "mark " + palette.style(one.subject()),
                    "x1",
                    at,
                    "x2",
                    at,
                    "y1",
                    up.at(point.y() + point.error()),
                    "y2",
                    up.shows(point.y() - point.error())
                            ? Math.min(up.at(point.y() - point.error()), HEIGHT - BOTTOM)
                            : (double) HEIGHT - BOTTOM);
        }
        svg.open(
                "circle",
                "class",
                palette.style(one.subject()),
                "cx",
                at,
                "cy",
                up.at(point.y()),
                "r",
                palette.isOwn(one.subject()) ? 3.2 : 2.5);
        svg.element("title", tip(one.subject(), point)).close();
    }

    private String tip(String subject, Point point) {
        String text = subject + ", " + x.place(point.x()) + ": " + y.format().apply(point.y());
        return point.error() > 0 ? text + " \u00b1 " + y.format().apply(point.error()) : text;
    }
}
