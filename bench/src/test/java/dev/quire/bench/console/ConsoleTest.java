package dev.quire.bench.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.PrintWriter;
import java.io.StringWriter;

final class ConsoleTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldWriteTheStatusOverItselfOnATerminal() {
        Console console = console(20);
        console.status("a longer line");
        console.status("short");
        console.note("done");

        assertThat(err.toString())
                .isEqualTo(
                        "\ra longer line"
                                + "\rshort"
                                + " ".repeat(8)
                                + System.lineSeparator()
                                + "quire: done"
                                + System.lineSeparator());
    }

    @Test
    void shouldCutTheStatusBeforeItWraps() {
        console(10).status("0123456789");
        assertThat(err.toString()).isEqualTo("\r012345678");
    }

    @Test
    void shouldPrintEveryStatusOnALineOfItsOwnElsewhere() {
        Console console = console(0);
        console.status("one, however long it may be");
        console.status("two");
        assertThat(err.toString().lines()).containsExactly("one, however long it may be", "two");
    }

    @Test
    void shouldKeepResultsApart() {
        console(0).result("42");
        assertThat(out.toString()).isEqualTo("42" + System.lineSeparator());
        assertThat(err.toString()).isEmpty();
    }

    private Console console(int columns) {
        return new Console(new PrintWriter(out), new PrintWriter(err), columns);
    }
}
