package dev.quire.bench.report;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * How much there is of several things over time, in colors: a row a thing.
 *
 * @param title what it shows
 * @param note what else is to be known of it, or empty
 * @param rowLabel what the rows are
 * @param rows names, from above
 * @param x the axis below
 * @param places where each column begins on it; the last one has the width of the one before
 * @param amounts what is shown, with its unit: its colors follow its kind
 * @param cells a row of amounts for each row, as many as there are places; 0 and less is nothing
 */
public record HeatMap(
        String title,
        String note,
        String rowLabel,
        List<String> rows,
        Axis x,
        List<Double> places,
        Axis amounts,
        List<List<Double>> cells)
        implements Chart {
    private static final int TOP = 22;
    private static final int ROW = 17;
    private static final int BELOW = 92;
    private static final int RIGHT = 12;
    private static final int GAP = 6;
    private static final int MARKS = 6;
    private static final int PATCH = 30;

    /** Copies the figures, and checks that they fit each other. */
    public HeatMap {
        rows = List.copyOf(rows);
        places = List.copyOf(places);
        cells = cells.stream().map(List::copyOf).toList();
        if (places.isEmpty() || cells.size() != rows.size()) {
            throw new IllegalArgumentException(
                    "a row of cells for each row, and a place: rows="
                            + rows
                            + ", places="
                            + places);
        }
        for (List<Double> row : cells) {
            if (row.size() != places.size()) {
                throw new IllegalArgumentException(
                        "a row must have " + places.size() + " cells: row=" + row);
            }
        }
    }

    @Override
    public List<String> legend() {
        return List.of();
    }

    @Override
    public int height() {
        return TOP + rows.size() * ROW + BELOW;
    }

    @Override
    public void draw(Markup svg, Palette palette) {
        double left = GAP + rows.stream().mapToDouble(TextWidth::of).max().orElse(0);
        int bottom = TOP + rows.size() * ROW;
        Scale across = across(left);
        Scale heat = heat();
        svg.element("text", rowLabel, "x", 0, "y", 13);
        for (int row = 0; row < rows.size(); row++) {
            int top = TOP + row * ROW;
            svg.element(
                    "text",
                    rows.get(row),
                    "text-anchor",
                    "end",
                    "x",
                    left - GAP,
                    "y",
                    top + ROW - 4);
            drawRow(svg, row, top, across, heat);
        }
        double free = Double.NEGATIVE_INFINITY;
        for (double mark : across.marks()) {
            String label = x.mark(mark);
            double at = across.at(mark);
            double half = TextWidth.of(label) / 2;
            double middle = Math.min(at, WIDTH - half);
            if (at <= WIDTH - RIGHT && middle - half >= free) {
                free = middle + half + GAP;
                svg.empty(
                        "line",
                        "class",
                        "axis",
                        "x1",
                        at,
                        "x2",
                        at,
                        "y1",
                        bottom,
                        "y2",
                        bottom + 4);
                svg.element("text", label, "text-anchor", "middle", "x", middle, "y", bottom + 17);
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
                bottom + 33);
        drawKey(svg, bottom + 42, heat);
    }

    private Scale across(double left) {
        double[] shown = DoubleStream.concat(all(places), DoubleStream.of(end())).toArray();
        return new Scale(x.kind(), shown, left, (double) WIDTH - RIGHT, MARKS);
    }

    private double end() {
        int last = places.size() - 1;
        double width = last == 0 ? 1 : places.get(last) - places.get(last - 1);
        return places.get(last) + width;
    }

    private Scale heat() {
        double[] amount =
                cells.stream().flatMapToDouble(HeatMap::all).filter(one -> one > 0).toArray();
        return new Scale(amounts.kind(), amount, 1, Theme.HEATS, MARKS);
    }

    private static DoubleStream all(List<Double> values) {
        return values.stream().mapToDouble(value -> value);
    }

    /** Neighbors of one color are one rectangle: fewer of them, and no seams. */
    private void drawRow(Markup svg, int row, int top, Scale across, Scale heat) {
        int column = 0;
        while (column < places.size()) {
            int color = color(cells.get(row).get(column), heat);
            int next = column + 1;
            while (next < places.size() && color(cells.get(row).get(next), heat) == color) {
                next++;
            }
            double from = across.at(places.get(column));
            double to = across.at(next < places.size() ? places.get(next) : end());
            svg.open(
                    "rect",
                    "class",
                    "h" + color,
                    "x",
                    from,
                    "y",
                    top,
                    "width",
                    to - from,
                    "height",
                    ROW - 1);
            svg.element("title", tip(row, column, next)).close();
            column = next;
        }
    }

    private String tip(int row, int column, int next) {
        List<Double> amount = cells.get(row).subList(column, next);
        String low = amounts.format().apply(all(amount).min().orElse(0));
        String high = amounts.format().apply(all(amount).max().orElse(0));
        return rows.get(row)
                + ", "
                + x.place(places.get(column))
                + ": "
                + (low.equals(high) ? low : low + " to " + high);
    }

    private static int color(double amount, Scale heat) {
        return amount > 0 ? Math.clamp((long) heat.at(amount), 1, Theme.HEATS - 1) : 0;
    }

    private void drawKey(Markup svg, int top, Scale heat) {
        svg.element("text", amounts.label(), "x", 0, "y", top + 13);
        for (int color = 0; color < Theme.HEATS; color++) {
            svg.empty(
                    "rect",
                    "class",
                    "h" + color,
                    "x",
                    color * (PATCH + 1),
                    "y",
                    top + 19,
                    "width",
                    PATCH,
                    "height",
                    12);
        }
        svg.element("text", "0", "text-anchor", "middle", "x", PATCH / 2, "y", top + 46);
        double free = PATCH / 2.0 + 10;
        for (double mark : heat.marks()) {
            String label = amounts.mark(mark);
            double middle = heat.at(mark) * (PATCH + 1);
            double half = TextWidth.of(label) / 2;
            if (middle - half >= free && heat.at(mark) >= 1 && heat.at(mark) <= Theme.HEATS) {
                free = middle + half + GAP;
                svg.element("text", label, "text-anchor", "middle", "x", middle, "y", top + 46);
            }
        }
    }
}
