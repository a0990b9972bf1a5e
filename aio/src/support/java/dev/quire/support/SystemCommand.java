package dev.quire.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Commands of the system, for tests that need root or a tool and are skipped without. */
public final class SystemCommand {
    private static final long SECONDS_MAX = 20;

    private SystemCommand() {}

    /** Runs a command; answers what it printed, or nothing when it failed or is not there. */
    public static Optional<String> run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean passed =
                    process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) && process.exitValue() == 0;
            return passed ? Optional.of(text.strip()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // no such command
        }
    }

    /** Whether a command passed. */
    public static boolean passes(String... command) throws InterruptedException {
        return run(command).isPresent();
    }
}
