package dev.quire.pagecache;

import dev.quire.aio.AsyncIo;
import dev.quire.allocator.MemoryOption;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.support.Deprivation;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Java process that has less than others, and caches files: prints what becomes of it.
 *
 * <pre>
 *   ring DIRECTORY          io_uring is forbidden
 *   locked DIRECTORY        no memory may be locked
 *   descriptors DIRECTORY   every descriptor is taken
 *   group DIRECTORY         memory for the process is limited
 * </pre>
 */
final class DeprivedCache {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 3 * CacheFixture.FRAMES;

    private DeprivedCache() {}

    public static void main(String[] args) throws Throwable {
        Path directory = Path.of(args[1]);
        switch (args[0]) {
            case "ring" -> {
                Deprivation.refuse(Deprivation.IO_URING_SETUP, Deprivation.EPERM);
                use(config(), directory.resolve("file"), PAGES);
            }
            case "locked" -> locked(directory.resolve("file"));
            case "descriptors" -> descriptors(directory);
            case "group" -> group(directory.resolve("file"));
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println("over");
    }

    private static PageCacheConfig.Builder config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(20));
    }

    /** Writes more than the cache holds, makes it durable, and reads it in another cache. */
    private static void use(PageCacheConfig.Builder config, Path path, int pages)
            throws IOException {
        try (PageCache cache = PageCache.create(config.build());
                PagedFile file = open(cache, path)) {
            System.out.println("engine=" + cache.engine());
            write(file, pages, 1);
            file.sync();
            try (FileSnapshot snapshot = file.snapshot();
                    SnapshotCursor c = snapshot.cursor()) {
                write(file, 20, 2);
                c.read(7);
                check(c.getLong(0), 7, 1);
            }
            file.writeDirect(DirectFixture.memory(PAGE_BYTES), (long) pages * PAGE_BYTES);
            cache.verify();
        }
        try (PageCache cache = PageCache.create(config.build());
                PagedFile file = cache.open(path)) {
            for (int page = 0; page < pages; page++) {
                check(read(file, page), page, page < 20 ? 2 : 1);
            }
            cache.verify();
        }
        System.out.println("used");
    }

    private static PagedFile open(PageCache cache, Path path) throws IOException {
        return cache.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static void write(PagedFile file, int pages, int version) {
        try (PageCursor c = file.cursor()) {
            for (int page = 0; page < pages; page++) {
                c.write(page);
                Stamps.store(c, page, version);
                c.release();
            }
        }
    }

    private static long read(PagedFile file, int page) {
        try (PageCursor c = file.cursor()) {
            return Stamps.word(page, Stamps.read(c, page));
        }
    }

    private static void check(long word, int page, int version) {
        if (Stamps.version(page, word) != version) {
            throw new AssertionError("page %d holds %016x".formatted(page, word));
        }
    }

    // ---- locked memory

    private static void locked(Path path) throws IOException {
        use(config().region(r -> r.mlock(MemoryOption.WANTED)), path, PAGES);
        try (PageCache cache =
                PageCache.create(config().region(r -> r.mlock(MemoryOption.REQUIRED)).build())) {
            System.out.println("made=" + cache);
        } catch (IllegalStateException e) {
            System.out.println("refused=" + e.getMessage());
        }
    }

    // ---- descriptors

    private static void descriptors(Path directory) throws Exception {
        loadClasses();
        use(config(), directory.resolve("first"), PAGES);
        rehearse(directory);
        try (PageCache cache = PageCache.create(config().build())) {
            PagedFile early = open(cache, directory.resolve("early"));
            write(early, PAGES, 1);
            early.sync(); // its directory too, which takes a descriptor
            Deque<FileInputStream> taken = takeAll();
            for (int i = 0; i < 8; i++) {
                taken.remove().close();
            }
            List<PagedFile> files = openUntilRefused(cache, directory.resolve("f"));
            System.out.println("opened=" + files.size());
            refusals(early, directory);
            write(early, PAGES, 2);
            early.sync();
            check(read(early, PAGES - 1), PAGES - 1, 2);
            PagedFile first = files.removeFirst();
            try {
                first.close();
                System.out.println("closed");
            } catch (WriteFailedException e) {
                System.out.println("close: " + e.getMessage());
            }
            write(first, 2, 5);
            taken.remove().close();
            first.close();
            PagedFile again = open(cache, directory.resolve("again"));
            write(again, 4, 3);
            again.close();
            System.out.println("opened again");
            cache.verify();
            while (!taken.isEmpty()) {
                taken.remove().close();
            }
        }
        try (PageCache cache = PageCache.create(config().build());
                PagedFile early = cache.open(directory.resolve("early"))) {
            check(read(early, 0), 0, 2);
        }
    }

    private static void rehearse(Path directory) throws IOException {
        try (PageCache cache = PageCache.create(config().build())) {
            refusals(open(cache, directory.resolve("rehearsal")), directory);
        }
    }

    /** What needs a descriptor of its own, of a file that is open. */
    private static void refusals(PagedFile file, Path directory) {
        try (FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            write(file, PAGES, 4);
            c.read(7);
            System.out.println("snapshot=" + c.getLong(0));
        } catch (RuntimeException e) {
            System.out.println("snapshot: " + e.getMessage());
        }
        try (FileChannel channel = file.channel()) {
            channel.lock().release();
            System.out.println("locked");
        } catch (IOException e) {
            System.out.println("lock: " + e.getMessage());
        }
        try {
            System.out.println("dumped=" + file.dumpHotPages(directory.resolve("dump")));
        } catch (IOException e) {
            System.out.println("dump: " + e.getMessage());
        }
    }

    private static List<PagedFile> openUntilRefused(PageCache cache, Path prefix) {
        List<PagedFile> files = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                files.add(open(cache, Path.of(prefix + "-" + i)));
                write(files.getLast(), 1, 1);
            }
        } catch (IOException e) {
            System.out.println("open: " + e.getMessage());
        }
        return files;
    }

    /** A class is loaded through a descriptor, where classes do not come from a jar. */
    private static void loadClasses() throws Exception {
        for (Class<?> one : List.of(PageAllocator.class, AsyncIo.class, PageCache.class)) {
            Path root = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path base = root.resolve(one.getPackageName().replace('.', '/'));
            if (Files.isDirectory(base)) {
                try (Stream<Path> files = Files.walk(base)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
                        load(root.relativize(file).toString().replace('/', '.'));
                    }
                }
            }
        }
    }

    private static void load(String file) throws ClassNotFoundException {
        if (!file.contains("-info") && !file.contains("Test")) {
            Class.forName(file.substring(0, file.length() - ".class".length()));
        }
    }

    private static Deque<FileInputStream> takeAll() throws IOException {
        Deque<FileInputStream> taken = new ArrayDeque<>();
        for (; ; ) { // ends with the last descriptor
            try {
                taken.add(new FileInputStream("/dev/null"));
            } catch (FileNotFoundException e) {
                System.out.println("taken=" + taken.size());
                return taken;
            }
        }
    }

    // ---- memory

    /** A cache as large as it is by default, and a file twice as large as the group may be. */
    private static void group(Path path) throws IOException {
        PageCacheConfig.Builder config =
                PageCacheConfig.builder().pageBytes(PAGE_BYTES).dirtyAge(Duration.ofMillis(100));
        try (PageCache cache = PageCache.create(config.build())) {
            System.out.println("capacity=" + cache.capacityBytes());
        }
        use(config, path, 2 * DeprivedCacheTest.GROUP_BYTES / PAGE_BYTES);
    }
}
