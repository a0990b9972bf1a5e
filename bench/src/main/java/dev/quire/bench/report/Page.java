package dev.quire.bench.report;

import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/**
 * A report as one HTML page that needs nothing else: no network, no script, light or dark as the
 * reader has it, readable on a phone. What is added comes below what was added before. One thread.
 */
public final class Page {
    private static final String STYLE =
            """
            :root { color-scheme: light dark; }
            body { margin: 0 auto; max-width: 76rem; padding: 1rem;
              font: 1rem/1.45 system-ui, 'Segoe UI', Roboto, sans-serif; }
            h1 { font-size: 1.5rem; line-height: 1.2; margin: .4rem 0 .8rem; }
            h2 { font-size: 1.2rem; margin: 2rem 0 .4rem; }
            p { margin: .5rem 0; max-width: 60rem; overflow-wrap: anywhere; }
            pre { font-size: .8rem; }
            code { font-size: .9rem; overflow-wrap: anywhere; }
            .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0;
              margin: .8rem 0; list-style: none; }
            figure .legend { margin: 0 0 .4rem; font-size: .875rem; }
            .legend svg { width: 2.2rem; height: .8rem; vertical-align: middle; }
            .charts { display: grid; gap: 1.5rem; align-items: start; margin: .8rem 0;
              grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }
            figure { margin: 0; max-width: 26rem; }
            figcaption { font-weight: 600; margin-bottom: .4rem; overflow-wrap: anywhere; }
            figure > svg { display: block; width: 100%; height: auto; }
            .note { font-weight: 400; font-size: .875rem; }
            .wide { overflow-x: auto; margin: 1rem 0; }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums;
              font-size: .9rem; }
            caption { text-align: left; padding-bottom: .4rem; }
            th, td { padding: .15rem .6rem; text-align: right; white-space: nowrap; }
            th:first-child { text-align: left; padding-left: 0; }
            """;

    private final Markup html = new Markup();
    private Palette palette;

    /**
     * A page with a heading.
     *
     * @param title of the page
     * @param palette with the subjects of all charts
     */
    public Page(String title, Palette palette) {
        this.palette = palette;
        html.open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.element("title", "Quire: " + title);
        html.style(STYLE + Theme.pageStyle() + Theme.chartStyle()).close();
        html.open("body").element("h1", title);
    }

    /**
     * Adds a paragraph.
     *
     * @param text of it
     * @return this
     */
    public Page text(String text) {
        html.element("p", text);
        return this;
    }

    /**
     * Adds lines as a console shows them, in a box that scrolls where they are too wide.
     *
     * @param lines of one width a letter
     * @return this
     */
    public Page lines(String lines) {
        html.open("pre", "class", "wide", "tabindex", 0).text(lines).close();
        return this;
    }

    /**
     * Adds how the report was made: the command, the day, the machine and the JVM.
     *
     * @param command as a shell takes it again
     * @return this
     */
    public Page made(String command) {
        return made(command, LocalDate.now(ZoneId.systemDefault()) + ". " + Machine.describe());
    }

    /**
     * Adds how figures were made that come from elsewhere.
     *
     * @param command as a shell takes it again
     * @param circumstances when and where
     * @return this
     */
    public Page made(String command, String circumstances) {
        html.open("p").element("code", command).close();
        return text(circumstances);
    }

    /**
     * Has other subjects from here on, whose colors may be those of others above.
     *
     * @param palette with the subjects of all charts to come
     * @return this
     */
    public Page palette(Palette palette) {
        this.palette = palette;
        return this;
    }

    /**
     * Begins a section.
     *
     * @param title of it
     * @return this
     */
    public Page section(String title) {
        html.element("h2", title);
        return this;
    }

    /**
     * Adds charts side by side, as many as there is room for. Several with legends share one.
     *
     * @param charts in their order
     * @return this
     */
    public Page charts(List<? extends Chart> charts) {
        boolean shared = charts.stream().filter(chart -> !chart.legend().isEmpty()).count() > 1;
        if (shared) {
            legend(charts.stream().flatMap(chart -> chart.legend().stream()).distinct().toList());
        }
        html.open("div", "class", "charts");
        for (Chart chart : charts) {
            html.open("figure").open("figcaption").text(chart.title());
            if (!chart.note().isEmpty()) {
                html.element("div", chart.note(), "class", "note");
            }
            html.close();
            if (!shared) {
                legend(chart.legend());
            }
            String viewBox = "0 0 " + Chart.WIDTH + " " + chart.height();
            html.open("svg", "viewBox", viewBox, "role", "img", "aria-label", chart.title());
            chart.draw(html, palette);
            html.close().close();
        }
        html.close();
        return this;
    }

    /**
     * Adds a table, which scrolls in a box of its own where it is too wide.
     *
     * @param table whose rows are all there
     * @return this
     */
    public Page table(Table table) {
        table.write(html);
        return this;
    }

    /**
     * Ends the page.
     *
     * @return all of it, as the text of a file; nothing can be added any more
     */
    public String html() {
        html.close().close();
        return "<!DOCTYPE html>\n" + html;
    }

    private void legend(List<String> subjects) {
        if (subjects.isEmpty()) {
            return;
        }
        html.open("ul", "class", "legend");
        for (String subject : subjects) {
            html.open("li");
            html.open("svg", "viewBox", "0 0 36 12", "aria-hidden", "true");
            LegendLine.draw(html, palette, subject, 0, 6);
            html.close().text(" " + subject).close();
        }
        html.close();
    }
}
