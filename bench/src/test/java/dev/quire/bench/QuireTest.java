package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.util.concurrent.Callable;

/** The command line around its commands. */
final class QuireTest {
    @Test
    void shouldPrintHelpForEveryCommand() {
        CommandRun quire = CommandRun.of("--help");
        assertThat(quire.exitCode()).isEqualTo(Quire.OK);
        assertThat(quire.out()).contains("Usage: quire", "run");

        CommandRun run = CommandRun.of("run", "--help");
        assertThat(run.exitCode()).isEqualTo(Quire.OK);
        assertThat(run.out().replaceAll("\\s+", " "))
                .contains("--file-bytes", "(default: 256m)", "auto, uring, thread-pool, channel")
                .contains("Exit codes:");

        CommandRun io = CommandRun.of("io", "--help");
        assertThat(io.exitCode()).isEqualTo(Quire.OK);
        assertThat(io.out().replaceAll("\\s+", " "))
                .contains("randread, randwrite, read, write, randrw", "(default: 4k)")
                .contains("Exit codes:");
    }

    @Test
    void shouldDescribeEveryCommandByTextsThatCanBeFormatted() {
        // Picocli formats them; a lone percent sign makes it warn, and print them as they are.
        for (CommandLine command : Quire.commandLine().getSubcommands().values()) {
            for (String text : command.getCommandSpec().usageMessage().description()) {
                assertThatCode(text::formatted).as(text).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void shouldPrintItsVersionAndThatOfTheJvm() {
        CommandRun run = CommandRun.of("--version");
        assertThat(run.exitCode()).isEqualTo(Quire.OK);
        assertThat(run.out()).startsWith("quire ").contains("Java " + Runtime.version());
    }

    @Test
    void shouldRefuseToRunWithoutACommand() {
        assertThat(CommandRun.of().refusal()).contains("a command is needed");
    }

    @Test
    void shouldNameAnUnknownCommandOrOptionInOneLine() {
        assertThat(CommandRun.of("rnu").refusal()).contains("rnu");
        assertThat(CommandRun.of("run", "--pages").refusal()).contains("--pages");
        assertThat(CommandRun.of("run", "stray").refusal()).contains("stray");
    }

    @Test
    void shouldNotTakeItsOwnFaultForAMismatch() {
        assertThat(failing(new IllegalStateException("a bug")))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(Quire.FAULT))
                .satisfies(run -> assertThat(run.err()).contains("a fault of Quire", "a bug"));
        assertThat(failing(new AssertionError("I7 is broken")))
                .satisfies(run -> assertThat(run.exitCode()).isEqualTo(Quire.FAULT))
                .satisfies(
                        run -> assertThat(run.err()).contains("a fault of Quire", "I7 is broken"));
    }

    private static CommandRun failing(Throwable failure) {
        CommandLine commandLine = Quire.commandLine();
        commandLine.addSubcommand(new Failing(failure));
        return CommandRun.of(commandLine, "fail");
    }

    @Command(name = "fail")
    private record Failing(Throwable failure) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            if (failure instanceof Error error) {
                throw error;
            }
            throw (Exception) failure;
        }
    }
}
