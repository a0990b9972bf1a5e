package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads read and write one file, through its pages and directly, whole and in part, while they
 * cut, extend, invalidate, pin and sync it, in a cache of fewer frames than the file has pages: a
 * read after a completed write sees it (S2.9).
 *
 * <p>Each run of pages has one writer, who knows what is in it and checks it to the word; what the
 * others find in a page is as new as the last write that had returned before they looked. Replay:
 * {@code -Dseed=N}; {@code -Ddirect.model.operations=N} for more.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class DirectModelTest {
    private static final int OPERATIONS = Integer.getInteger("direct.model.operations", 12_000);
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int RUN = 4;
    private static final int PAGES = 96;

    /** The pages from here on are cut off and come back, by thread 0, their writer. */
    private static final int TAIL = PAGES - 2 * RUN;

    @TempDir Path directory;

    @ParameterizedTest(name = "{0}, {1} threads, {2} frames")
    @CsvSource({
        "memory, 1, 16",
        "memory, 2, 16",
        "memory, 4, 24",
        "memory, 4, 64",
        "direct file, 4, 32",
        "buffered file, 3, 32"
    })
    void shouldSeeEveryWriteThatHasReturned(String kind, int threads, int frames) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.printf(
                "DirectModelTest %s, %d threads, %d frames, %d operations: -Dseed=%d%n",
                kind, threads, frames, OPERATIONS, seed);
        try (PageCache cache = PageCache.create(config())) {
            int[] taken = new int[CacheFixture.FRAMES - frames];
            cache.context().allocator().allocateBatch(taken, 0, taken.length);
            PagedFile file = open(cache, kind);
            file.truncate((long) PAGES * PAGE_BYTES);
            AtomicIntegerArray begun = new AtomicIntegerArray(PAGES);
            AtomicIntegerArray returned = new AtomicIntegerArray(PAGES);
            List<Running<Boolean>> running = new ArrayList<>();
            for (int id = 0; id < threads; id++) {
                Player player =
                        new Player(file, id, threads, new Random(seed + id), begun, returned);
                running.add(Running.run(() -> player.play(OPERATIONS / threads)));
            }
            for (Running<Boolean> thread : running) {
                thread.join();
            }
            cache.verify();
            PageCacheStats stats = cache.stats();
            System.out.printf(
                    "  direct reads %d, writes %d, through pages %d, faults %d, evictions %d%n",
                    stats.directReads(),
                    stats.directWrites(),
                    stats.directFallbacks(),
                    stats.faults(),
                    stats.evictions());
            assertThat(stats.stalePages()).isZero();
            assertThat(stats.callbackErrors()).isZero();
            assertThat(stats.directWrites()).isPositive();
            file.close();
            cache.verify();
            cache.context().allocator().putBatch(taken, 0, taken.length);
            CacheFixture.awaitAllFree(cache);
        }
    }

    private static PageCacheConfig config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(20))
                .build();
    }

    private PagedFile open(PageCache cache, String kind) throws IOException {
        Path path = directory.resolve("file");
        return switch (kind) {
            case "memory" -> cache.map("memory", new MemoryBacking(PAGE_BYTES));
            case "buffered file" ->
                    cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            default -> {
                try {
                    yield cache.open(
                            path,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            RealFileTest.direct());
                } catch (IOException e) {
                    yield abort("no direct I/O here: " + e.getMessage());
                }
            }
        };
    }

    /** A thread: writes the runs that are its own, and reads everywhere. */
    private static final class Player {
        private final PagedFile file;
        private final int id;
        private final int threads;
        private final Random random;
        private final AtomicIntegerArray begun;
        private final AtomicIntegerArray returned;
        private final int[] version = new int[PAGES]; // the last one that I began to write
        private final int[] content = new int[PAGES]; // the one that my page holds
        private final MemorySegment memory = DirectFixture.memory((long) RUN * PAGE_BYTES);
        // Not the memory that a write may be under way from.
        private final MemorySegment copy = DirectFixture.memory(PAGE_BYTES);
        private final ByteBuffer buffer =
                ByteBuffer.allocate(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private final boolean direct;

        Player(
                PagedFile file,
                int id,
                int threads,
                Random random,
                AtomicIntegerArray begun,
                AtomicIntegerArray returned) {
            this.file = file;
            this.id = id;
            this.threads = threads;
            this.random = random;
            this.begun = begun;
            this.returned = returned;
            direct = file.directAlignment() > 1;
        }

        private boolean isMine(int page) {
            return page >= TAIL ? id == 0 : page / RUN % threads == id;
        }

        void play(int operations) throws IOException {
            try (PageCursor cursor = file.cursor();
                    FileChannel channel = file.channel()) {
                for (int i = 0; i < operations; i++) {
                    step(cursor, channel);
                }
                for (int page = 0; page < PAGES; page++) {
                    if (isMine(page) && page < file.sizePages()) {
                        readExactly(cursor, page);
                    }
                }
            }
        }

        private void step(PageCursor cursor, FileChannel channel) throws IOException {
            int page = random.nextInt(PAGES);
            if (isMine(page)) {
                switch (random.nextInt(12)) {
                    case 0, 1, 2 -> write(cursor, page);
                    case 3, 4 -> writeDirect(page);
                    case 5 -> writePartDirect(page);
                    case 6 -> writeAsync(page, cursor);
                    case 7 -> writeByChannel(channel, page);
                    case 8 -> cut();
                    default -> {
                        if (page < file.sizePages()) {
                            readExactly(cursor, page);
                        }
                    }
                }
                return;
            }
            switch (random.nextInt(16)) {
                case 0 -> file.invalidate(page, 1 + random.nextInt(RUN));
                case 1 -> file.tryInvalidate(0, PAGES);
                case 2 -> file.prefetchRange(page, RUN);
                case 3 -> pin(cursor, page);
                case 4 -> {
                    if (random.nextInt(20) == 0) {
                        file.sync();
                    }
                }
                case 5, 6, 7, 8 -> readDirectly(page, returned.get(page));
                default -> readOfAnother(cursor, page);
            }
        }

        // ---- writes

        private int begin(int page) {
            int next = ++version[page];
            begun.set(page, next);
            content[page] = next;
            return next;
        }

        private void end(int page) {
            if (page < TAIL) { // a page of the tail may be zeros again at any time
                returned.set(page, version[page]);
            }
        }

        private void write(PageCursor cursor, int page) {
            int next = begin(page);
            if (random.nextInt(4) == 0) {
                cursor.create(page);
            } else {
                cursor.write(page);
            }
            Stamps.store(cursor, page, next);
            cursor.release();
            end(page);
        }

        private void writeByChannel(FileChannel channel, int page) throws IOException {
            int next = begin(page);
            buffer.clear();
            while (buffer.hasRemaining()) {
                buffer.putLong(Stamps.word(page, next));
            }
            buffer.flip();
            long position = (long) page * PAGE_BYTES;
            while (buffer.hasRemaining()) {
                position += channel.write(buffer, position);
            }
            end(page);
        }

        /** As many pages of the run as there are, from this one on. */
        private int stamp(int page) {
            int count = 1 + random.nextInt(RUN - page % RUN);
            for (int i = 0; i < count; i++) {
                int next = begin(page + i);
                stamp(page + i, next, (long) i * PAGE_BYTES, PAGE_BYTES);
            }
            return count;
        }

        private void stamp(int page, int next, long at, long bytes) {
            for (long offset = 0; offset < bytes; offset += 8) {
                memory.set(ValueLayout.JAVA_LONG, at + offset, Stamps.word(page, next));
            }
        }

        private void writeDirect(int page) throws IOException {
            int count = stamp(page);
            file.writeDirect(
                    memory.asSlice(0, (long) count * PAGE_BYTES), (long) page * PAGE_BYTES);
            for (int i = 0; i < count; i++) {
                end(page + i);
            }
        }

        /** In two halves, so that the page is written in part, over what is dirty. */
        private void writePartDirect(int page) throws IOException {
            int unit = direct ? file.directAlignment() : 512;
            int first = random.nextInt(PAGE_BYTES / unit + 1) * unit;
            int next = begin(page);
            stamp(page, next, 0, PAGE_BYTES);
            long position = (long) page * PAGE_BYTES;
            file.writeDirect(memory.asSlice(0, first), position);
            file.writeDirect(memory.asSlice(first, PAGE_BYTES - first), position + first);
            end(page);
        }

        /** Reads while the write is under way. */
        private void writeAsync(int page, PageCursor cursor) throws IOException {
            int[] before = new int[RUN];
            for (int i = 0; i < RUN; i++) {
                before[i] = returned.get(Math.min(page + i, PAGES - 1));
            }
            int count = stamp(page);
            DirectFixture.Outcome outcome = new DirectFixture.Outcome();
            file.writeDirect(
                    memory.asSlice(0, (long) count * PAGE_BYTES),
                    (long) page * PAGE_BYTES,
                    outcome,
                    random.nextBoolean() ? Runnable::run : Thread::startVirtualThread);
            for (int look = random.nextInt(3); look > 0; look--) {
                int other = page + random.nextInt(count);
                if (other < file.sizePages()) {
                    read(cursor, other, before[other - page], begun.get(other));
                }
            }
            assertThat(outcome.get()).isEqualTo((long) count * PAGE_BYTES);
            for (int i = 0; i < count; i++) {
                end(page + i);
            }
        }

        private void cut() throws IOException {
            if (id != 0) {
                return;
            }
            int page = TAIL + random.nextInt(PAGES - TAIL);
            int inside = 8 * random.nextInt(PAGE_BYTES / 8);
            file.truncate((long) page * PAGE_BYTES + inside);
            file.truncate((long) page * PAGE_BYTES); // nor is the rest of it looked at
            for (int cut = page; cut < PAGES; cut++) {
                content[cut] = 0;
            }
            if (random.nextBoolean()) {
                file.truncate((long) PAGES * PAGE_BYTES);
            }
        }

        // ---- reads

        /** My own page, which nobody writes now. */
        private void readExactly(PageCursor cursor, int page) throws IOException {
            switch (random.nextInt(3)) {
                case 0 -> {
                    assertThat(file.readDirect(memory.asSlice(0, PAGE_BYTES), position(page)))
                            .isEqualTo(PAGE_BYTES);
                    check(page, content[page], content[page]);
                }
                case 1 -> {
                    cursor.write(page);
                    assertThat(Stamps.latched(cursor, page)).isEqualTo(content[page]);
                    cursor.releaseClean();
                }
                default -> read(cursor, page, content[page], content[page]);
            }
        }

        private void readOfAnother(PageCursor cursor, int page) {
            int oldest = returned.get(page);
            try {
                read(cursor, page, oldest, Integer.MAX_VALUE);
            } catch (IndexOutOfBoundsException e) {
                assertThat(page).as("only the tail is cut").isGreaterThanOrEqualTo(TAIL);
            }
        }

        private void read(PageCursor cursor, int page, int oldest, int newest) {
            do {
                cursor.read(page);
                cursor.copyTo(0, copy, 0, PAGE_BYTES);
            } while (cursor.retry());
            check(copy, page, oldest, Math.min(newest, begun.get(page)));
        }

        private void pin(PageCursor cursor, int page) {
            int oldest = returned.get(page);
            try {
                cursor.pin(page);
            } catch (IndexOutOfBoundsException e) {
                assertThat(page).isGreaterThanOrEqualTo(TAIL);
                return;
            }
            do {
                cursor.copyTo(0, copy, 0, PAGE_BYTES);
            } while (cursor.retry());
            boolean detached = cursor.detached();
            if (random.nextInt(4) == 0) {
                LockSupport.parkNanos(20_000); // somebody's direct write goes through the page
            }
            cursor.release();
            if (!detached) {
                check(copy, page, oldest, begun.get(page));
            }
        }

        private void readDirectly(int page, int oldest) throws IOException {
            long bytes = file.readDirect(memory.asSlice(0, PAGE_BYTES), position(page));
            if (bytes == PAGE_BYTES) {
                check(page, oldest, begun.get(page));
            } else {
                assertThat(page).isGreaterThanOrEqualTo(TAIL);
            }
        }

        private void check(int page, int oldest, int newest) {
            check(memory, page, oldest, newest);
        }

        /** Each word is of a version that may be there; those of a write under way may differ. */
        private static void check(MemorySegment bytes, int page, int oldest, int newest) {
            for (long offset = 0; offset < PAGE_BYTES; offset += 8) {
                int found = Stamps.version(page, bytes.get(ValueLayout.JAVA_LONG, offset));
                if (found < oldest || found > newest) {
                    throw new AssertionError(
                            "page %d, offset %d: version %d, must be %d..%d"
                                    .formatted(page, offset, found, oldest, newest));
                }
            }
        }

        private static long position(int page) {
            return (long) page * PAGE_BYTES;
        }
    }
}
