package dev.quire.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

import java.nio.file.Path;
import java.util.List;

final class PageTest {
    private static final String EVIL = "a<b>&\"c\"";

    @Test
    void shouldBeOneWellFormedPageThatAsksForNothing() {
        Palette palette = Palette.of(List.of(EVIL), List.of("mmap"));
        Series one = new Series(EVIL, List.of(new Point(0, 1), new Point(1, 2)));
        Series other = new Series("mmap", List.of(new Point(0, 2), new Point(1, 1)));
        Axis axis = Axis.linear("ns", Axis::plain);
        String html =
                new Page(EVIL, palette)
                        .text("text " + EVIL)
                        .made("./quire x " + EVIL)
                        .section("section " + EVIL)
                        .charts(
                                List.of(
                                        new LineChart(
                                                EVIL,
                                                "note " + EVIL,
                                                axis,
                                                axis,
                                                List.of(one, other)),
                                        new LineChart("b", "", axis, axis, List.of(one, other))))
                        .table(
                                new Table("caption " + EVIL, List.of("subject", EVIL))
                                        .row(List.of("mmap", "7"))
                                        .group()
                                        .row(List.of(EVIL, "8")))
                        .html();

        assertThat(html)
                .startsWith("<!DOCTYPE html>\n<html lang=\"en\">")
                .contains("prefers-color-scheme: dark", "name=\"viewport\"", "overflow-x: auto")
                .doesNotContain(EVIL, "a<b>", "http:", "https:", "<script", "<link", "@import")
                .doesNotContain("url(");
        Element page = Xml.parse(html);
        assertThat(Xml.texts(page, "h1")).containsExactly(EVIL);
        assertThat(Xml.texts(page, "h2")).containsExactly("section " + EVIL);
        assertThat(Xml.texts(page, "code")).containsExactly("./quire x " + EVIL);
        assertThat(Xml.texts(page, "p")).contains("text " + EVIL);
        assertThat(Xml.texts(page, "p").getLast()).contains("Java " + Runtime.version());
        assertThat(Xml.texts(page, "figcaption"))
                .hasSize(2)
                .first()
                .asString()
                .endsWith("note " + EVIL);
        // One legend for both charts.
        assertThat(Xml.texts(page, "li")).containsExactly(EVIL, "mmap");
        assertThat(Xml.texts(page, "th")).containsExactly("subject", EVIL, "mmap", EVIL);
        assertThat(Xml.texts(page, "td")).containsExactly("7", "8");
        assertThat(Xml.texts(page, "caption")).containsExactly("caption " + EVIL);
        assertThat(Xml.all(page, "tbody")).hasSize(2);
    }

    @Test
    void shouldRefuseARowThatDoesNotFitTheTable() {
        assertThatThrownBy(() -> new Table("", List.of("a", "b")).row(List.of("1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 cells");
    }

    @Test
    void shouldRefuseAReportThatCannotBe(@TempDir Path folder) {
        for (Path path : List.of(folder, folder.resolve("missing").resolve("out.html"))) {
            assertThatThrownBy(() -> new ReportFile(path, "./quire"))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("--report=" + path);
        }
    }
}
