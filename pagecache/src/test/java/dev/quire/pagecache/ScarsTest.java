package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.Fault;
import dev.quire.aio.FaultPlan;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.agrona.collections.IntArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What other page caches got wrong once, as docs/scars.md lists it. */
class ScarsTest extends CacheFixture {
    @TempDir Path directory;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        backing.put(3, 9);
        backing.put(39, 1);
        return config.stallMax(Duration.ofSeconds(5));
    }

    private PagedFile open(PageCache cache, String name) throws IOException {
        return cache.open(
                directory.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private static PageCache cacheWith(AsyncIoConfig io) {
        return PageCache.create(config().io(io).build());
    }

    private int takeFramesBut(int left) {
        PageAllocator allocator = cache.context().allocator();
        IntArrayList taken = new IntArrayList();
        for (int frame = allocator.tryAllocate(0);
                frame != PageAllocator.NO_FRAME;
                frame = allocator.tryAllocate(0)) {
            taken.addInt(frame);
        }
        for (int i = 0; i < left; i++) {
            allocator.put(taken.popInt());
        }
        this.taken.addAll(taken);
        return taken.size();
    }

    private final IntArrayList taken = new IntArrayList();

    @Override
    @AfterEach // JUnit forgets that of a method that is overridden
    void closeCache() throws IOException {
        taken.forEachInt(cache.context().allocator()::put);
        super.closeCache();
    }

    // ---- interrupts

    @ParameterizedTest
    @EnumSource(Engine.class)
    void shouldReadWriteAndSyncForAThreadThatIsInterrupted(Engine engine) throws Exception {
        try (PageCache cache = cacheWith(AsyncIoConfig.builder().engine(engine).build())) {
            PagedFile file = open(cache, "interrupted");
            Running<Boolean> interrupted =
                    Running.start(
                            () -> {
                                Thread.currentThread().interrupt();
                                write(file, 0, 200, 5); // more than there are frames
                                file.sync();
                                assertThat(read(file, 0)).isEqualTo(5);
                                file.truncate(150L * PAGE_BYTES);
                                return Thread.currentThread().isInterrupted();
                            });
            assertThat(interrupted.get()).as("still interrupted").isTrue();
            assertThat(read(file, 149)).isEqualTo(154);
            file.close();
            assertThat(Files.size(directory.resolve("interrupted"))).isEqualTo(150L * PAGE_BYTES);
        }
    }

    @Test
    void shouldWaitForAPageThroughAnInterruptAndKeepIt() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        Running<Long> filler = Running.start(() -> read(3)).awaitAsleep();
        Running<Boolean> waiter =
                Running.start(
                        () -> {
                            Thread.currentThread().interrupt();
                            assertThat(read(3)).isEqualTo(0x0909_0909_0909_0909L);
                            return Thread.interrupted();
                        });
        go.countDown();
        filler.get();
        assertThat(waiter.get()).isTrue();
    }

    // ---- durability

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHaveTheFileItselfSyncedAndFenceItWhenThatFails(boolean direct) throws Exception {
        FaultPlan plan =
                FaultPlan.builder().probability(Fault.EIO, 1).only(FaultPlan.Traffic.SYNCS).build();
        plan.off();
        try (PageCache cache = cacheWith(AsyncIoConfig.builder().faults(plan).build())) {
            PagedFile file = direct ? openDirect(cache) : open(cache, "synced");
            write(file, 0, 3, 1);
            file.sync();
            write(file, 0, 3, 2);
            plan.on();
            assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
            plan.off();
            assertThat(plan.injected(Fault.EIO)).isPositive();
            assertThatThrownBy(file::sync).isInstanceOf(FileFencedException.class);
            assertThatThrownBy(file::close).isInstanceOf(IOException.class);
        }
    }

    private PagedFile openDirect(PageCache cache) {
        try {
            return cache.open(
                    directory.resolve("direct"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    RealFileTest.direct());
        } catch (IOException e) {
            return abort("no direct I/O here: " + e.getMessage());
        }
    }

    @Test
    void shouldNotLetTheOldImageOfASlowReaderReplaceANewerPage() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        Running<Long> slow = Running.start(() -> read(3)).awaitAsleep();
        Running<Boolean> writer =
                Running.run(
                                () -> {
                                    try (PageCursor c = file.cursor()) {
                                        c.create(3);
                                        c.putLong(0, 77);
                                        c.putLong(PAGE_BYTES - 8, 77);
                                        c.release();
                                    }
                                })
                        .awaitAsleep();
        go.countDown();
        assertThat(slow.get()).isIn(0x0909_0909_0909_0909L, 77L);
        writer.get();
        assertThat(read(3)).isEqualTo(77);
        evictAll();
        file.sync();
        assertThat(read(3)).isEqualTo(77);
        assertThat(backing.durable(3)[0]).isEqualTo((byte) 77);
    }

    @Test
    void shouldWriteAFileThatWasDeletedMeanwhileAndNotTheOneThatHasItsName() throws Exception {
        Path path = directory.resolve("deleted");
        try (PageCache cache = cacheWith(AsyncIoConfig.builder().build())) {
            PagedFile file = open(cache, "deleted");
            write(file, 0, 40, 1);
            Running<Boolean> sync = Running.run(file::sync);
            Files.delete(path);
            Files.writeString(path, "another file");
            sync.get();
            write(file, 0, 40, 2);
            file.close();
        }
        assertThat(path).hasContent("another file");
    }

    // ---- races for a page

    @Test
    void shouldLeakNoFrameOfThoseWhoLoseARaceForAPage() throws Exception {
        for (int round = 0; round < 50; round++) {
            CountDownLatch start = new CountDownLatch(1);
            List<Running<Boolean>> racers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                racers.add(
                        Running.run(
                                () -> {
                                    Running.await(start);
                                    sweep(0, 40);
                                }));
            }
            start.countDown();
            for (Running<Boolean> racer : racers) {
                racer.get();
            }
            PageCacheStats stats = cache.stats();
            assertThat(stats.freeFrames() + stats.cachedPages()).isEqualTo(FRAMES);
            assertThat(stats.faults()).as("one fill a page").isEqualTo((round + 1) * 40L);
            file.truncate(0);
            file.truncate(40L * PAGE_BYTES);
        }
    }

    @Test
    void shouldLetNobodyHangWhoWaitsForAPageWhenTheFileIsClosed() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        List<Running<Boolean>> faulters = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            long page = i % 2;
            faulters.add(Running.run(() -> closedOrRead(page)));
        }
        Running.until("two fills", () -> backing.reads.get() == 2);
        Running<Boolean> close = Running.run(file::close);
        go.countDown();
        close.get();
        for (Running<Boolean> faulter : faulters) {
            faulter.get();
        }
        assertThat(cache.stats().freeFrames()).isEqualTo(FRAMES);
    }

    private void closedOrRead(long page) {
        try {
            read(page);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("closed");
        }
    }

    // ---- very small, very large

    @Test
    void shouldWorkWithTheOneFrameThatIsLeft() throws Exception {
        assertThat(takeFramesBut(1)).isGreaterThan(FRAMES / 2);
        for (int round = 1; round <= 3; round++) {
            write(0, 20, round);
            for (long page = 0; page < 20; page++) {
                assertThat(read(page)).isEqualTo(page + round);
            }
        }
        file.sync();
        assertThat(backing.durable(19)[0]).isEqualTo((byte) 22);
        assertThat(cache.stats().cachedPages()).isLessThanOrEqualTo(1);
    }

    @Test
    void shouldSyncAlthoughNoFrameIsFreeOnceTheStoreIsWellAgain() throws Exception {
        write(0, 10, 1);
        backing.beforeWrite =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        assertThat(takeFramesBut(0)).isPositive();
        backing.heal();
        try {
            file.sync();
        } catch (WriteFailedException e) { // of the flusher, meanwhile
            file.sync();
        }
        assertThat(backing.durable(9)[0]).isEqualTo((byte) 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 27, (1L << 31) - 1, 1L << 31, (1L << 32) + 3, (1L << 39) - 1})
    void shouldKnowPagesBeyondEveryIntInTheirNumberAndTheirPosition(long page) throws Exception {
        write(0, 1, 7);
        write(page, 1, 5);
        assertThat(file.sizeBytes()).isEqualTo((page + 1) * PAGE_BYTES);
        file.sync();
        evictAll();
        assertThat(cached(page)).isFalse();
        assertThat(read(page)).isEqualTo(page + 5);
        assertThat(read(0)).isEqualTo(7);
        assertThat(read(page - 1)).as("a hole").isZero();
        assertThat(backing.durableSize()).isEqualTo((page + 1) * PAGE_BYTES);
        file.truncate(page * PAGE_BYTES);
        assertThat(file.sizePages()).isEqualTo(page);
        assertThat(read(0)).isEqualTo(7);
    }

    @Test
    void shouldReadAndWriteAFileBeyondATebibyte() throws Exception {
        long page = (1L << 40) / PAGE_BYTES + 1;
        Path path = directory.resolve("sparse");
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), (page + 10) * PAGE_BYTES);
        } catch (IOException e) {
            abort("no files of that size here: " + e.getMessage());
        }
        Files.delete(path);
        try (PageCache cache = cacheWith(AsyncIoConfig.builder().build())) {
            PagedFile file = open(cache, "sparse");
            write(file, page, 2, 5);
            file.sync();
            file.close();
            PagedFile again = open(cache, "sparse");
            assertThat(again.sizePages()).isEqualTo(page + 2);
            assertThat(read(again, page + 1)).isEqualTo(page + 6);
            assertThat(read(again, page - 1)).isZero();
            again.close();
        }
        Files.delete(path);
    }

    // ---- a file that changes behind the cache's back

    @Test
    void shouldReadZerosAndNotCrashWhenAFileIsCutBehindItsBack() throws Exception {
        try (PageCache cache = cacheWith(AsyncIoConfig.builder().build())) {
            PagedFile file = open(cache, "cut");
            write(file, 0, 200, 1);
            file.sync();
            try (FileChannel channel =
                    FileChannel.open(directory.resolve("cut"), StandardOpenOption.WRITE)) {
                channel.truncate(PAGE_BYTES);
            }
            assertThat(read(file, 0)).isEqualTo(1);
            try (PageCursor c = file.cursor()) {
                for (long page = 1; page < 200; page++) {
                    long found;
                    do {
                        c.read(page);
                        found = c.getLong(0);
                    } while (c.retry());
                    assertThat(found).isIn(0L, page + 1);
                }
            }
            file.close();
        }
    }
}
