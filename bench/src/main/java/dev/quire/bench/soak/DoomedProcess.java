package dev.quire.bench.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM that is there to be killed. One that ends in any other way is an error. */
public final class DoomedProcess implements AutoCloseable {
    private static final int KILLED = 128 + 9; // SIGKILL

    private final Process process;
    private final Path errors;
    private final BufferedReader lines;

    private DoomedProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        lines = process.inputReader();
    }

    /**
     * Starts a class of this class path.
     *
     * @param errors a file for what it says on its standard error
     * @param main has a main method
     * @param arguments of that
     * @return to be killed
     * @throws IOException when it cannot be started
     */
    public static DoomedProcess start(Path errors, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(main.getName());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        return new DoomedProcess(process, errors);
    }

    /**
     * Reads on.
     *
     * @return what it says; its end is the end of the process
     */
    public BufferedReader lines() {
        return lines;
    }

    /** Kills it; what it said before can still be read. */
    public void kill() {
        process.toHandle().destroyForcibly();
    }

    /**
     * Waits for its end.
     *
     * @throws AssertionError if it was not the kill, with what the process says
     * @throws IOException when that cannot be read
     * @throws InterruptedException when the calling thread is interrupted
     */
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
        Files.deleteIfExists(errors);
    }
}
