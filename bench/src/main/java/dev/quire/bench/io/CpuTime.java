package dev.quire.bench.io;

import com.sun.management.OperatingSystemMXBean;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Processor time of processes, user and system, of all their threads: also of those that the kernel
 * starts in a process to work for its rings. The clock has steps of 10 ms.
 */
public final class CpuTime {
    /** The kernel's ticks in {@code /proc} are hundredths of a second on every architecture. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    // Numbered from 1 in proc(5); the second is a name that may hold spaces.
    private static final int NAME_FIELD = 2;
    private static final int USER_FIELD = 14;
    private static final int SYSTEM_FIELD = 15;

    private CpuTime() {}

    /**
     * Of this process.
     *
     * @return nanoseconds; NaN where the JVM does not know
     */
    public static double ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                        && system.getProcessCpuTime() >= 0
                ? system.getProcessCpuTime()
                : Double.NaN;
    }

    /** Of a running process, in nanoseconds; NaN when it is over, or there is no proc. */
    static double of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
            long ticks =
                    Long.parseLong(fields[USER_FIELD - NAME_FIELD - 1])
                            + Long.parseLong(fields[SYSTEM_FIELD - NAME_FIELD - 1]);
            return (double) ticks * TICK_NANOS;
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
