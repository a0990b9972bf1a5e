package dev.quire.allocator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The system's pool of huge pages, made larger for a test and as it was afterwards. */
final class HugePool implements AutoCloseable {
    private static final Path FOLDER = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");

    private final long before;

    private HugePool(long before) {
        this.before = before;
    }

    /** Skips the test where the pool cannot be made larger by so many free pages. */
    static HugePool with(long pages) throws IOException {
        Path size = FOLDER.resolve("nr_hugepages");
        assumeTrue(Files.isWritable(size), size + " is not writable");
        HugePool pool = new HugePool(read("nr_hugepages"));
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
        size(before);
    }

    private static long read(String name) throws IOException {
        return Long.parseLong(Files.readString(FOLDER.resolve(name)).strip());
    }

    private void size(long pages) throws IOException {
        Files.writeString(FOLDER.resolve("nr_hugepages"), Long.toString(pages));
    }
}
