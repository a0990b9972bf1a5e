package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Fault;
import dev.quire.aio.FaultPlan;
import dev.quire.allocator.OutOfFramesException;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.PageReadException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Stores whose reads and writes fail, hang for a while or come back short, whose syncs fail, and
 * whose callbacks throw, under threads that go on in spite of it. Nothing is lost that was written
 * to a file that got well again, nor anything that was acknowledged by one that did not; every page
 * leaves once; every frame comes back.
 *
 * <p>Replay: {@code -Dseed=N}; the threads meet anew. {@code -Dcache.fault.operations=N} for more.
 */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultStressTest {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 120;
    private static final int THREADS = 4;
    private static final int OPERATIONS = Integer.getInteger("cache.fault.operations", 1_000);

    @TempDir Path directory;
    private final long seed = Long.getLong("seed", System.nanoTime());

    private static PageCacheConfig.Builder config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) CacheFixture.FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyAge(Duration.ofMillis(10))
                .stallMax(Duration.ofMillis(300));
    }

    private String replay() {
        return "FaultStressTest " + THREADS * OPERATIONS + " operations -Dseed=" + seed;
    }

    @Test
    void shouldLoseNothingWhenReadsAndWritesFailAndEveryFrameComesBack() throws Exception {
        System.out.println(replay());
        List<FaultyStore> stores = stores(3);
        try (PageCache cache = PageCache.create(config().build())) {
            List<StampedFile> files = map(cache, stores);
            stores.forEach(FaultyStore::breakDown);
            play(files);
            stores.forEach(store -> store.backing.heal());

            cache.verify();
            for (int i = 0; i < files.size(); i++) {
                files.get(i).syncUntilItWorks();
                files.get(i).checkAll(stores.get(i).backing::durable);
            }
            closeAll(files);
            checkAllGone(cache, stores);
            for (FaultyStore store : stores) {
                for (long page = 0; page < PAGES; page++) { // each entered by a read
                    assertThat(store.backing.freed(page)).isEqualTo(store.backing.readsOf(page));
                }
            }
        }
    }

    @Test
    void shouldKeepWhatWasAcknowledgedWhenASyncFailsAndLeaveOtherFilesAlone() throws Exception {
        System.out.println(replay());
        List<FaultyStore> stores = stores(3);
        try (PageCache cache = PageCache.create(config().build())) {
            List<StampedFile> files = map(cache, stores);
            stores.forEach(FaultyStore::breakDown);
            MemoryBacking fenced = stores.getFirst().backing;
            fenced.beforeSync =
                    page -> {
                        if (fenced.syncs.get() >= 20) {
                            throw new IOException("injected: sync");
                        }
                    };
            play(files);
            stores.forEach(store -> store.backing.heal());

            cache.verify();
            assertThat(files.getFirst().closeFailed()).as("close reports").isTrue();
            files.getFirst().checkAcknowledged(fenced::durable);
            for (int i = 1; i < files.size(); i++) {
                files.get(i).syncUntilItWorks();
                files.get(i).checkAll(stores.get(i).backing::durable);
            }
            closeAll(files.subList(1, files.size()));
            checkAllGone(cache, stores);
        }
    }

    @Test
    void shouldLoseNothingWhenTransfersOfAFileFailComeLateOrShort() throws Exception {
        FaultPlan plan =
                FaultPlan.builder()
                        .seed(seed)
                        .probability(Fault.SHORT_TRANSFER, 0.2)
                        .probability(Fault.EINTR, 0.05)
                        .probability(Fault.EAGAIN, 0.05)
                        .probability(Fault.EIO, 0.002)
                        .probability(Fault.ENOSPC, 0.002)
                        .probability(Fault.LATE, 0.02)
                        .only(FaultPlan.Traffic.READS, FaultPlan.Traffic.WRITES)
                        .build();
        System.out.println(replay() + " " + plan);
        plan.off();
        AsyncIoConfig io = AsyncIoConfig.builder().faults(plan).build();
        Path path = directory.resolve("faulty");
        try (PageCache cache = PageCache.create(config().io(io).build())) {
            PagedFile paged = cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            paged.truncate((long) PAGES * PAGE_BYTES);
            StampedFile file = new StampedFile(paged);
            plan.on();
            play(List.of(file));
            plan.off();

            assertThat(plan.injected()).isPositive();
            cache.verify();
            file.syncUntilItWorks();
            closeAll(List.of(file));
            CacheFixture.awaitAllFree(cache);
            byte[] bytes = Files.readAllBytes(path);
            file.checkAll(
                    page -> Arrays.copyOfRange(bytes, page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
        }
    }

    private List<FaultyStore> stores(int count) {
        List<FaultyStore> stores = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stores.add(new FaultyStore(seed + 100 + i));
        }
        return stores;
    }

    private static List<StampedFile> map(PageCache cache, List<FaultyStore> stores)
            throws IOException {
        List<StampedFile> files = new ArrayList<>();
        for (FaultyStore store : stores) {
            store.backing.truncate((long) PAGES * PAGE_BYTES);
            files.add(new StampedFile(cache.map("faulty-" + files.size(), store.backing)));
        }
        return files;
    }

    private void play(List<StampedFile> files) throws Exception {
        List<Running<?>> running = new ArrayList<>();
        for (int id = 0; id < THREADS; id++) {
            Player player = new Player(files, id, new Random(seed + id));
            running.add(Running.run(player::play));
        }
        for (Running<?> thread : running) {
            thread.join();
        }
    }

    private static void closeAll(List<StampedFile> files) throws IOException {
        for (StampedFile file : files) {
            file.file.close();
        }
    }

    private static void checkAllGone(PageCache cache, List<FaultyStore> stores) {
        cache.verify();
        PageCacheStats stats = cache.stats();
        assertThat(stats.cachedPages()).isZero();
        CacheFixture.awaitAllFree(cache);
        assertThat(stats.readErrors()).isPositive();
        assertThat(stats.writeErrors()).isPositive();
        assertThat(stats.callbackErrors()).isPositive();
        long left = stores.stream().mapToLong(store -> store.backing.freedTotal()).sum();
        assertThat(left).as("pages that left").isEqualTo(stats.faults());
    }

    /** A store that does badly what it is asked, by chance. */
    private static final class FaultyStore {
        final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
        private final AtomicLong decisions;

        FaultyStore(long seed) {
            decisions = new AtomicLong(seed * 1_000_003);
            backing.trimsZeros = true;
        }

        void breakDown() {
            backing.beforeRead = page -> misbehave("read", page, 60);
            // In the middle of a run too. Rarely: the flusher leaves the file alone for a while.
            backing.beforeWrite = page -> misbehave("write", page, 300);
            backing.mayRelease =
                    page -> {
                        throwSometimes("releasePage", page);
                        return !happens(50);
                    };
            backing.onFree = page -> throwSometimes("freePage", page);
        }

        private void misbehave(String what, long page, int failOneIn) throws IOException {
            if (happens(100)) {
                LockSupport.parkNanos(1_000_000);
            }
            if (happens(failOneIn)) {
                throw new IOException("injected: " + what + " of page " + page);
            }
            throwSometimes(what, page);
        }

        private void throwSometimes(String what, long page) {
            if (happens(500)) {
                throw new IllegalStateException("injected: " + what + " of page " + page);
            }
        }

        private boolean happens(int oneIn) {
            return new Random(decisions.incrementAndGet()).nextInt(oneIn) == 0;
        }
    }

    /** A file of fixed size, and what its pages hold: each page has one thread that writes it. */
    private static final class StampedFile {
        final PagedFile file;
        final AtomicIntegerArray written = new AtomicIntegerArray(PAGES);
        final AtomicIntegerArray acknowledged = new AtomicIntegerArray(PAGES);

        StampedFile(PagedFile file) {
            this.file = file;
        }

        void syncUntilItWorks() throws IOException {
            try {
                file.sync();
            } catch (IOException e) { // what failed before and nobody was told of
                file.sync();
            }
        }

        boolean closeFailed() {
            try {
                file.close();
                return false;
            } catch (IOException e) {
                return true;
            }
        }

        void checkAll(IntFunction<byte[]> store) {
            for (int page = 0; page < PAGES; page++) {
                assertThat(Stamps.version(page, store.apply(page)))
                        .as("page %s of %s", page, file)
                        .isEqualTo(written.get(page));
            }
        }

        void checkAcknowledged(IntFunction<byte[]> store) {
            for (int page = 0; page < PAGES; page++) {
                assertThat(Stamps.version(page, store.apply(page)))
                        .as("page %s of %s", page, file)
                        .isGreaterThanOrEqualTo(acknowledged.get(page));
            }
        }
    }

    private static final class Player {
        private final List<StampedFile> files;
        private final int id;
        private final Random random;

        Player(List<StampedFile> files, int id, Random random) {
            this.files = files;
            this.id = id;
            this.random = random;
        }

        void play() throws IOException {
            List<PageCursor> cursors = files.stream().map(f -> f.file.cursor()).toList();
            for (int i = 0; i < OPERATIONS; i++) {
                int n = random.nextInt(files.size());
                try {
                    step(files.get(n), cursors.get(n));
                } catch (PageReadException | FileFencedException e) {
                    assertThat(e).hasMessageContaining(files.get(n).file.name());
                } catch (UncheckedIOException | OutOfFramesException e) {
                    sync(files.get(n)); // too much cannot be written
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageStartingWith("injected");
                }
            }
            cursors.forEach(PageCursor::close);
        }

        private void step(StampedFile file, PageCursor cursor) throws IOException {
            int dice = random.nextInt(100);
            if (dice < 30) {
                read(file, cursor, ownPage());
            } else if (dice < 50) {
                read(file, cursor, random.nextInt(PAGES));
            } else if (dice < 90) {
                write(file, cursor, ownPage());
            } else if (dice < 97) {
                pin(file, cursor, ownPage());
            } else {
                sync(file);
            }
        }

        private int ownPage() {
            return random.nextInt(PAGES / THREADS) * THREADS + id;
        }

        private void read(StampedFile file, PageCursor cursor, int page) {
            int before = file.written.get(page);
            int found = Stamps.read(cursor, page);
            if (page % THREADS == id) {
                assertThat(found).as("page %s of %s", page, file.file).isEqualTo(before);
            } else {
                assertThat(found).as("page %s", page).isGreaterThanOrEqualTo(before);
            }
        }

        private void write(StampedFile file, PageCursor cursor, int page) {
            cursor.write(page);
            int version = Stamps.latched(cursor, page);
            assertThat(version).as("page %s", page).isEqualTo(file.written.get(page));
            Stamps.store(cursor, page, version + 1);
            cursor.release();
            file.written.set(page, version + 1);
        }

        private void pin(StampedFile file, PageCursor cursor, int page) {
            cursor.pin(page);
            try {
                LockSupport.parkNanos(1);
                assertThat(Stamps.latched(cursor, page)).isEqualTo(file.written.get(page));
            } finally {
                cursor.release();
            }
        }

        private void sync(StampedFile file) throws IOException {
            int[] before = new int[PAGES];
            for (int page = id; page < PAGES; page += THREADS) {
                before[page] = file.written.get(page);
            }
            try {
                file.file.sync();
            } catch (IOException | FileFencedException e) {
                return; // not acknowledged
            }
            for (int page = id; page < PAGES; page += THREADS) {
                file.acknowledged.set(page, before[page]);
            }
        }
    }
}
