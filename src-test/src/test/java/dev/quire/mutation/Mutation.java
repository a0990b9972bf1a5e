package dev.quire.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bug for the tests to notice.
 *
 * @param title what is wrong then
 * @param file the source that has it, from the project's folder
 * @param test the simple name of the test class that notices it
 * @param before lines of the source, there once
 * @param after what stands there instead
 */
record Mutation(String title, String file, String test, String before, String after) {
    private static final Pattern ENTRY =
            Pattern.compile(
                    "(?ms)^## ([^\\n]+)\\n+`([^`]+)`, killed by `([^`]+)`[^\\n]*\\n+"
                            + "```java\\n(.*?)```\\n+```java\\n(.*?)```");

    /** All of a document. */
    static List<Mutation> read(Path document) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        Matcher entry = ENTRY.matcher(Files.readString(document));
        while (entry.find()) {
            mutations.add(
                    new Mutation(
                            entry.group(1),
                            entry.group(2),
                            entry.group(3),
                            entry.group(4),
                            entry.group(5)));
        }
        return mutations;
    }

    /** How often the source has what is to be replaced; a mutation applies when that is once. */
    int places(String source) {
        return source.split(Pattern.quote(before), -1).length - 1;
    }

    String appliedTo(String source) {
        return source.replace(before, after);
    }

    /** What it does to the sources: the same for one that stands there again for another test. */
    List<String> change() {
        return List.of(file, before, after);
    }

    /** Its row in the table of docs/verification.md, up to how it was noticed. */
    String row() {
        return "| %s | `%s %s` | `%s` | ".formatted(title, module(), className(), test);
    }

    /** The module that its source is in. */
    String module() {
        return file.substring(0, file.indexOf('/'));
    }

    /** The simple name of the class that its source declares. */
    String className() {
        return file.substring(file.lastIndexOf('/') + 1, file.lastIndexOf('.'));
    }
}
