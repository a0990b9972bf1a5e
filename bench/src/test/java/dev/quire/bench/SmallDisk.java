package dev.quire.bench;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system with hardly any room, made of memory; only root can mount one. */
public final class SmallDisk implements AutoCloseable {
    private final Path path;

    private SmallDisk(Path path) {
        this.path = path;
    }

    /**
     * Mounts a disk, or skips the test where that is not allowed.
     *
     * @param folder in which its own folder is made
     * @param bytes how much it can hold
     */
    public static SmallDisk mount(Path folder, long bytes) {
        return mount(folder, "tmpfs", "size=" + bytes);
    }

    /**
     * Mounts a file system that knows no direct I/O, or skips the test.
     *
     * @param folder in which its own folder is made
     */
    public static SmallDisk withoutDirectIo(Path folder) {
        return mount(folder, "ramfs", "mode=700");
    }

    private static SmallDisk mount(Path folder, String type, String options) {
        Path path = folder.resolve("small-disk");
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        boolean mounted = run("mount", "-t", type, "-o", options, type, path.toString());
        Assumptions.assumeTrue(mounted, "only root can mount a " + type);
        return new SmallDisk(path);
    }

    /** Where it is mounted. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        if (!run("umount", path.toString())) {
            throw new AssertionError("cannot unmount: path=" + path);
        }
    }

    private static boolean run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(List.of(command))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
