package dev.quire.faults.scene;

import static dev.quire.faults.scene.Expected.PAGES;
import static dev.quire.faults.scene.Expected.PAGE_BYTES;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.faults.Resources;
import dev.quire.pagecache.CursorGroup;
import dev.quire.pagecache.CursorHint;
import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.Reservation;
import dev.quire.pagecache.SnapshotCursor;
import dev.quire.pagecache.warm.WarmUp;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** The operations, with what each does to the file. Each may be done twice. */
enum CacheStep {
    READ {
        @Override
        void act(CacheScene s) {
            assertThat(CacheScene.read(s.file(), 2)).isEqualTo(1);
        }
    },
    FAULT {
        @Override
        void act(CacheScene s) {
            assertThat(CacheScene.read(s.file(), 20)).isEqualTo(1);
        }
    },
    READ_GROUP {
        @Override
        void act(CacheScene s) {
            try (CursorGroup group = s.file().cursorGroup(8)) {
                group.read(new long[] {8, 9, 10, 11, 13, 15, 17, 18}, 0, 8);
            }
        }
    },
    PREFETCH {
        @Override
        void act(CacheScene s) {
            s.file().prefetchRange(8, 12);
            for (int page = 8; page < 20; page++) {
                assertThat(CacheScene.read(s.file(), page)).isEqualTo(1);
            }
        }
    },
    READ_ASYNC {
        @Override
        void act(CacheScene s) throws Exception {
            CompletableFuture<Long> read = new CompletableFuture<>();
            s.file().readAsync(19, (page, failure) -> end(read, page, failure));
            await(read);
        }
    },
    WRITE {
        @Override
        void prepare(CacheScene s) {
            s.expected().changes(1, 3);
        }

        @Override
        void act(CacheScene s) {
            s.write(s.file(), 1, 3);
        }
    },
    WRITE_UNCACHED {
        @Override
        void prepare(CacheScene s) {
            s.expected().changes(10, 3);
        }

        @Override
        void act(CacheScene s) {
            s.write(s.file(), 10, 3);
        }
    },
    WRITE_WHOLE {
        @Override
        void prepare(CacheScene s) {
            s.expected().changes(11, 3);
        }

        @Override
        void act(CacheScene s) {
            try (PageCursor c = s.file().cursor()) {
                c.create(11);
                CacheScene.put(c, 11, 3);
                c.release();
            }
        }
    },
    APPEND {
        @Override
        void prepare(CacheScene s) {
            s.expected().resizes((PAGES + 1L) * PAGE_BYTES);
            s.expected().changes(PAGES, 3);
        }

        @Override
        void act(CacheScene s) {
            long page = s.file().sizePages() == PAGES ? s.file().append() : PAGES;
            try (PageCursor c = s.file().cursor()) {
                c.create(page);
                CacheScene.put(c, page, 3);
                c.release();
            }
        }
    },
    CHANNEL_APPEND {
        @Override
        void prepare(CacheScene s) {
            s.expected().resizes((long) PAGES * PAGE_BYTES + 100);
            s.expected().changes(PAGES, 3);
        }

        @Override
        void act(CacheScene s) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(100).order(ByteOrder.nativeOrder());
            bytes.putLong(0, Expected.stamp(PAGES, 3));
            try (FileChannel channel = s.file().channel()) {
                assertThat(channel.write(bytes, (long) PAGES * PAGE_BYTES)).isEqualTo(100);
            }
        }
    },
    SYNC {
        @Override
        void act(CacheScene s) throws IOException {
            s.file().sync();
        }
    },
    SYNC_RANGE {
        @Override
        void act(CacheScene s) throws IOException {
            s.file().syncRange(4, 1);
        }
    },
    FLUSH {
        @Override
        void act(CacheScene s) throws IOException {
            s.file().flush(4, 2);
        }
    },
    INVALIDATE {
        @Override
        void act(CacheScene s) throws IOException {
            assertThat(s.file().invalidate(0, PAGES)).isZero();
        }
    },
    TRUNCATE {
        @Override
        void prepare(CacheScene s) {
            s.expected().resizes(5L * PAGE_BYTES);
        }

        @Override
        void act(CacheScene s) throws IOException {
            s.file().truncate(5L * PAGE_BYTES);
        }
    },
    EXTEND {
        @Override
        void prepare(CacheScene s) {
            s.expected().resizes((PAGES + 4L) * PAGE_BYTES);
        }

        @Override
        void act(CacheScene s) throws IOException {
            s.file().truncate((PAGES + 4L) * PAGE_BYTES);
        }
    },
    PUNCH_HOLE {
        @Override
        void prepare(CacheScene s) {
            for (int page = 3; page < 9; page++) {
                s.expected().changes(page, 0);
            }
            s.expected().mayDrop();
        }

        @Override
        void act(CacheScene s) throws IOException {
            s.file().punchHole(3L * PAGE_BYTES, 6L * PAGE_BYTES);
        }
    },
    READ_DIRECT {
        @Override
        void act(CacheScene s) throws IOException {
            MemorySegment memory = memory(3);
            assertThat(s.file().readDirect(memory, 4L * PAGE_BYTES)).isEqualTo(3L * PAGE_BYTES);
            for (int page = 4; page < 7; page++) {
                long stamp = memory.get(ValueLayout.JAVA_LONG, (page - 4L) * PAGE_BYTES);
                assertThat(Expected.version(page, stamp)).isEqualTo(s.expected().before(page));
            }
        }
    },
    WRITE_DIRECT {
        @Override
        void prepare(CacheScene s) {
            changesDirect(s);
        }

        @Override
        void act(CacheScene s) throws IOException {
            s.file().writeDirect(stamped(3, 3, 3), 3L * PAGE_BYTES);
        }
    },
    WRITE_DIRECT_ASYNC {
        @Override
        void prepare(CacheScene s) {
            changesDirect(s);
        }

        @Override
        void act(CacheScene s) throws Exception {
            CompletableFuture<Long> write = new CompletableFuture<>();
            s.file()
                    .writeDirect(
                            stamped(3, 3, 3),
                            3L * PAGE_BYTES,
                            (bytes, failure) -> end(write, bytes, failure));
            await(write);
        }
    },
    SNAPSHOT {
        @Override
        void prepare(CacheScene s) {
            for (int page = 0; page < PAGES; page++) {
                s.expected().changes(page, 3);
            }
        }

        @Override
        void act(CacheScene s) {
            int[] versions = new int[PAGES];
            for (int page = 0; page < PAGES; page++) {
                versions[page] = CacheScene.read(s.file(), page);
            }
            try (FileSnapshot snapshot = s.file().snapshot();
                    SnapshotCursor c = snapshot.cursor()) {
                for (int page = 0; page < PAGES; page++) {
                    s.write(s.file(), page, 3);
                }
                for (int page = 0; page < PAGES; page++) {
                    c.read(page);
                    assertThat(Expected.version(page, c.getLong(0))).isEqualTo(versions[page]);
                }
            }
        }
    },
    RELOCATE {
        @Override
        void act(CacheScene s) {
            for (int page = 0; page < 6; page++) {
                s.file().relocate(page);
            }
        }
    },
    COMPACT {
        @Override
        void act(CacheScene s) {
            s.cache().compact(4, 2);
        }
    },
    RESIZE {
        @Override
        int frames() {
            return 2 * CacheScene.FRAMES;
        }

        @Override
        void act(CacheScene s) {
            s.cache().resize((long) CacheScene.FRAMES * PAGE_BYTES);
            for (int page = 0; page < PAGES; page++) {
                CacheScene.read(s.file(), page);
            }
            s.cache().resize((long) frames() * PAGE_BYTES);
        }
    },
    RESERVE {
        @Override
        void act(CacheScene s) {
            try (Reservation reservation = s.cache().reserve(4)) {
                CacheScene.read(s.file(), 21);
                CacheScene.read(s.file(), 22);
                assertThat(reservation.remaining()).isBetween(0, 4);
            }
        }
    },
    WARM_RESTART {
        @Override
        void act(CacheScene s) throws Exception {
            s.file().dumpHotPages(s.path("dump"));
            s.file().sync();
            s.file().invalidate(0, PAGES);
            WarmUp warmUp = s.file().warmUp(s.path("dump"));
            assertThat(warmUp.await(Duration.ofSeconds(20))).as("%s", warmUp).isTrue();
        }
    },
    EVICT {
        @Override
        void prepare(CacheScene s) throws IOException {
            try (RandomAccessFile other = file(s)) {
                other.setLength(2L * CacheScene.FRAMES * PAGE_BYTES);
            }
        }

        @Override
        void act(CacheScene s) throws IOException {
            PagedFile other = s.other();
            for (int page = 0; page < 2 * CacheScene.FRAMES; page++) {
                assertThat(CacheScene.read(other, page)).isZero();
            }
            s.closeOther();
        }
    },
    OPEN_WARM {
        @Override
        void prepare(CacheScene s) throws IOException {
            try (RandomAccessFile other = file(s)) {
                other.setLength(CacheScene.FRAMES / 2L * PAGE_BYTES);
            }
        }

        @Override
        void act(CacheScene s) throws IOException {
            try (PagedFile other = s.cache().open(s.path("other"), CursorHint.WILL_NEED)) {
                assertThat(CacheScene.read(other, 9)).isZero();
            }
        }
    },
    WRITE_OTHER {
        @Override
        void act(CacheScene s) throws IOException {
            PagedFile other = s.other();
            s.flushOther();
            for (int page = 0; page < PAGES_OVER_FRAMES; page++) {
                s.write(other, page, 3);
            }
            other.sync();
            s.closeOther();
            try (RandomAccessFile stored = file(s)) {
                for (int page = 0; page < PAGES_OVER_FRAMES; page++) {
                    stored.seek((long) page * PAGE_BYTES);
                    long stamp = Long.reverseBytes(stored.readLong());
                    assertThat(Expected.version(page, stamp)).isEqualTo(3);
                }
            }
        }
    },
    REOPEN {
        @Override
        void act(CacheScene s) throws IOException {
            s.reopen();
        }
    },
    CLOSE_CACHE {
        @Override
        void act(CacheScene s) throws IOException {
            s.closeCache();
        }
    },
    CREATE_CACHE {
        @Override
        void prepare(CacheScene s) throws IOException {
            s.file().sync();
            s.closeCache();
        }

        @Override
        void act(CacheScene s) throws IOException {
            s.open();
        }
    };

    private static final long WAIT_SECONDS_MAX = 20;
    private static final int PAGES_OVER_FRAMES = CacheScene.FRAMES + CacheScene.FRAMES / 4;

    /** What only this operation needs. */
    void prepare(CacheScene s) throws IOException {}

    abstract void act(CacheScene s) throws Exception;

    /** How large its cache is. */
    int frames() {
        return CacheScene.FRAMES;
    }

    /** Of write errors that these tell, each handle is told as well. */
    boolean isDirect() {
        return this == READ_DIRECT || this == WRITE_DIRECT || this == WRITE_DIRECT_ASYNC;
    }

    private static RandomAccessFile file(CacheScene s) throws IOException {
        return new RandomAccessFile(s.path("other").toFile(), "rw");
    }

    private static MemorySegment memory(int pages) {
        return Arena.ofAuto().allocate((long) pages * PAGE_BYTES, PAGE_BYTES);
    }

    private static MemorySegment stamped(int firstPage, int pages, int version) {
        MemorySegment memory = memory(pages);
        for (int i = 0; i < pages; i++) {
            long stamp = Expected.stamp(firstPage + i, version);
            long at = (long) i * PAGE_BYTES;
            memory.set(ValueLayout.JAVA_LONG, at, stamp);
            memory.set(ValueLayout.JAVA_LONG, at + PAGE_BYTES - Long.BYTES, stamp);
        }
        return memory;
    }

    /** Of three pages the first is cached and clean, the others dirty. */
    private static void changesDirect(CacheScene s) {
        for (int page = 3; page < 6; page++) {
            s.expected().changes(page, 3);
        }
    }

    private static void end(
            CompletableFuture<Long> future, long value, @Nullable Throwable failure) {
        boolean first =
                failure == null ? future.complete(value) : future.completeExceptionally(failure);
        if (!first) {
            Resources.mistake("completed twice");
        }
    }

    private static void await(CompletableFuture<Long> future) throws Exception {
        try {
            future.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw e;
            }
        }
    }
}
