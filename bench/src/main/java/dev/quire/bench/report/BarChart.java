package dev.quire.bench.report;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * Bars with their errors, a row each, in groups: name and figure stand above a bar, so that long
 * ones have room on a phone. All bars begin at 0 and have one scale.
 *
 * @param title what it shows
 * @param note what else is to be known of it, or empty
 * @param unit of the figures, and which ones are good: {@code ns/op, less is better}
 * @param format of a figure, with its unit
 * @param base the subject that the others are divided by, within their group; null for no ratios
 * @param groups from above
 */
public record BarChart(
        String title,
        String note,
        String unit,
        DoubleFunction<String> format,
        @Nullable String base,
        List<BarGroup> groups)
        implements Chart {
    private static final int TOP = 22;
    private static final int NAME = 24;
    private static final int ROW = 33;
    private static final int BAR = 9;
    private static final int GROUP_GAP = 8;
    private static final int RIGHT = 4;

    /** Copies the groups. */
    public BarChart {
        groups = List.copyOf(groups);
    }

    @Override
    public List<String> legend() {
        return List.of();
    }

    @Override
    public int height() {
        return TOP + groups.stream().mapToInt(BarChart::height).sum();
    }

    @Override
    public void draw(Markup svg, Palette palette) {
        double[] values =
                groups.stream()
                        .flatMap(group -> group.bars().stream())
                        .mapToDouble(bar -> bar.value() + bar.error())
                        .toArray();
        Scale scale = new Scale(Axis.Kind.FROM_ZERO, values, 0, WIDTH - RIGHT, 4);
        svg.element("text", base == null ? unit : unit + "; \u00d7 of " + base, "x", 0, "y", 13);
        int top = TOP;
        for (BarGroup group : groups) {
            drawGroup(svg, group, top, palette, scale);
            top += height(group);
        }
    }

    private void drawGroup(Markup svg, BarGroup group, int top, Palette palette, Scale scale) {
        int row = top;
        if (!group.name().isEmpty()) {
            svg.element(
                    "text",
                    TextWidth.fit(group.name(), WIDTH),
                    "class",
                    "strong",
                    "x",
                    0,
                    "y",
                    row + 17);
            row += NAME;
        }
        double baseValue =
                group.bars().stream()
                        .filter(bar -> bar.subject().equals(base))
                        .mapToDouble(Bar::value)
                        .findFirst()
                        .orElse(Double.NaN);
        for (Bar bar : group.bars()) {
            drawBar(svg, bar, figure(bar, baseValue), row, palette, scale);
            row += ROW;
        }
        int first = row - ROW * group.bars().size();
        drawLine(svg, "axis", 0.5, first + 16, 0.5, (double) row - 4);
    }

    private static void drawBar(
            Markup svg, Bar bar, String figure, int row, Palette palette, Scale scale) {
        String name = TextWidth.fit(bar.subject(), WIDTH - TextWidth.of(figure) - 8);
        String weight = palette.isOwn(bar.subject()) ? "strong" : "plain";
        svg.element("text", name, "class", weight, "x", 4, "y", row + 13);
        svg.element(
                "text",
                figure,
                "class",
                weight,
                "text-anchor",
                "end",
                "x",
                WIDTH - RIGHT,
                "y",
                row + 13);
        if (!scale.shows(bar.value())) {
            return;
        }
        svg.open(
                "rect",
                "class",
                palette.style(bar.subject()),
                "x",
                0.0,
                "y",
                row + 18,
                "width",
                Math.max(scale.at(bar.value()), 0.5),
                "height",
                BAR);
        svg.element("title", bar.subject() + ": " + figure).close();
        if (bar.error() > 0) {
            drawError(svg, bar, row + 18 + BAR / 2.0, scale);
        }
    }

    /** Each line twice: with the background around it, it is seen on a bar of any color. */
    private static void drawError(Markup svg, Bar bar, double middle, Scale scale) {
        double low = scale.at(Math.max(0, bar.value() - bar.error()));
        double high = scale.at(bar.value() + bar.error());
        double half = BAR / 2.0;
        for (String style : List.of("halo", "whisker")) {
            drawLine(svg, style, low, middle, high, middle);
            drawLine(svg, style, low, middle - half, low, middle + half);
            drawLine(svg, style, high, middle - half, high, middle + half);
        }
    }

    private static void drawLine(
            Markup svg, String style, double x1, double y1, double x2, double y2) {
        svg.empty("line", "class", style, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
    }

    private String figure(Bar bar, double baseValue) {
        if (Double.isNaN(bar.value())) {
            return "not measured";
        }
        String error = bar.error() > 0 ? " \u00b1 " + format.apply(bar.error()) : "";
        double ratio = bar.value() / baseValue;
        boolean compared = Double.isFinite(ratio) && !bar.subject().equals(base);
        return format.apply(bar.value())
                + error
                + (compared ? String.format(Locale.ROOT, " \u00b7 %s\u00d7", digits(ratio)) : "");
    }

    private static String digits(double ratio) {
        if (ratio < 0.095) {
            return String.format(Locale.ROOT, "%.2g", ratio);
        }
        int digits = ratio >= 99.95 ? 0 : ratio >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", ratio);
    }

    private static int height(BarGroup group) {
        return (group.name().isEmpty() ? 0 : NAME) + group.bars().size() * ROW + GROUP_GAP;
    }
}
