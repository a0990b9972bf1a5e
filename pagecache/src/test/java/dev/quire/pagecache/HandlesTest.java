package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.space.AddressSpace;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Several handles on one file. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandlesTest {
    private static final int PAGE_BYTES = 4096;
    private static final OpenOption[] WRITE = {StandardOpenOption.WRITE, StandardOpenOption.CREATE};

    @TempDir Path directory;

    private final PageCache cache =
            PageCache.create(
                    PageCacheConfig.builder()
                            .memoryBytes(64 * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .dirtyAge(Duration.ofHours(1))
                            .build());

    @AfterEach
    void close() throws IOException {
        cache.verify();
        cache.close();
        assertThat(cache.context().allocator().freeFrames()).isEqualTo(64);
        assertThat(cache.context().counters().dirtyPages).hasValue(0);
    }

    private static void put(PagedFile file, long page, long value) {
        try (PageCursor c = file.cursor()) {
            c.write(page);
            c.putLong(0, value);
            c.release();
        }
    }

    private static long get(PagedFile file, long page) {
        try (PageCursor c = file.cursor()) {
            long value;
            do {
                c.read(page);
                value = c.getLong(0);
            } while (c.retry());
            return value;
        }
    }

    private Path path() {
        return directory.resolve("data");
    }

    @Test
    void shouldShareThePagesUnderEveryNameOfTheFile() throws Exception {
        PagedFile first = cache.open(path(), WRITE);
        put(first, 3, 7);
        Path symbolic = Files.createSymbolicLink(directory.resolve("symbolic"), path());
        Path hard = Files.createLink(directory.resolve("hard"), path());
        for (Path name : List.of(path(), symbolic, hard)) {
            PagedFile other = cache.open(name, StandardOpenOption.WRITE);
            assertThat(other).isNotSameAs(first);
            assertThat(get(other, 3)).isEqualTo(7);
            put(other, 3, 7);
            put(other, other.append(), 5);
            assertThat(first.sizeBytes()).isEqualTo(other.sizeBytes());
            other.close();
        }
        assertThat(cache.stats().cachedPages()).isEqualTo(7 - 3);
        assertThat(get(first, 6)).isEqualTo(5);
        assertThat(count(cache.context().spaces().all())).isEqualTo(1);
    }

    private static int count(Iterable<AddressSpace> spaces) {
        List<AddressSpace> all = new ArrayList<>();
        spaces.forEach(all::add);
        return all.size();
    }

    @Test
    void shouldTellAFileFromAnotherOneThatGotItsName() throws Exception {
        PagedFile first = cache.open(path(), WRITE);
        put(first, 0, 1);
        Files.delete(path());
        PagedFile second = cache.open(path(), WRITE);
        put(second, 0, 2);
        assertThat(get(first, 0)).isEqualTo(1);
        assertThat(get(second, 0)).isEqualTo(2);
        first.close();
        second.close();
        assertThat(Files.readAllBytes(path())[0]).isEqualTo((byte) 2);
    }

    @Test
    void shouldCloseTheStoreWithTheLastHandle() throws Exception {
        PagedFile first = cache.open(path(), WRITE);
        PagedFile second = cache.open(path(), WRITE);
        put(first, 0, 1);
        PageCursor ofFirst = first.cursor();
        FileChannel channel = first.channel();
        first.close();
        first.close();
        assertThat(Files.readAllBytes(path())[0]).as("durable").isEqualTo((byte) 1);
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(first::cursor).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(first::sync).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(first::append).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> first.truncate(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ofFirst.write(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        ofFirst.close();
        put(second, 0, 2);
        assertThat(cache.stats().cachedPages()).isEqualTo(1);
        second.close();
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(Files.readAllBytes(path())[0]).isEqualTo((byte) 2);
        PagedFile again = cache.open(path());
        assertThat(get(again, 0)).isEqualTo(2);
    }

    @Test
    void shouldLetEachHandleBeReadOnlyOrNot() throws Exception {
        Files.write(path(), new byte[3 * PAGE_BYTES]);
        PagedFile reader = cache.open(path());
        assertThat(get(reader, 1)).isZero();
        PagedFile writer = cache.open(path(), StandardOpenOption.WRITE);
        put(writer, 1, 9);
        assertThat(get(reader, 1)).isEqualTo(9);
        assertThat(reader.readOnly()).isTrue();
        assertThat(writer.readOnly()).isFalse();
        try (PageCursor c = reader.cursor()) {
            for (long page : new long[] {1, 3, 10}) {
                assertThatThrownBy(() -> c.write(page)).hasMessageContaining("reading only");
                assertThatThrownBy(() -> c.create(page)).hasMessageContaining("reading only");
                assertThatThrownBy(() -> c.tryWrite(page)).hasMessageContaining("reading only");
            }
        }
        assertThatThrownBy(reader::append).hasMessageContaining("reading only");
        assertThatThrownBy(() -> reader.truncate(0)).hasMessageContaining("reading only");
        assertThatThrownBy(() -> reader.channel(StandardOpenOption.WRITE))
                .isInstanceOf(IllegalArgumentException.class);
        reader.close();
        put(writer, 4, 9);
        writer.close();
        assertThat(Files.size(path())).isEqualTo(5 * PAGE_BYTES);
    }

    @Test
    void shouldCutTheFileForEveryHandle() throws Exception {
        PagedFile first = cache.open(path(), WRITE);
        for (int page = 0; page < 5; page++) {
            put(first, page, 1);
        }
        PagedFile second =
                cache.open(path(), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(first.sizeBytes()).isZero();
        assertThatThrownBy(() -> get(first, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        put(second, 1, 4);
        assertThat(get(first, 0)).isZero();
        try (PageCursor c = first.cursor()) {
            c.write(0);
            assertThatThrownBy(
                            () ->
                                    cache.open(
                                            path(),
                                            StandardOpenOption.WRITE,
                                            StandardOpenOption.TRUNCATE_EXISTING))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("latch");
        }
        assertThat(first.sizePages()).isEqualTo(2);
    }

    @Test
    void shouldRefuseOptionsThatDoNotGoWithThoseOfAnotherHandle() throws Exception {
        PagedFile first = cache.open(path(), WRITE);
        put(first, 0, 1);
        first.sync();
        assertThatThrownBy(
                        () ->
                                cache.open(
                                        path(),
                                        StandardOpenOption.WRITE,
                                        StandardOpenOption.CREATE_NEW))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(
                        () ->
                                cache.open(
                                        path(),
                                        StandardOpenOption.WRITE,
                                        StandardOpenOption.TRUNCATE_EXISTING,
                                        StandardOpenOption.DSYNC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("open=[], asked=[DSYNC]")
                .hasMessageContaining("data");
        assertThatThrownBy(() -> cache.open(path(), StandardOpenOption.TRUNCATE_EXISTING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs WRITE");
        assertThatThrownBy(() -> cache.open(path(), StandardOpenOption.APPEND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PagedFile.channel");
        assertThat(first.sizePages()).as("not cut").isEqualTo(1);
        assertThat(Files.size(path())).isEqualTo(PAGE_BYTES);
    }

    @Test
    void shouldDeleteTheFileWithItsLastHandleAndStoreNothingMore() throws Exception {
        PagedFile first = cache.open(path(), WRITE);
        put(first, 0, 1);
        first.sync();
        PagedFile second =
                cache.open(path(), StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        put(second, 20, 2);
        long written = cache.stats().pagesWritten();
        second.close();
        assertThat(path()).as("the other handle is open").exists();
        assertThat(get(first, 20)).isEqualTo(2);
        first.close();
        assertThat(path()).doesNotExist();
        assertThat(cache.stats().pagesWritten()).isEqualTo(written);
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThatThrownBy(() -> cache.open(path())).hasMessageContaining("data");
    }

    @Test
    void shouldNotDeleteAnotherFileThatGotTheName() throws Exception {
        PagedFile temporary =
                cache.open(
                        path(),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.DELETE_ON_CLOSE);
        put(temporary, 0, 1);
        Files.delete(path());
        Files.writeString(path(), "another");
        temporary.close();
        assertThat(path()).hasContent("another");
    }

    @Test
    void shouldDeleteWithTheCacheWhatIsToBeDeleted() throws Exception {
        PagedFile temporary =
                cache.open(
                        path(),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.DELETE_ON_CLOSE);
        put(temporary, 0, 1);
        cache.close();
        assertThat(path()).doesNotExist();
        cache.close();
    }

    /**
     * Threads that open and close handles on one file, while its content is written through all.
     */
    @Test
    void shouldLoseNothingWhenHandlesComeAndGo() throws Exception {
        int rounds = 150;
        List<Running<Boolean>> threads = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            int page = t;
            threads.add(
                    Running.run(
                            () -> {
                                for (int i = 1; i <= rounds; i++) {
                                    PagedFile file = cache.open(path(), WRITE);
                                    assertThat(i == 1 ? i - 1 : get(file, page)).isEqualTo(i - 1);
                                    put(file, page, i);
                                    file.close();
                                }
                            }));
        }
        for (Running<Boolean> thread : threads) {
            thread.get();
        }
        assertThat(count(cache.context().spaces().all())).isZero();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path()));
        assertThat(bytes.capacity()).isEqualTo(3 * PAGE_BYTES);
        for (int page = 0; page < 3; page++) {
            assertThat(bytes.get(page * PAGE_BYTES) & 0xFF).isEqualTo(rounds);
        }
    }

    @Test
    void shouldTellEveryHandleOfAFencedFileThatItIsClosedAndLost() throws Exception {
        PagedFile one = cache.open(path(), WRITE);
        PagedFile last = cache.open(path(), WRITE);
        put(one, 0, 1);
        one.space().fence(new IOException("on purpose"));
        assertThatThrownBy(one::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("dirtyPages=1")
                .hasRootCauseMessage("on purpose");
        one.close(); // it is
        assertThatThrownBy(last::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("pagesLost=1");
    }

    /** Found by its name while it is on its way out: opened anew, and not deleted. */
    @Test
    void shouldNotDeleteAFileThatIsOpenedWhileItsNameIsDeleted() throws Exception {
        for (int round = 0; round < 200; round++) {
            PagedFile first =
                    cache.open(
                            path(),
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.DELETE_ON_CLOSE);
            AddressSpace deleted = first.space();
            Running<PagedFile> open = Running.start(() -> cache.open(path(), WRITE));
            first.close();
            PagedFile second = open.get();
            boolean shared = second.space() == deleted;
            put(second, 0, round);
            second.close();
            assertThat(Files.exists(path())).as("round %s", round).isEqualTo(!shared);
            Files.deleteIfExists(path());
        }
    }

    @Test
    void shouldTouchNothingAndKeepNothingWhenHintsContradictEachOther() throws Exception {
        Path path = directory.resolve("data");
        Files.writeString(path, "precious");
        assertThatThrownBy(
                        () ->
                                cache.open(
                                        path,
                                        StandardOpenOption.WRITE,
                                        StandardOpenOption.TRUNCATE_EXISTING,
                                        CursorHint.SEQUENTIAL,
                                        CursorHint.RANDOM))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hints must not be both SEQUENTIAL and RANDOM");
        assertThat(Files.readString(path)).isEqualTo("precious");
        assertThat(cache.context().spaces().all()).isEmpty();
    }

    @Test
    void shouldKeepNothingOpenWhenAnOpenEndsInAnError() throws Exception {
        Error thrown = new OutOfMemoryError("no heap for what a hook wants");
        PageHooks broken =
                new PageHooks() {
                    @Override
                    public boolean allowsDirect() {
                        throw thrown;
                    }
                };
        assertThatThrownBy(() -> cache.open(path(), broken, WRITE)).isSameAs(thrown);
        assertThat(descriptors()).isZero();
        PagedFile file = cache.open(path(), WRITE);
        assertThat(descriptors()).as("it would have been seen").isPositive();
        put(file, 0, 7);
        assertThat(get(file, 0)).isEqualTo(7);
    }

    /** How many descriptors this process has of the file. */
    private long descriptors() throws IOException {
        Path real = path().toRealPath();
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(it -> real.equals(targetOf(it))).count();
        }
    }

    private static @Nullable Path targetOf(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return null; // closed meanwhile: that of the listing itself, say
        }
    }
}
