package dev.quire.bench.compare;

import dev.quire.bench.console.Failures;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A control group of Linux that limits the memory of a process, by version 1 or 2. */
final class ControlGroup implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final AtomicInteger MADE = new AtomicInteger();
    private static final long REMOVE_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);

    private final Path folder;
    private final boolean old;

    ControlGroup(Path folder, boolean old) {
        this.folder = folder;
        this.old = old;
    }

    /**
     * Makes a group without a limit.
     *
     * @throws IOException when this cannot be done here; the message says why
     */
    static ControlGroup make() throws IOException {
        return make(ROOT);
    }

    /** As {@link #make()}, below another folder than the system's. */
    static ControlGroup make(Path root) throws IOException {
        boolean old = Files.isDirectory(root.resolve("memory"));
        Path all = old ? root.resolve("memory") : root;
        Path folder =
                all.resolve(
                        "quire-compare-"
                                + ProcessHandle.current().pid()
                                + "-"
                                + MADE.incrementAndGet());
        try {
            Files.createDirectory(folder);
        } catch (AccessDeniedException e) {
            throw new IOException("making a control group needs root: " + Failures.describe(e), e);
        } catch (IOException e) {
            throw new IOException("no control group can be made: " + Failures.describe(e), e);
        }
        ControlGroup group = new ControlGroup(folder, old);
        if (!Files.exists(group.limitFile())) {
            Files.delete(folder);
            throw noController(all);
        }
        return group;
    }

    /** The words in front of a command by which it runs in this group from its start. */
    List<String> join() {
        return List.of(
                "sh",
                "-c",
                "echo $$ > \"$0\" && exec \"$@\"",
                folder.resolve("cgroup.procs").toString());
    }

    /** What its processes may have altogether, their part of the kernel's page cache included. */
    void limit(long bytes) throws IOException {
        Files.writeString(limitFile(), Long.toString(bytes));
    }

    /** What its processes have for themselves, not backed by files, in bytes. */
    long ownBytes() throws IOException {
        return counter("memory.stat", old ? "rss" : "anon");
    }

    /** What the kernel has for them, in bytes: page tables, stacks, nodes of its page cache. */
    long kernelBytes() throws IOException {
        // Before Linux 5.18 version 2 does not tell: then it is nobody's.
        return old ? number("memory.kmem.usage_in_bytes") : counterOrNone("memory.stat", "kernel");
    }

    /** What is charged to them besides their own, in bytes: of the page cache and of the kernel. */
    long otherBytes() throws IOException {
        return Math.max(0, number(old ? "memory.usage_in_bytes" : "memory.current") - ownBytes());
    }

    /** Whether the kernel has killed one of its processes because it wanted more than the limit. */
    boolean hasKilled() {
        try {
            return counterOrNone(old ? "memory.oom_control" : "memory.events", "oom_kill") > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Removes it; its processes must have ended. */
    @Override
    public void close() throws IOException {
        long deadlineNanos = System.nanoTime() + REMOVE_NANOS_MAX;
        while (true) { // ends by the deadline
            try {
                Files.deleteIfExists(folder);
                return;
            } catch (IOException e) {
                // A process that has ended can be counted for a while yet.
                if (System.nanoTime() - deadlineNanos > 0) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    private Path limitFile() {
        return folder.resolve(old ? "memory.limit_in_bytes" : "memory.max");
    }

    private long number(String file) throws IOException {
        return Long.parseLong(Files.readString(folder.resolve(file)).strip());
    }

    private long counter(String file, String name) throws IOException {
        return find(file, name)
                .orElseThrow(() -> new IOException("no " + name + " in " + file + " of " + folder));
    }

    private long counterOrNone(String file, String name) throws IOException {
        return find(file, name).orElse(0);
    }

    private OptionalLong find(String file, String name) throws IOException {
        // Not lazily: a failing read must be an IOException.
        return Files.readAllLines(folder.resolve(file)).stream()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst();
    }

    private static IOException noController(Path all) {
        Path controllers = all.resolve("cgroup.subtree_control"); // of version 2 alone
        return new IOException(
                Files.exists(controllers)
                        ? "the memory controller is not enabled below "
                                + all
                                + ", where writing +memory to "
                                + controllers
                                + " enables it"
                        : "there is no memory controller in " + all);
    }
}
