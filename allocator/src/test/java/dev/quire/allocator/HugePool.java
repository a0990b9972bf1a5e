package dev.quire.allocator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The system's pool of huge pages, made larger for a test and as it was afterwards. One test of the
 * machine has it at a time.
 */
final class HugePool implements AutoCloseable {
    private static final Path FOLDER = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");
    private static final Path LOCK =
            Path.of(System.getProperty("java.io.tmpdir"), "quire-huge-pool.lock");

    private final FileChannel lock;
    private final long before;

    private HugePool(FileChannel lock, long before) {
        this.lock = lock;
        this.before = before;
    }

    /** Skips the test where the pool cannot be made larger by so many free pages. */
    static HugePool with(long pages) throws IOException {
        Path size = FOLDER.resolve("nr_hugepages");
        assumeTrue(Files.exists(size), "the kernel has no pool of huge pages");
        assumeTrue(pages == 0 || Files.isWritable(size), size + " is not writable");
        FileChannel lock =
                FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.lock();
        HugePool pool = new HugePool(lock, read("nr_hugepages"));
        pool.size(pool.before + pages);
        if (pool.unused() < pages) {
            pool.close();
            assumeTrue(false, "the system has no " + pages + " huge pages to spare");
        }
        return pool;
    }

    /** Free, and promised to nobody. */
    long unused() throws IOException {
        return read("free_hugepages") - read("resv_hugepages");
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            size(before);
        }
    }

    private static long read(String name) throws IOException {
        return Long.parseLong(Files.readString(FOLDER.resolve(name)).strip());
    }

    private void size(long pages) throws IOException {
        if (read("nr_hugepages") != pages) {
            Files.writeString(FOLDER.resolve("nr_hugepages"), Long.toString(pages));
        }
    }
}
