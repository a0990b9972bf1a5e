package dev.quire.bench.stat;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;

import java.util.ArrayList;
import java.util.List;

/** The lines of {@code quire stat}. */
final class StatTable {
    /** A space, and a number of at most five characters. */
    private static final int CELL = 6;

    private final int cells;

    /**
     * A table.
     *
     * @param columns how wide a terminal is; 0 for as wide as it takes
     */
    StatTable(int columns) {
        cells = columns == 0 ? Integer.MAX_VALUE : Math.max(1, (columns - 1) / CELL);
    }

    String header() {
        List<String> names = new ArrayList<>();
        for (StatColumn column : StatColumn.values()) {
            names.add(column.header());
        }
        for (int order = 0; order <= Sample.ORDER_MAX; order++) {
            names.add(orderHeader(order));
        }
        return row(names);
    }

    private static String orderHeader(int order) {
        return "o" + order;
    }

    String line(Sample before, Sample now) {
        List<String> numbers = new ArrayList<>();
        for (StatColumn column : StatColumn.values()) {
            numbers.add(column.cell(before, now));
        }
        for (int count : now.freeBlocks()) {
            numbers.add(Units.count(count));
        }
        return row(numbers);
    }

    private String row(List<String> texts) {
        StringBuilder row = new StringBuilder();
        for (String text : texts.subList(0, Math.min(cells, texts.size()))) {
            row.append(" ".repeat(Math.max(1, CELL - text.length()))).append(text);
        }
        return row.toString();
    }

    /** The same for programs: all columns, not rounded. */
    static JsonObject json(Sample before, Sample now) {
        JsonObject line = new JsonObject().put("seconds", now.secondsSince(before));
        for (StatColumn column : StatColumn.values()) {
            column.put(line, before, now);
        }
        return line.put("freeByOrder", now.freeBlocks());
    }

    /** What the columns tell, a line each, as wide as the widest name. */
    static String[] legend() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Columns, and their names with --json. Rates are those since the line before:");
        for (StatColumn column : StatColumn.values()) {
            lines.add(legend(column.header(), column.unit(), column.key(), column.meaning()));
        }
        String orders = orderHeader(0) + ".." + orderHeader(Sample.ORDER_MAX);
        lines.add(legend(orders, "now", "freeByOrder", "free blocks of 1, 2, 4, ... 1024 frames"));
        return lines.toArray(String[]::new);
    }

    private static String legend(String header, String unit, String key, String meaning) {
        return String.format("  %-8s%-4s%-16s%s", header, unit, key, meaning);
    }
}
