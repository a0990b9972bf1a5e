package dev.quire.mutation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@link MutantProcess} has told; what it has not is empty.
 *
 * @param failed the method that failed
 * @param failedId JUnit's name of it
 * @param skipped why a test was skipped, the first of them
 * @param seed with which the test that failed drew at random
 */
record RunLog(String failed, String failedId, String skipped, String seed) {
    private static final Pattern SEED = Pattern.compile("\\bseed[= ](-?\\d+)");

    static RunLog read(Path file) throws IOException {
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        return new RunLog(
                lineAfter(MutantProcess.FAILURE, text),
                lineAfter(MutantProcess.FAILURE_ID, text),
                lineAfter(MutantProcess.SKIPPED, text),
                lastSeed(text));
    }

    private static String lineAfter(String mark, String text) {
        int at = text.indexOf(mark);
        return at < 0
                ? ""
                : text.substring(at + mark.length()).lines().findFirst().orElse("").strip();
    }

    private static String lastSeed(String text) {
        String last = "";
        Matcher seed = SEED.matcher(text);
        while (seed.find()) {
            last = seed.group(1);
        }
        return last;
    }
}
