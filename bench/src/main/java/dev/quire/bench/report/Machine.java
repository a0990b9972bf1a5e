package dev.quire.bench.report;

import com.sun.management.OperatingSystemMXBean;

import dev.quire.bench.console.Units;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a report says of the machine and the JVM it was made on. */
public final class Machine {
    private static final Path CPUS = Path.of("/proc/cpuinfo");
    private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage");
    private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");

    private Machine() {}

    /**
     * Describes them in one line.
     *
     * @return processors, memory, system with its huge pages, and JVM
     */
    public static String describe() {
        String memory =
                ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                        ? ", " + Units.bytes(system.getTotalMemorySize())
                        : "";
        return String.format(
                Locale.ROOT,
                "%d processors (%s)%s, %s %s%s; Java %s, %s",
                Runtime.getRuntime().availableProcessors(),
                processor(),
                memory,
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                hugePages(),
                Runtime.version(),
                System.getProperty("java.vm.name"));
    }

    /** Who has large pages, and who has not, is half of every comparison of memory. */
    private static String hugePages() {
        return hugePages("enabled")
                .flatMap(
                        mode ->
                                hugePages("shmem_enabled")
                                        .map(
                                                shared ->
                                                        ", huge pages "
                                                                + mode
                                                                + ", shared "
                                                                + shared))
                .orElse("");
    }

    /**
     * How the kernel is set to give transparent huge pages.
     *
     * @param setting {@code enabled}, or {@code shmem_enabled} for memory that is shared
     * @return such as {@code madvise}; empty where the system has no such setting
     */
    public static Optional<String> hugePages(String setting) {
        try {
            Matcher chosen = CHOSEN.matcher(Files.readString(HUGE_PAGES.resolve(setting)));
            return chosen.find() ? Optional.of(chosen.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not Linux
        }
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
