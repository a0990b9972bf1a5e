package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * One run of the command line inside the test's own JVM.
 *
 * @param exitCode what the process would have ended with
 * @param out what it printed
 * @param err what it printed besides
 */
record CommandRun(int exitCode, String out, String err) {
    static CommandRun of(String... args) {
        return of(Quire.commandLine(), args);
    }

    static CommandRun of(CommandLine commandLine, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        int exitCode = Quire.execute(commandLine, args);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    /** The JSON object in the last line of the output. */
    JsonObject json() {
        List<String> lines = out.lines().toList();
        return JsonParser.parseString(lines.getLast()).getAsJsonObject();
    }

    /** The command was refused at once: exit code 2, and one line that says why. */
    String refusal() {
        assertThat(err.lines()).as(err).hasSize(1);
        return lateRefusal();
    }

    /** The command had to give up: exit code 2, no results, and a last line that says why. */
    String lateRefusal() {
        assertThat(exitCode).as(err).isEqualTo(Quire.BAD_INPUT);
        assertThat(out).isEmpty();
        return err.lines().toList().getLast();
    }
}
