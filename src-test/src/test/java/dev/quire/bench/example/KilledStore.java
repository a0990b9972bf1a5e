package dev.quire.bench.example;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A JVM that opens a store, recovers it, and changes it until it is killed. Each of its writers
 * prints {@code WRITER STEPS} when so many steps are committed.
 *
 * <p>Arguments: the directory, a seed, and the first step of each writer.
 */
final class KilledStore {
    private static final long STEPS_MAX = 1 << 20;

    private KilledStore() {}

    /** The cache of a store on real files: small, and quick to write back. */
    static PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(64 * 4096)
                        .pageBytes(4096)
                        .dirtyAge(Duration.ofMillis(5))
                        .build());
    }

    public static void main(String[] args) throws IOException {
        PrintStream out = System.out;
        TreeStore store = TreeStore.open(cache(), Path.of(args[0]));
        out.println("open");
        for (int id = 0; id < Writer.COUNT; id++) {
            Writer writer = new Writer(Long.parseLong(args[1]), id);
            writer.startAt(Long.parseLong(args[2 + id]));
            new Thread(() -> write(writer, store, out)).start();
        }
    }

    @SuppressWarnings("CatchThrowable") // The one who listens is told, whatever it is.
    private static void write(Writer writer, TreeStore store, PrintStream out) {
        try {
            writer.run(store, STEPS_MAX, (id, steps) -> out.println(id + " " + steps));
        } catch (Throwable e) {
            out.println("failed: " + e);
        }
        out.flush();
        Runtime.getRuntime().halt(1);
    }
}
