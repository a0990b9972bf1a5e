package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Random operations of several threads on one file in a cache of few frames, while snapshots of it
 * are taken, read and closed: a snapshot shows, page by page and again and again, what a naive
 * model of the file was when it was taken. Operations hold a lock shared, and a snapshot is taken,
 * the file cut and punched, under the same lock alone, so that the model can be copied with it;
 * what snapshots show is checked without a lock, beside everything else.
 *
 * <p>Replay: {@code -Dseed=N}; the operations of each thread are then the same, their order among
 * threads is not. {@code -Dsnapshot.model.operations=N} for more of them.
 */
class SnapshotModelTest {
    private static final int OPERATIONS = Integer.getInteger("snapshot.model.operations", 40_000);
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 60;
    private static final int OPEN_MAX = 4;

    @TempDir Path spills;

    @ParameterizedTest(name = "{0} threads, {1} frames")
    @CsvSource({"1, 16", "2, 16", "4, 32", "4, 64"})
    void shouldShowWhatTheModelWasWhenItWasTaken(int threads, int frames) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.printf(
                "SnapshotModelTest %d threads, %d frames, %d operations: -Dseed=%d%n",
                threads, frames, OPERATIONS, seed);
        try (PageCache cache = PageCache.create(config())) {
            int[] taken = new int[CacheFixture.FRAMES - frames];
            cache.context().allocator().allocateBatch(taken, 0, taken.length);
            MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
            boolean punches = new Random(seed).nextBoolean();
            backing.onPunch = position -> punches;
            Game game = new Game(cache.map("model", backing));
            List<Running<?>> running = new ArrayList<>();
            for (int id = 0; id < threads; id++) {
                Player player = new Player(game, id, threads, new Random(seed + id));
                running.add(Running.run(() -> player.play(OPERATIONS / threads)));
            }
            for (Running<?> thread : running) {
                thread.join();
            }
            game.finish();
            cache.verify();
            cache.context().allocator().putBatch(taken, 0, taken.length);
            CacheFixture.awaitAllFree(cache);
        }
    }

    private PageCacheConfig config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(20))
                .snapshots(new SnapshotLimits(10, Long.MAX_VALUE, Duration.ofSeconds(20), spills))
                .build();
    }

    /** A snapshot, and what it has to show: the stamp of each page. */
    private static final class Taken {
        private final FileSnapshot snapshot;
        private final int[] stamps;
        private final AtomicInteger readers = new AtomicInteger(1); // the list is one

        Taken(FileSnapshot snapshot, int[] stamps) {
            this.snapshot = snapshot;
            this.stamps = stamps;
        }

        boolean begin() {
            return readers.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
        }

        void end() {
            if (readers.decrementAndGet() == 0) {
                snapshot.close();
            }
        }
    }

    private static final class Game {
        private final PagedFile file;
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private final List<Taken> open = new ArrayList<>(); // under its own monitor

        // Each page's by who writes it; all of it under the lock alone.
        private final int[] stamps = new int[PAGES];
        private int pages;

        Game(PagedFile file) {
            this.file = file;
        }

        void finish() throws IOException {
            for (Taken taken : List.copyOf(open)) {
                checkAll(taken);
                taken.end();
            }
            file.close();
        }

        @Nullable Taken pick(Random random) {
            synchronized (open) {
                if (open.isEmpty()) {
                    return null;
                }
                Taken taken = open.get(random.nextInt(open.size()));
                return taken.begin() ? taken : null;
            }
        }

        void take(Random random) {
            Taken taken;
            lock.writeLock().lock();
            try {
                FileSnapshot snapshot = file.snapshot();
                taken = new Taken(snapshot, Arrays.copyOf(stamps, pages));
            } finally {
                lock.writeLock().unlock();
            }
            Taken goes = null;
            synchronized (open) {
                open.add(taken);
                if (open.size() > OPEN_MAX) {
                    goes = open.remove(random.nextInt(open.size()));
                }
            }
            if (goes != null) {
                goes.end();
            }
        }

        static void checkAll(Taken taken) throws IOException {
            assertThat(taken.snapshot.sizeBytes())
                    .isEqualTo((long) taken.stamps.length * PAGE_BYTES);
            try (FileChannel channel = taken.snapshot.channel()) {
                ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i < taken.stamps.length; i++) {
                    assertThat(channel.read(page.clear())).isEqualTo(PAGE_BYTES);
                    for (int at = 0; at < PAGE_BYTES; at += 8) {
                        long word = page.getLong(at);
                        if (word != Stamps.word(i, taken.stamps[i])) {
                            throw new AssertionError(
                                    "page %d at %d: %016x, stamp %d"
                                            .formatted(i, at, word, taken.stamps[i]));
                        }
                    }
                }
                assertThat(channel.read(page.clear())).isEqualTo(-1);
            }
        }
    }

    private static final class Player {
        private final Game game;
        private final int id;
        private final int threads;
        private final Random random;
        private int stamp;

        Player(Game game, int id, int threads, Random random) {
            this.game = game;
            this.id = id;
            this.threads = threads;
            this.random = random;
        }

        void play(int operations) throws IOException {
            try (PageCursor cursor = game.file.cursor();
                    FileChannel channel = game.file.channel()) {
                for (int i = 0; i < operations; i++) {
                    step(cursor, channel);
                }
            }
        }

        private void step(PageCursor cursor, FileChannel channel) throws IOException {
            int dice = random.nextInt(1000);
            if (dice < 500) {
                shared(() -> write(cursor, channel));
            } else if (dice < 700) {
                readOne();
            } else if (dice < 900) {
                sweep(cursor);
            } else if (dice < 960) {
                shared(() -> grow(cursor));
            } else if (dice < 970) {
                game.file.sync();
            } else if (dice < 975) {
                game.file.tryInvalidate(0, PAGES);
            } else if (dice < 980) {
                alone(() -> cut(random.nextInt(PAGES)));
            } else if (dice < 985) {
                alone(this::punch);
            } else if (dice < 995) {
                game.take(random);
            } else {
                readAll();
            }
        }

        private interface Step {
            void run() throws IOException;
        }

        private void shared(Step step) throws IOException {
            game.lock.readLock().lock();
            try {
                step.run();
            } finally {
                game.lock.readLock().unlock();
            }
        }

        private void alone(Step step) throws IOException {
            game.lock.writeLock().lock();
            try {
                step.run();
            } finally {
                game.lock.writeLock().unlock();
            }
        }

        private void write(PageCursor cursor, FileChannel channel) throws IOException {
            int pages = game.pages;
            int page = random.nextInt(PAGES) / threads * threads + id;
            if (page >= pages || page >= PAGES) {
                return;
            }
            stamp++;
            switch (random.nextInt(4)) {
                case 0 -> {
                    cursor.create(page);
                    Stamps.store(cursor, page, stamp);
                    cursor.release();
                }
                case 1 -> {
                    ByteBuffer bytes =
                            ByteBuffer.allocate(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                    while (bytes.hasRemaining()) {
                        bytes.putLong(Stamps.word(page, stamp));
                    }
                    assertThat(channel.write(bytes.flip(), (long) page * PAGE_BYTES))
                            .isEqualTo(PAGE_BYTES);
                }
                case 2 -> {
                    cursor.read(page);
                    if (!cursor.upgrade()) {
                        cursor.write(page);
                    }
                    Stamps.store(cursor, page, stamp);
                    cursor.release();
                }
                default -> {
                    cursor.write(page);
                    Stamps.store(cursor, page, stamp);
                    cursor.release();
                }
            }
            game.stamps[page] = stamp;
        }

        /** One page more; only one thread at a time knows how many there are. */
        private void grow(PageCursor cursor) {
            synchronized (game.stamps) {
                int page = game.pages;
                if (page < PAGES && page % threads == id) {
                    stamp++;
                    if (random.nextBoolean()) {
                        assertThat(game.file.append()).isEqualTo(page);
                    }
                    cursor.create(page);
                    Stamps.store(cursor, page, stamp);
                    cursor.release();
                    game.stamps[page] = stamp;
                    game.pages = page + 1;
                }
            }
        }

        private void cut(int pages) throws IOException {
            if (pages < game.pages) {
                game.file.truncate((long) pages * PAGE_BYTES);
                Arrays.fill(game.stamps, pages, PAGES, 0);
                game.pages = pages;
            }
            if (random.nextBoolean()) { // zeros, up to where it was or beyond
                int more = Math.min(PAGES, pages + random.nextInt(PAGES / 2));
                if (more > game.pages) {
                    game.file.truncate((long) more * PAGE_BYTES);
                    game.pages = more;
                }
            }
        }

        private void punch() throws IOException {
            int first = random.nextInt(PAGES);
            int count = random.nextInt(8);
            game.file.punchHole((long) first * PAGE_BYTES, (long) count * PAGE_BYTES);
            int end = Math.min(game.pages, first + count);
            if (first < end) {
                Arrays.fill(game.stamps, first, end, 0);
            }
        }

        private void sweep(PageCursor cursor) {
            int page = random.nextInt(PAGES);
            for (int i = page; i < page + 4; i++) {
                try {
                    Stamps.read(cursor, i);
                } catch (IndexOutOfBoundsException e) {
                    return; // cut meanwhile
                }
            }
        }

        private void readOne() {
            Taken taken = game.pick(random);
            if (taken == null) {
                return;
            }
            try (SnapshotCursor cursor = taken.snapshot.cursor()) {
                if (taken.stamps.length > 0) {
                    int page = random.nextInt(taken.stamps.length);
                    cursor.read(page);
                    for (int at = 0; at < PAGE_BYTES; at += 8) {
                        if (cursor.getLong(at) != Stamps.word(page, taken.stamps[page])) {
                            throw new AssertionError(
                                    "page %d at %d: %016x, stamp %d"
                                            .formatted(
                                                    page,
                                                    at,
                                                    cursor.getLong(at),
                                                    taken.stamps[page]));
                        }
                    }
                }
            } finally {
                taken.end();
            }
        }

        private void readAll() throws IOException {
            Taken taken = game.pick(random);
            if (taken != null) {
                try {
                    Game.checkAll(taken);
                } finally {
                    taken.end();
                }
            }
        }
    }
}
