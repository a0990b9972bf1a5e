package dev.quire.bench.report;

/** The piece of line that a legend shows beside a subject's name. */
final class LegendLine {
    static final int WIDTH = 36;

    private LegendLine() {}

    /** Draws it from a point to the right. */
    static void draw(Markup svg, Palette palette, String subject, double x, double y) {
        String style = palette.style(subject);
        String points = Markup.number(x) + "," + y + " " + Markup.number(x + WIDTH) + "," + y;
        svg.empty("polyline", "class", style, "points", points);
        svg.empty("circle", "class", style, "cx", x + WIDTH / 2.0, "cy", y, "r", 3);
    }
}
