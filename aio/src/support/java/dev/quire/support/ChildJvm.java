package dev.quire.support;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A class of these tests run in a Java process of its own. */
public final class ChildJvm {
    private static final long SECONDS_MAX = 100;

    private ChildJvm() {}

    /**
     * Runs it to its end.
     *
     * @param prefix a command that runs another, such as {@code setpriv} with its options
     * @param options of the JVM
     * @param main has a main method
     * @param arguments of that
     * @return its lines, those of its log among them
     */
    public static List<String> run(
            List<String> prefix, List<String> options, Class<?> main, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.add("-cp");
        command.add(
                String.join(
                        ":",
                        "target/test-classes",
                        "target/classes",
                        System.getProperty("jdk.module.path", ""),
                        System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Path log = Files.createTempFile("quire-child", ".log");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("the process hangs: " + Files.readString(log));
            }
            List<String> lines = Files.readAllLines(log);
            if (process.exitValue() != 0) {
                throw new AssertionError("exit code " + process.exitValue() + ": " + lines);
            }
            return lines;
        } finally {
            Files.delete(log);
        }
    }
}
