package dev.quire.bench.replay;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * The hit ratios of one trace as an SVG drawing: a line a policy, over the logarithm of the frames.
 * Colors and dashes are those of the page's style sheet: class {@code s0} and so on.
 */
final class HitRatioChart {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 250;
    private static final int LEFT = 42;
    private static final int RIGHT = 14;
    private static final int TOP = 8;
    private static final int BOTTOM = 36;
    private static final int LABEL_WIDTH = 44;
    private static final int[] STEPS = {1, 2, 5, 10, 20, 25};
    private static final int STEPS_MAX = 6;

    private final String trace;
    private final List<ReplayTable.Row> rows;
    private final List<String> policies;
    private final double logMin;
    private final double logMax;
    private final int step;
    private final int percentMin;
    private final int percentMax;

    /**
     * A drawing.
     *
     * @param trace its name
     * @param rows one a size, by size; not empty
     * @param policies the lines, in the order of their classes
     */
    HitRatioChart(String trace, List<ReplayTable.Row> rows, List<String> policies) {
        this.trace = trace;
        this.rows = rows;
        this.policies = policies;
        // A single size stands in the middle.
        double margin = rows.size() == 1 ? 1 : 0;
        logMin = Math.log(rows.getFirst().frames()) - margin;
        logMax = Math.log(rows.getLast().frames()) + margin;
        double lowest = percents().min().orElseThrow();
        double highest = percents().max().orElseThrow();
        step = step(lowest, highest);
        percentMin = (int) Math.floor(lowest / step) * step;
        percentMax = Math.max(percentMin + step, (int) Math.ceil(highest / step) * step);
    }

    private DoubleStream percents() {
        return rows.stream()
                .flatMap(row -> row.byPolicy().values().stream())
                .mapToDouble(result -> 100 * result.hitRatio());
    }

    private static int step(double lowest, double highest) {
        for (int step : STEPS) {
            if (Math.ceil(highest / step) - Math.floor(lowest / step) <= STEPS_MAX) {
                return step;
            }
        }
        return STEPS[STEPS.length - 1];
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                        WIDTH,
                        HEIGHT,
                        Html.escape("hit ratio of " + trace + " over the size of the cache")));
        drawGrid(svg);
        // Backwards: the page cache's own lines lie above the others.
        for (int policy = policies.size() - 1; policy >= 0; policy--) {
            drawLine(svg, policy);
        }
        return svg.append("</svg>\n").toString();
    }

    private void drawGrid(StringBuilder svg) {
        for (int percent = percentMin; percent <= percentMax; percent += step) {
            double y = y(percent);
            line(svg, "grid", LEFT, y, WIDTH - RIGHT, y);
            text(svg, "end", LEFT - 6, y + 4, percent + " %");
        }
        double next = Double.POSITIVE_INFINITY;
        // The largest size always has its label; others where there is room.
        for (ReplayTable.Row row : rows.reversed()) {
            double x = x(row.frames());
            line(svg, "grid", x, TOP, x, HEIGHT - BOTTOM);
            if (next - x >= LABEL_WIDTH) {
                next = x;
                String anchor = x > WIDTH - LABEL_WIDTH ? "end" : "middle";
                double at = anchor.equals("end") ? WIDTH - 2 : x;
                text(svg, anchor, at, HEIGHT - BOTTOM + 16, Integer.toString(row.frames()));
            }
        }
        text(svg, "middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 3, "frames, log scale");
    }

    private void drawLine(StringBuilder svg, int policy) {
        String name = policies.get(policy);
        String points =
                rows.stream()
                        .map(row -> point(x(row.frames()), y(percent(row, name))))
                        .collect(Collectors.joining(" "));
        svg.append(
                String.format(
                        Locale.ROOT, "<polyline class=\"s%d\" points=\"%s\"/>%n", policy, points));
        for (ReplayTable.Row row : rows) {
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<circle class=\"s%d\" cx=\"%.1f\" cy=\"%.1f\""
                                    + " r=\"2.5\"><title>%s</title></circle>%n",
                            policy,
                            x(row.frames()),
                            y(percent(row, name)),
                            Html.escape(
                                    String.format(
                                            Locale.ROOT,
                                            "%s, %d frames: %.2f %%",
                                            name,
                                            row.frames(),
                                            percent(row, name)))));
        }
    }

    private static double percent(ReplayTable.Row row, String policy) {
        return 100 * row.of(policy).hitRatio();
    }

    private double x(int frames) {
        double part = (Math.log(frames) - logMin) / (logMax - logMin);
        return LEFT + part * (WIDTH - LEFT - RIGHT);
    }

    private double y(double percent) {
        double part = (percent - percentMin) / (percentMax - percentMin);
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM);
    }

    private static String point(double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
    }

    private static void line(
            StringBuilder svg, String kind, double x1, double y1, double x2, double y2) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                        kind,
                        x1,
                        y1,
                        x2,
                        y2));
    }

    private static void text(StringBuilder svg, String anchor, double x, double y, String text) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<text text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
                        anchor,
                        x,
                        y,
                        Html.escape(text)));
    }
}
