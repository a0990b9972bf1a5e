package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Caches over files of every kind, compared with what plain reads find. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RealFileTest {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 1500;
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    @TempDir Path directory;
    private final List<Path> toDelete = new ArrayList<>();

    @AfterEach
    void delete() throws IOException {
        for (Path path : toDelete) {
            Files.deleteIfExists(path);
        }
    }

    static List<Arguments> kinds() {
        List<Arguments> kinds = new ArrayList<>();
        for (Engine engine : Engine.values()) {
            for (boolean direct : new boolean[] {false, true}) {
                kinds.add(Arguments.of(engine, direct, false));
                if (Files.isWritable(SHARED_MEMORY)) {
                    kinds.add(Arguments.of(engine, direct, true));
                }
            }
        }
        return kinds;
    }

    private static PageCache cache(Engine engine) {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(64 * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .io(AsyncIoConfig.builder().engine(engine).build())
                        .dirtyAge(Duration.ofMillis(50))
                        .build());
    }

    /** By its name: a direct mention is a warning of the compiler. */
    static OpenOption direct() {
        try {
            Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
            for (Object option : options.getEnumConstants()) {
                if (option.toString().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
        } catch (ClassNotFoundException e) {
            abort("no direct I/O on this JVM: " + e);
        }
        return abort("no direct I/O on this JVM");
    }

    private Path path(boolean sharedMemory, String name) throws IOException {
        if (!sharedMemory) {
            return directory.resolve(name);
        }
        Path path = Files.createTempFile(SHARED_MEMORY, "quire-", name);
        Files.delete(path);
        toDelete.add(path);
        return path;
    }

    private static PagedFile open(PageCache cache, Path path, boolean direct) throws IOException {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE));
        if (direct) {
            options.add(direct());
        }
        try {
            return cache.open(path, options.toArray(OpenOption[]::new));
        } catch (IOException e) {
            if (direct) {
                return abort("no direct I/O here: " + e.getMessage());
            }
            throw e;
        }
    }

    private static long value(long page, int offset) {
        return (page * 31 + offset) * 0x9E37_79B9_7F4A_7C15L;
    }

    private static byte[] expected(long bytes) {
        ByteBuffer content =
                ByteBuffer.allocate(
                                Math.toIntExact((bytes + PAGE_BYTES - 1) / PAGE_BYTES) * PAGE_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < content.capacity(); at += 8) {
            content.putLong(at, value(at / PAGE_BYTES, at % PAGE_BYTES));
        }
        return java.util.Arrays.copyOf(content.array(), Math.toIntExact(bytes));
    }

    private static void writeAll(PagedFile file, long pages) {
        try (PageCursor c = file.cursor()) {
            for (long i = 0; i < pages; i++) {
                long page = i * 7 % pages; // scattered; pages is no multiple of 7
                c.write(page);
                for (int offset = 0; offset < PAGE_BYTES; offset += 8) {
                    c.putLong(offset, value(page, offset));
                }
                c.release();
            }
        }
    }

    @ParameterizedTest(name = "{0} direct={1} sharedMemory={2}")
    @MethodSource("kinds")
    void shouldHoldOnDiskWhatWasWritten(Engine engine, boolean direct, boolean sharedMemory)
            throws Exception {
        Path path = path(sharedMemory, "data");
        long bytes = (PAGES - 1L) * PAGE_BYTES + 1234;
        try (PageCache cache = cache(engine)) {
            PagedFile file = open(cache, path, direct);
            assertThat(file.direct()).isEqualTo(direct);
            writeAll(file, PAGES);
            file.truncate(bytes);
            assertThat(cache.stats().evictions()).isPositive();
            if (engine != Engine.AUTO) {
                assertThat(cache.engine()).isEqualTo(engine);
            }
            file.sync();
            cache.verify();
            assertThat(Files.size(path)).as("after sync").isEqualTo(bytes);
        }
        assertThat(Files.size(path)).as("exact size").isEqualTo(bytes);
        assertThat(Files.readAllBytes(path)).isEqualTo(expected(bytes));
        try (PageCache cache = cache(engine)) {
            PagedFile file = open(cache, path, direct);
            assertThat(file.sizeBytes()).isEqualTo(bytes);
            readAll(file, bytes);
            // The last page, in part, written again: the file grows to its end.
            try (PageCursor c = file.cursor()) {
                c.write(PAGES - 1);
                assertThat(c.getLong(1240)).isZero();
                c.putByte(0, c.getByte(0));
                c.release();
            }
            file.truncate(bytes);
            cache.verify();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(expected(bytes));
    }

    private static void readAll(PagedFile file, long bytes) {
        byte[] expected = expected(bytes);
        byte[] page = new byte[PAGE_BYTES];
        try (PageCursor c = file.cursor()) {
            for (long n = 0; n < file.sizePages(); n++) {
                do {
                    c.read(n);
                    c.copyTo(0, java.lang.foreign.MemorySegment.ofArray(page), 0, PAGE_BYTES);
                } while (c.retry());
                for (int i = 0; i < PAGE_BYTES; i++) {
                    int at = (int) n * PAGE_BYTES + i;
                    if (page[i] != (at < expected.length ? expected[at] : 0)) {
                        throw new AssertionError("differs: page=" + n + ", offset=" + i);
                    }
                }
            }
        }
    }

    @ParameterizedTest(name = "{0} direct={1} sharedMemory={2}")
    @MethodSource("kinds")
    void shouldKeepHolesAndSizesOfAGrowingFile(Engine engine, boolean direct, boolean sharedMemory)
            throws Exception {
        Path path = path(sharedMemory, "holes");
        try (PageCache cache = cache(engine)) {
            PagedFile file = open(cache, path, direct);
            try (PageCursor c = file.cursor()) {
                c.write(100);
                c.putLong(0, 42);
                c.release();
                assertThat(file.append()).isEqualTo(101);
                c.read(50);
                assertThat(c.getLong(0)).isZero();
                assertThat(c.retry()).isFalse();
            }
        }
        assertThat(Files.size(path)).isEqualTo(102L * PAGE_BYTES);
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer page = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(page, 100L * PAGE_BYTES);
            assertThat(page.getLong(0)).isEqualTo(42);
        }
    }

    @Test
    void shouldRefuseToWriteAFileThatIsOpenForReading() throws Exception {
        Path path = directory.resolve("readonly");
        Files.write(path, expected(3 * PAGE_BYTES + 10));
        byte[] before = Files.readAllBytes(path);
        try (PageCache cache = cache(Engine.AUTO)) {
            PagedFile file = cache.open(path);
            readAll(file, before.length);
            try (PageCursor c = file.cursor()) {
                for (long page : new long[] {0, 3, 10}) {
                    assertThatThrownBy(() -> c.write(page))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("reading only");
                    assertThatThrownBy(() -> c.create(page))
                            .isInstanceOf(IllegalStateException.class);
                }
                assertThatThrownBy(() -> c.tryWrite(0)).isInstanceOf(IllegalStateException.class);
            }
            assertThatThrownBy(file::append).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(IllegalStateException.class);
            file.sync();
            cache.verify();
            file.close();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
    }

    @Test
    void shouldSayWhatIsWrongWithAPath() throws Exception {
        Path missing = directory.resolve("missing");
        try (PageCache cache = cache(Engine.AUTO)) {
            assertThatThrownBy(() -> cache.open(missing))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("missing");
            assertThatThrownBy(() -> cache.open(directory, StandardOpenOption.WRITE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(directory.getFileName().toString());
            assertThatThrownBy(
                            () ->
                                    cache.open(
                                            missing.resolve("below"),
                                            StandardOpenOption.WRITE,
                                            StandardOpenOption.CREATE))
                    .isInstanceOf(IOException.class);
            // A failed open leaves nothing behind: the next one works.
            cache.open(missing, StandardOpenOption.WRITE, StandardOpenOption.CREATE).close();
        }
        assertThat(Files.exists(missing)).isTrue();
    }

    /**
     * A system that finds a block in its own cache, because it zeroed the end of the file, when a
     * direct write of the block is over, fails the next sync. So the last page is written in whole
     * blocks of the system's cache: then the system keeps the two apart.
     */
    @ParameterizedTest
    @EnumSource(
            value = Engine.class,
            names = {"URING", "THREAD_POOL"})
    void shouldExtendADirectFileWhileItsLastPageIsWritten(Engine engine) throws Exception {
        try (PageCache cache = cache(engine);
                PagedFile file = open(cache, path(false, "extended.db"), true);
                FileChannel channel = file.channel()) {
            for (int round = 0; round < 200; round++) {
                file.truncate(0);
                channel.write(bytes(round), 0);
                file.flush(0, 1);
                channel.write(bytes(round + 1), 0);
                Running<Boolean> flush = Running.run(() -> file.flush(0, 1));
                file.truncate(2 * PAGE_BYTES + 100);
                flush.join();
                file.sync();
            }
            cache.verify();
        }
    }

    private static ByteBuffer bytes(int value) {
        return ByteBuffer.allocate(300).putInt(value).rewind();
    }
}
