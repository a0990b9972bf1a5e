package dev.quire.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.bench.example.Session;
import dev.quire.bench.example.TreeStore;
import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.backing.PageReadException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The small examples of {@code docs/guide.md}, run. */
class GuideExamplesTest {
    @TempDir Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @Test
    void shouldUseTheStoreAsTheGuideDoes() throws IOException {
        PageCacheConfig config =
                PageCacheConfig.builder().memoryBytes(16L << 20).pageBytes(4096).build();
        try (PageCache cache = PageCache.create(config);
                TreeStore store = TreeStore.open(cache, directory);
                Session session = store.session()) {
            for (long key = 0; key < 100_000; key++) {
                session.put(key, key * key);
            }
            store.commit(); // from here on it survives a crash
            session.remove(11);
            session.scan(10, 13, (key, value) -> out.println(key + " -> " + value));
        }
        assertThat(printed).hasToString("10 -> 100\n12 -> 144\n");
    }

    private static PageCache cache() {
        return PageCache.create(PageCacheConfig.builder().memoryBytes(4L << 20).build());
    }

    private PagedFile open(PageCache cache) throws IOException {
        return cache.open(directory.resolve("counters.db"), READ, WRITE, CREATE);
    }

    @Test
    void shouldLendTheMemoryOfAPinnedPage() throws IOException {
        try (PageCache cache = cache();
                PagedFile file = open(cache);
                PageCursor cursor = file.cursor()) {
            cursor.write(7);
            cursor.putLong(0, 42);
            cursor.release();

            cursor.pin(7);
            MemorySegment page = cursor.segment(); // valid until release
            long value;
            do {
                value = page.get(ValueLayout.JAVA_LONG, 0);
            } while (cursor.retry()); // somebody wrote meanwhile: read the bytes again
            cursor.release();

            assertThat(value).isEqualTo(42);
        }
    }

    @Test
    void shouldSayWhatCannotBeReadAndGoOn() throws IOException {
        try (PageCache cache = cache();
                PagedFile file = open(cache);
                PageCursor cursor = file.cursor()) {
            assertThatThrownBy(() -> cursor.read(7))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("page=7");
            file.truncate(8L * file.pageBytes());
            long page = 7;
            try {
                cursor.read(page);
            } catch (PageReadException e) { // which file, which page, which errno
                out.println("page " + page + " cannot be read now: " + e.getMessage());
            }
            assertThat(printed.size()).isZero();
        }
    }

    @Test
    void shouldShareThePagesWithAChannel() throws IOException {
        try (PageCache cache = cache();
                PagedFile file = open(cache);
                PageCursor cursor = file.cursor()) {
            FileChannel channel = file.channel();
            channel.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)), 8);
            byte first;
            do {
                cursor.read(0);
                first = cursor.getByte(8); // h
            } while (cursor.retry());
            channel.force(false); // as file.sync()

            assertThat(file.sizeBytes()).isEqualTo(13);
            assertThat(first).isEqualTo((byte) 'h');
        }
    }

    @Test
    void shouldCopyAFileAsItIsWhileOthersWriteIt() throws IOException {
        Path backup = directory.resolve("backup");
        try (PageCache cache = cache();
                PagedFile file = open(cache);
                PageCursor cursor = file.cursor()) {
            cursor.write(20);
            cursor.putLong(0, 1);
            cursor.release();

            try (FileSnapshot snapshot = file.snapshot();
                    FileChannel from = snapshot.channel();
                    FileChannel to = FileChannel.open(backup, CREATE, WRITE)) {
                cursor.write(20); // not in the backup
                cursor.putLong(0, 2);
                cursor.release();

                long position = 0;
                while (position < from.size()) {
                    position += from.transferTo(position, from.size() - position, to);
                }
                to.force(false);
            }

            try (PagedFile copy = cache.open(backup, READ);
                    PageCursor there = copy.cursor()) {
                there.pin(20);
                assertThat(there.getLong(0)).isEqualTo(1);
                assertThat(copy.sizePages()).isEqualTo(21);
                there.release();
            }
        }
    }

    @Test
    void shouldShowAMissingRetry() throws IOException {
        try (PageCache cache =
                        PageCache.create(
                                PageCacheConfig.builder()
                                        .memoryBytes(4L << 20)
                                        .checking(true)
                                        .build());
                PagedFile file = open(cache);
                PageCursor cursor = file.cursor()) {
            cursor.write(0);
            cursor.putLong(0, 42);
            cursor.release();

            cursor.read(0);
            long value = cursor.getLong(0); // used without asking retry(): wrong
            assertThatThrownBy(() -> cursor.read(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("retry");
            out.println(value);
        }
    }
}
