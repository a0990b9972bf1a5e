package dev.quire.bench.report;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

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
        java.util.function.DoubleFunction<String> format,
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
        svg.empty(
                "line",
                "class",
                "axis",
                "x1",
                0.5,
                "x2",
                0.5,
                "y1",
                row - ROW * group.bars().size() + 16,
                "y2",
                row - 4);
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

    private static void drawError(Markup svg, Bar bar, double middle, Scale scale) {
        double low = scale.at(Math.max(0, bar.value() - bar.error()));
        double high = scale.at(bar.value() + bar.error());
        svg.empty("line", "class", "whisker", "x1", low, "x2", high, "y1", middle, "y2", middle);
        for (double end : new double[] {low, high}) {
            svg.empty(
                    "line",
                    "class",
                    "whisker",
                    "x1",
                    end,
                    "x2",
                    end,
                    "y1",
                    middle - BAR / 2.0,
                    "y2",
                    middle + BAR / 2.0);
        }
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
        int digits = ratio >= 99.95 ? 0 : ratio >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", ratio);
    }

    private static int height(BarGroup group) {
        return (group.name().isEmpty() ? 0 : NAME) + group.bars().size() * ROW + GROUP_GAP;
    }
}
