package dev.quire.bench.report;

import java.util.List;

/** A drawing of figures, {@value #WIDTH} units wide. */
public sealed interface Chart permits LineChart, BarChart, HeatMap {
    /** As wide as what a phone shows: text of 13 units has 13 pixels there. */
    int WIDTH = 360;

    /**
     * What it shows, in a few words.
     *
     * @return a heading
     */
    String title();

    /**
     * What else is to be known of it.
     *
     * @return a line or two, or an empty text
     */
    String note();

    /**
     * Which subjects only a legend can name.
     *
     * @return in the order of the legend; empty when the drawing names them itself, or there is one
     */
    List<String> legend();

    /**
     * How high the drawing is.
     *
     * @return in units
     */
    int height();

    /**
     * Draws it, from (0, 0) to (width, height).
     *
     * @param svg inside an {@code svg} element
     * @param palette with all subjects
     */
    void draw(Markup svg, Palette palette);
}
