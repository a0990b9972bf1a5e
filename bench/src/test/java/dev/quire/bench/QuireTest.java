package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The command line around its commands. */
final class QuireTest {
    @Test
    void shouldPrintHelpForEveryCommand() {
        CommandRun quire = CommandRun.of("--help");
        assertThat(quire.exitCode()).isEqualTo(Quire.OK);
        assertThat(quire.out()).contains("Usage: quire", "run");

        CommandRun run = CommandRun.of("run", "--help");
        assertThat(run.exitCode()).isEqualTo(Quire.OK);
        assertThat(run.out())
                .contains("--file-bytes", "(default: 256m)", "auto, thread-pool, channel")
                .contains("Exit codes:");
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
}
