package dev.quire.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A class of these tests run in a Java process of its own until it is killed. One that ends in any
 * other way fails the test, and what it said of it is told.
 */
public final class DoomedJvm implements AutoCloseable {
    private static final int KILLED = 128 + 9; // SIGKILL

    private final Process process;
    private final Path errors;
    private final BufferedReader lines;

    private DoomedJvm(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        lines = process.inputReader();
    }

    /**
     * Starts it.
     *
     * @param errors a file for what it says on its standard error
     * @param main has a main method
     * @param arguments of that
     * @return to be killed
     */
    public static DoomedJvm start(Path errors, Class<?> main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(
                String.join(
                        ":",
                        "target/test-classes",
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        return new DoomedJvm(process, errors);
    }

    /** What it says. */
    public BufferedReader lines() {
        return lines;
    }

    /** Kills it; what it said before can still be read. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Waits for its end. */
    public void requireKilled() throws IOException, InterruptedException {
        int exit = process.waitFor();
        if (exit != KILLED) {
            throw new AssertionError(
                    "the process was to be killed, and ended by itself: exit value "
                            + exit
                            + "\n"
                            + Files.readString(errors));
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        lines.close();
    }
}
