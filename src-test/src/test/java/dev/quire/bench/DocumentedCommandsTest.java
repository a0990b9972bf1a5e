package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands and options that the documents name are there. */
class DocumentedCommandsTest {
    private static final Pattern COMMAND =
            Pattern.compile("\\./quire ([a-z]+)((?:[^`\n|#&;\\\\]|\\\\\n)*)");
    private static final Pattern OPTION = Pattern.compile("(?<=\\s)--([a-z][a-z-]*)");

    @ParameterizedTest
    @MethodSource("dev.quire.docs.DocumentsTest#documents")
    void shouldNameCommandsAndOptionsThatExist(Path document) throws IOException {
        assertThat(unknown(Files.readString(document))).isEmpty();
    }

    private static List<String> unknown(String text) {
        CommandLine quire = Quire.commandLine();
        List<String> unknown = new ArrayList<>();
        Matcher command = COMMAND.matcher(text);
        while (command.find()) {
            CommandLine of = quire.getSubcommands().get(command.group(1));
            if (of == null) {
                unknown.add(command.group());
                continue;
            }
            Matcher option = OPTION.matcher(command.group(2));
            while (option.find()) {
                if (of.getCommandSpec().findOption("--" + option.group(1)) == null) {
                    unknown.add(command.group(1) + " " + option.group());
                }
            }
        }
        return unknown;
    }

    @Test
    void shouldNoticeWhatDoesNotExist() {
        assertThat(unknown("`./quire bench --fast`, `./quire brew --full`, `./quire io --json`"))
                .containsExactly("bench --fast", "./quire brew --full");
    }
}
