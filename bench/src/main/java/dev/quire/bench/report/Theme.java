package dev.quire.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * The colors by day and by night.
 *
 * <p>The lines' colors were searched for: any two differ for people without red, green or blue
 * cones as well as for all others, and each stands out from its background. The test computes both.
 */
enum Theme {
    /** Dark on white. */
    LIGHT(
            "#ffffff",
            "#1c1e21",
            "#565d66",
            "#e2e5e9",
            "#b9cdf2",
            "#0a2e73",
            "#0365f1 #e2731a #8a929c #184238 #c612b3 #635610 #14656f #1c1e21"),

    /** Light on nearly black. */
    DARK(
            "#14171a",
            "#e7e9ec",
            "#a2a9b3",
            "#30363d",
            "#1f3f70",
            "#cfe4ff",
            "#3f8bf9 #d85f2e #7a828c #29f993 #9f33b6 #dba615 #1ac3dc #eef0f2");

    /** How many colors lines have; more lines take them again with other dashes. */
    static final int COLORS = 8;

    /** How many colors cells of a heat map have: 0 for nothing, then from few to many. */
    static final int HEATS = 8;

    private static final String[] DASHES = {
        "none", "6 2", "2 3", "8 3 2 3", "4 2", "10 3", "1 2", "none"
    };

    private final String background;
    private final String ink;
    private final String dim;
    private final String grid;
    private final String cold;
    private final String hot;
    private final String lines;

    Theme(
            String background,
            String ink,
            String dim,
            String grid,
            String cold,
            String hot,
            String lines) {
        this.background = background;
        this.ink = ink;
        this.dim = dim;
        this.grid = grid;
        this.cold = cold;
        this.hot = hot;
        this.lines = lines;
    }

    String background() {
        return background;
    }

    List<String> lines() {
        return List.of(lines.split(" ", -1));
    }

    /** The style sheet of charts, by day and by night. */
    static String chartStyle() {
        StringBuilder css = new StringBuilder();
        css.append("svg text { font: 13px system-ui, 'Segoe UI', Roboto, sans-serif; }\n");
        css.append("svg text.strong { font-weight: 600; }\n");
        css.append("polyline, path { fill: none; }\n");
        css.append("polyline, line.mark { stroke-width: 1.6; } .own { stroke-width: 2.6; }\n");
        for (int slot = 0; slot < Palette.SLOTS; slot++) {
            // The second round of colors begins with another dash.
            String dash = DASHES[(slot + slot / COLORS * 3) % DASHES.length];
            css.append(
                    String.format(
                            Locale.ROOT, "polyline.s%d { stroke-dasharray: %s; }%n", slot, dash));
        }
        css.append(LIGHT.colors());
        return css.append(DARK.onlyHere(DARK.colors())).toString();
    }

    /** The style sheet of the page around the charts. */
    static String pageStyle() {
        return LIGHT.surroundings() + DARK.onlyHere(DARK.surroundings());
    }

    private String onlyHere(String css) {
        return "@media (prefers-color-scheme: dark) {\n" + css + "}\n";
    }

    private String surroundings() {
        return String.format(
                Locale.ROOT,
                """
                body { background: %s; color: %s; }
                p, li, caption, .note { color: %s; } code, .ink { color: %s; }
                thead th { border-bottom: 1px solid %s; }
                tbody tr:first-child > * { border-top: 1px solid %s; }
                """,
                background,
                ink,
                dim,
                ink,
                dim,
                grid);
    }

    private String colors() {
        StringBuilder css = new StringBuilder();
        css.append(
                String.format(
                        Locale.ROOT,
                        "svg text { fill: %s; } svg text.strong { fill: %s; } .grid { stroke: %s; }"
                            + " .axis { stroke: %s; } .whisker { stroke: %s; } .halo { stroke: %s;"
                            + " stroke-width: 3; } .back { fill: %s; stroke: %s; }%n",
                        dim,
                        ink,
                        grid,
                        dim,
                        ink,
                        background,
                        background,
                        grid));
        for (int slot = 0; slot < Palette.SLOTS; slot++) {
            css.append(
                    String.format(
                            Locale.ROOT,
                            "polyline.s%1$d, line.s%1$d { stroke: %2$s; } circle.s%1$d, rect.s%1$d"
                                    + " { fill: %2$s; }%n",
                            slot,
                            lines().get(slot % COLORS)));
        }
        css.append(String.format(Locale.ROOT, "rect.h0 { fill: %s; }%n", blend(background, grid)));
        for (int heat = 1; heat < HEATS; heat++) {
            css.append(
                    String.format(
                            Locale.ROOT,
                            "rect.h%d { fill: %s; }%n",
                            heat,
                            blend(cold, hot, (heat - 1.0) / (HEATS - 2))));
        }
        return css.toString();
    }

    private static String blend(String from, String to) {
        return blend(from, to, 0.5);
    }

    private static String blend(String from, String to, double part) {
        StringBuilder color = new StringBuilder("#");
        for (int at = 1; at < from.length(); at += 2) {
            int low = Integer.parseInt(from, at, at + 2, 16);
            int high = Integer.parseInt(to, at, at + 2, 16);
            color.append(String.format(Locale.ROOT, "%02x", Math.round(low + part * (high - low))));
        }
        return color.toString();
    }
}
