package dev.quire.bench.report;

import com.sun.management.OperatingSystemMXBean;

import dev.quire.bench.console.Units;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** What a report says of the machine and the JVM it was made on. */
public final class Machine {
    private static final Path CPUS = Path.of("/proc/cpuinfo");

    private Machine() {}

    /**
     * Describes them in one line.
     *
     * @return processors, memory, system and JVM
     */
    public static String describe() {
        String memory =
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                        ? ", " + Units.bytes(system.getTotalMemorySize())
                        : "";
        return String.format(
                Locale.ROOT,
                "%d processors (%s)%s, %s %s; Java %s, %s",
                Runtime.getRuntime().availableProcessors(),
                processor(),
                memory,
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                Runtime.version(),
                System.getProperty("java.vm.name"));
    }

    private static String processor() {
        String architecture = System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(CPUS)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(architecture);
        } catch (IOException e) {
            return architecture; // not Linux
        }
    }
}
