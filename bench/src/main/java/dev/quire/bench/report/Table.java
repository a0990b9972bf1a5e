package dev.quire.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Figures in rows and columns: the first column names the row, the others are numbers. */
public final class Table {
    private final String caption;
    private final List<String> columns;
    private final List<List<List<String>>> groups = new ArrayList<>();

    /**
     * A table without rows.
     *
     * @param caption what it holds, with units
     * @param columns their headings
     */
    public Table(String caption, List<String> columns) {
        this.caption = caption;
        this.columns = List.copyOf(columns);
    }

    /**
     * Begins rows that belong together; a line parts them from those before.
     *
     * @return this
     */
    public Table group() {
        groups.add(new ArrayList<>());
        return this;
    }

    /**
     * Adds a row.
     *
     * @param cells one a column
     * @return this
     */
    public Table row(List<String> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "a row must have " + columns.size() + " cells: cells=" + cells);
        }
        if (groups.isEmpty()) {
            group();
        }
        groups.getLast().add(List.copyOf(cells));
        return this;
    }

    /** Writes it in a box of its own, inside which it scrolls where it is too wide. */
    void write(Markup html) {
        // Who has no mouse scrolls a box only when it can have the focus.
        html.open("div", "class", "wide", "tabindex", 0, "role", "region", "aria-label", caption);
        html.open("table").element("caption", caption);
        html.open("thead").open("tr");
        columns.forEach(column -> html.element("th", column, "scope", "col"));
        html.close().close();
        for (List<List<String>> rows : groups) {
            html.open("tbody");
            for (List<String> row : rows) {
                html.open("tr").element("th", row.getFirst(), "scope", "row");
                row.subList(1, row.size()).forEach(cell -> html.element("td", cell));
                html.close();
            }
            html.close();
        }
        html.close().close();
    }
}
