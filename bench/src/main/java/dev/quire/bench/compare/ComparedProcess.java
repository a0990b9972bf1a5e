package dev.quire.bench.compare;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The process of one subject, as seen by who started it. One thread. */
final class ComparedProcess {
    /** The JVM's own memory grows while it compiles: the limit goes with it. */
    private static final long LIMIT_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Above the time of the workload: a start, and a last sync of all that was written. */
    private static final long SECONDS_BESIDE_MAX = 300;

    /** What everybody's heap has; who keeps tables there, which his budget pays, has more. */
    private static final int HEAP_MIB = 64;

    private static final int YOUNG_MIB = 20;
    private static final long HEAP_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

    private final LoadSettings settings;
    private final @Nullable ControlGroup group;
    private long kernelBytesBefore;

    /**
     * A process that has not started.
     *
     * @param settings what it shall do
     * @param group that it runs in; null for none
     */
    ComparedProcess(LoadSettings settings, @Nullable ControlGroup group) {
        this.settings = settings;
        this.group = group;
    }

    /**
     * Runs it to its end.
     *
     * @throws IOException when it has no outcome; the message says why
     */
    Outcome run() throws IOException {
        Process process = new ProcessBuilder(command()).redirectError(Redirect.INHERIT).start();
        Thread killer = new Thread(process::destroyForcibly, "quire-end-compared");
        Runtime.getRuntime().addShutdownHook(killer);
        try (BufferedReader out = process.inputReader();
                PrintWriter in = new PrintWriter(process.outputWriter(), true)) {
            expect(ComparedMain.READY, out.readLine(), process);
            awaitHeap(process);
            kernelBytesBefore = group == null ? 0 : group.kernelBytes();
            adjust();
            in.println();
            Watch watch = new Watch(process);
            Thread thread = Thread.ofPlatform().daemon().name("quire-limit").start(watch);
            String line = out.readLine();
            long pageMemoryBytes = watch.end(thread);
            if (line == null) {
                throw watch.late() ? late() : ended(process);
            }
            if (line.startsWith(ComparedMain.FAILED)) {
                throw new IOException(line.substring(ComparedMain.FAILED.length()));
            }
            Outcome outcome = outcome(line);
            return settings.subject().isKernels()
                    ? outcome.withPageMemory(pageMemoryBytes)
                    : outcome;
        } finally {
            process.destroyForcibly();
            await(process);
            forget(killer);
        }
    }

    /** The kernel counts late: a limit set on too little would hit the JVM itself. */
    private void awaitHeap(Process process) throws IOException {
        long deadlineNanos = System.nanoTime() + HEAP_NANOS_MAX;
        while (group != null && group.ownBytes() < heapMib() << 20) {
            if (!process.isAlive()) {
                throw ended(process);
            }
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new IOException(
                        "the control group counts only "
                                + group.ownBytes()
                                + " bytes of a process that has a heap of "
                                + heapMib()
                                + " MiB: "
                                + group);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /**
     * Moves the limit to where the pages have their budget beside the JVM's own memory and what the
     * kernel had for it before there were pages. What it comes to have for them is within the
     * budget, page tables above all.
     */
    private void adjust() throws IOException {
        if (group != null && settings.subject().isKernels()) {
            group.limit(group.ownBytes() + kernelBytesBefore + settings.memoryBytes());
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(group == null ? List.of() : group.join());
        command.addAll(
                List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=deny",
                        // A heap that is all there from the start cannot grow into the budget.
                        "-Xms" + heapMib() + "m",
                        "-Xmx" + heapMib() + "m",
                        // For young objects all have the same: tables are old.
                        "-Xmn" + YOUNG_MIB + "m",
                        "-XX:+AlwaysPreTouch",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ComparedMain.class.getName(),
                        new Gson().toJson(settings)));
        return command;
    }

    private long heapMib() {
        long tables = settings.subject().heapBytes(settings.pageBytes(), settings.memoryBytes());
        return HEAP_MIB + Math.ceilDiv(tables, 1L << 20);
    }

    private void expect(String wanted, @Nullable String line, Process process) throws IOException {
        if (line == null) {
            throw ended(process);
        }
        if (!line.equals(wanted)) {
            throw unexpected(line, null);
        }
    }

    private Outcome outcome(String line) throws IOException {
        try {
            return new Gson().fromJson(line, Outcome.class);
        } catch (JsonParseException e) {
            throw unexpected(line, e);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is going down: the hook runs by itself.
        }
    }

    private IOException unexpected(String line, @Nullable Throwable cause) {
        return new IOException("the process of " + settings.subject() + " says: " + line, cause);
    }

    private IOException late() {
        return new IOException(
                "the process of "
                        + settings.subject()
                        + " took more than "
                        + SECONDS_BESIDE_MAX
                        + " s beside its work, and was ended");
    }

    private IOException ended(Process process) {
        await(process);
        return new IOException(
                "the process of "
                        + settings.subject()
                        + " ended before its work was done, exit code "
                        + process.exitValue()
                        + (group != null && group.hasKilled()
                                ? ": the kernel killed it, memory was too short for it"
                                : ""));
    }

    private static void await(Process process) {
        boolean interrupted = false;
        while (process.isAlive()) {
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                interrupted = true;
                process.destroyForcibly();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps the limit where it must be while the process works, and the process from staying. */
    private final class Watch implements Runnable {
        private final Process process;
        private volatile boolean over;
        private volatile boolean late;
        private volatile long pageMemoryBytes;

        Watch(Process process) {
            this.process = process;
        }

        @Override
        public void run() {
            double seconds = settings.warmSeconds() + settings.seconds() + SECONDS_BESIDE_MAX;
            long deadlineNanos = System.nanoTime() + (long) (seconds * 1e9);
            while (!over) { // ends by the deadline
                if (System.nanoTime() - deadlineNanos > 0) {
                    late = true;
                    process.destroyForcibly(); // its end is told where its line is awaited
                    return;
                }
                look();
                LockSupport.parkNanos(LIMIT_PERIOD_NANOS);
            }
        }

        /** Ends the watch; tells what the kernel had at last for the pages. */
        long end(Thread thread) {
            over = true;
            LockSupport.unpark(thread);
            return pageMemoryBytes;
        }

        /** Whether it ended the process. */
        boolean late() {
            return late;
        }

        private void look() {
            if (group == null || !settings.subject().isKernels()) {
                return;
            }
            try {
                adjust();
                pageMemoryBytes = Math.max(0, group.otherBytes() - kernelBytesBefore);
            } catch (IOException e) {
                // Below what is in use and cannot be taken: the next look finds it otherwise.
                over |= !process.isAlive();
            }
        }
    }
}
