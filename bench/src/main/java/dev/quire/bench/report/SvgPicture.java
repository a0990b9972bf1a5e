package dev.quire.bench.report;

import java.util.List;

/**
 * A chart as a picture that stands alone: with its title, its legend, its colors by day and by
 * night and a background of its own, so that it can be read on whatever page shows it.
 */
public final class SvgPicture {
    private static final int MARGIN = 14;
    private static final int TITLE = 26;
    private static final int NOTE = 18;
    private static final int LEGEND_ROW = 20;
    private static final int LEGEND_GAP = 14;

    private final Chart chart;
    private final Palette palette;

    private SvgPicture(Chart chart, Palette palette) {
        this.chart = chart;
        this.palette = palette;
    }

    /**
     * Draws a picture.
     *
     * @param chart what it shows
     * @param palette with its subjects
     * @return the text of an SVG file
     */
    public static String of(Chart chart, Palette palette) {
        return new SvgPicture(chart, palette).draw();
    }

    private String draw() {
        Markup svg = new Markup();
        Markup legend = new Markup();
        int legendHeight = drawLegend(legend, chart.legend());
        List<String> note =
                chart.note().isEmpty() ? List.of() : TextWidth.lines(chart.note(), Chart.WIDTH);
        int above = MARGIN + TITLE + legendHeight + note.size() * NOTE;
        int width = Chart.WIDTH + 2 * MARGIN;
        int height = above + chart.height() + MARGIN;
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "width",
                width,
                "height",
                height,
                "viewBox",
                "0 0 " + width + " " + height,
                "role",
                "img",
                "aria-label",
                chart.title());
        svg.element("title", chart.title());
        svg.style(Theme.chartStyle());
        svg.empty(
                "rect",
                "class",
                "back",
                "x",
                0.5,
                "y",
                0.5,
                "width",
                width - 1,
                "height",
                height - 1,
                "rx",
                8);
        svg.element(
                "text",
                TextWidth.fit(chart.title(), Chart.WIDTH),
                "class",
                "strong",
                "x",
                MARGIN,
                "y",
                MARGIN + 13);
        for (int line = 0; line < note.size(); line++) {
            int y = MARGIN + TITLE + 6 + line * NOTE;
            svg.element("text", note.get(line), "x", MARGIN, "y", y);
        }
        svg.open("g", "transform", "translate(" + MARGIN + " " + (above - legendHeight) + ")");
        svg.markup(legend).close();
        svg.open("g", "transform", "translate(" + MARGIN + " " + above + ")");
        chart.draw(svg, palette);
        return svg.close().close().toString();
    }

    /** Draws the legend in as many rows as it needs; tells how high they are. */
    private int drawLegend(Markup svg, List<String> subjects) {
        double x = 0;
        int y = 6;
        for (String subject : subjects) {
            double width = LegendLine.WIDTH + 6 + TextWidth.of(subject);
            if (x > 0 && x + width > Chart.WIDTH) {
                x = 0;
                y += LEGEND_ROW;
            }
            LegendLine.draw(svg, palette, subject, x, y);
            svg.element("text", subject, "x", x + LegendLine.WIDTH + 6, "y", y + 4);
            x += width + LEGEND_GAP;
        }
        return subjects.isEmpty() ? 0 : y + LEGEND_ROW;
    }
}
