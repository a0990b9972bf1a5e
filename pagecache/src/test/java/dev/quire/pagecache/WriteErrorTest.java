package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes and syncs that fail: nothing is lost in silence. */
class WriteErrorTest extends CacheFixture {
    private static void fail() throws IOException {
        throw new IOException("no space left");
    }

    @Test
    void shouldKeepThePageDirtyAndReportOnceWhenAWriteFails() throws Exception {
        write(0, 3, 0);
        backing.beforeWrite = page -> fail();
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("store")
                .hasMessageContaining("dirtyPages=3")
                .hasMessageContaining("no space left");
        assertThat(cache.stats().dirtyPages()).isEqualTo(3);
        assertThat(cache.stats().writeErrors()).isPositive();
        assertThat(read(2)).isEqualTo(2);
        backing.heal();
        file.sync();
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(backing.durable(2)[0]).isEqualTo((byte) 2);
        file.sync();
    }

    @Test
    void shouldNotEvictAPageWhoseWriteFailed() throws Exception {
        write(0, 1, 9);
        backing.put(300, 0);
        file.truncate(300L * PAGE_BYTES);
        backing.beforeWrite = page -> fail();
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        sweep(1, 300);
        assertThat(cached(0)).isTrue();
        assertThat(read(0)).isEqualTo(9);
    }

    @Test
    void shouldReportAFailureOfTheBackgroundAtTheNextSync() throws Exception {
        backing.beforeWrite = page -> fail();
        write(0, 40, 0); // above the background limit
        Running.until("flusher failed", () -> cache.stats().writeErrors() > 0);
        backing.heal();
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        file.sync();
        assertThat(backing.durable(39)[0]).isEqualTo((byte) 39);
    }

    @Test
    void shouldKeepThePageDirtyWhateverTheStoreThrows() throws Exception {
        write(0, 2, 3);
        backing.beforeWrite =
                page -> {
                    throw new StackOverflowError("on purpose");
                };
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        backing.beforeWrite =
                page -> {
                    throw new IllegalArgumentException("on purpose");
                };
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        assertThat(cache.stats().dirtyPages()).isEqualTo(2);
        assertThat(cache.stats().writebackPages()).isZero();
        backing.heal();
        file.sync();
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 4);
    }

    @Test
    void shouldTellTheFileAndEachChannelOnceOfAFailureOfTheBackground() throws Exception {
        try (FileChannel early = file.channel(StandardOpenOption.WRITE)) {
            backing.beforeWrite = page -> fail();
            write(0, 40, 0); // above the background limit
            Running.until("flusher failed", () -> cache.stats().writeErrors() > 0);
            backing.heal();
            Running.until("flusher recovered", () -> cache.stats().dirtyPages() < 26);
            assertThatThrownBy(() -> early.force(false)).isInstanceOf(WriteFailedException.class);
            early.force(false);
            try (FileChannel late = file.channel(StandardOpenOption.WRITE)) {
                late.force(false); // opened after somebody was told
            }
            assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
            file.sync();
        }
    }

    // A sync whose own write failed may not return because another sync has reported the error.
    @Test
    void shouldReportToEverySyncThatCouldNotWrite() throws Exception {
        write(0, 1, 0);
        backing.beforeWrite = page -> fail();
        Running<Integer> one = Running.start(this::syncsThatLie);
        Running<Integer> two = Running.start(this::syncsThatLie);
        assertThat(one.get() + two.get()).as("syncs that returned").isZero();
    }

    private int syncsThatLie() {
        int lies = 0;
        for (int i = 0; i < 5_000; i++) {
            try {
                file.sync();
                lies++;
            } catch (WriteFailedException e) {
                assertThat(e).hasMessageContaining("no space left");
            }
        }
        return lies;
    }

    // ---- a failed sync of the store

    private void fence() {
        backing.beforeSync = page -> fail();
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("sync failed");
        backing.heal();
    }

    @Test
    void shouldFenceTheFileWhenItsSyncFails() throws Exception {
        backing.put(10, 1);
        file.truncate(11L * PAGE_BYTES);
        write(0, 2, 7);
        fence();
        assertThat(read(1)).as("cached pages can be read").isEqualTo(8);
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> c.write(0)).isInstanceOf(FileFencedException.class);
            assertThatThrownBy(() -> c.write(20)).isInstanceOf(FileFencedException.class);
            assertThatThrownBy(() -> c.create(0)).isInstanceOf(FileFencedException.class);
            assertThatThrownBy(() -> c.tryWrite(0)).isInstanceOf(FileFencedException.class);
            assertThatThrownBy(() -> c.read(10)).isInstanceOf(FileFencedException.class);
            assertThatThrownBy(() -> c.pin(10)).isInstanceOf(FileFencedException.class);
            c.pin(0);
            assertThat(c.getLong(0)).isEqualTo(7);
        }
        assertThatThrownBy(file::sync).isInstanceOf(FileFencedException.class);
        assertThatThrownBy(file::append).isInstanceOf(FileFencedException.class);
        assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(FileFencedException.class);
        assertThat(backing.syncs).as("no sync that would succeed").hasValue(0);
    }

    @Test
    void shouldReportAndDiscardWhenAFencedFileIsClosed() throws Exception {
        write(0, 2, 7);
        fence();
        assertThatThrownBy(file::close)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("fenced");
        assertThat(backing.closes).hasValue(1);
        assertThat(cache.stats().cachedPages()).isZero();
        file.close();
        assertThat(backing.closes).hasValue(1);
        file = cache.map("again", backing); // only a fresh open clears it
        write(0, 1, 1);
        file.sync();
    }

    @Test
    void shouldReportASyncThatFailsInClose() throws Exception {
        write(0, 2, 7);
        backing.beforeSync = page -> fail();
        assertThatThrownBy(file::close).isInstanceOf(WriteFailedException.class);
        assertThat(backing.closes).hasValue(1);
        assertThat(cache.stats().cachedPages()).isZero();
        file.close();
    }

    // The kernel tells a failed fsync once: a sync beside it could "succeed" over lost pages.
    @Test
    void shouldNotLetASyncSucceedBesideOneThatFails() throws Exception {
        write(0, 1, 0);
        CountDownLatch inside = gate();
        CountDownLatch go = gate();
        AtomicInteger calls = new AtomicInteger();
        backing.beforeSync =
                page -> {
                    if (calls.getAndIncrement() == 0) {
                        inside.countDown();
                        Running.await(go);
                        fail();
                    }
                };
        Running<Boolean> first = Running.run(file::sync);
        Running.await(inside);
        Running<Boolean> second = Running.run(file::sync).awaitAsleep();
        go.countDown();
        assertThatThrownBy(first::get).hasCauseInstanceOf(WriteFailedException.class);
        assertThatThrownBy(second::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(FileFencedException.class);
        assertThat(calls).hasValue(1);
    }

    // ---- limits

    @Test
    void shouldMakeWritersWaitAtTheHardLimit() throws Exception {
        CountDownLatch go = gate();
        backing.beforeWrite = page -> Running.await(go);
        Running<Boolean> writer = Running.run(() -> write(0, 60, 0));
        Running.until("writer stalls", () -> cache.stats().dirtyPages() >= 51);
        writer.awaitAsleep();
        assertThat(writer.isDone()).isFalse();
        assertThat(cache.stats().dirtyPages()).isBetween(51L, 52L);
        go.countDown();
        writer.get();
        assertThat(cache.stats().stalls()).isPositive();
    }

    @Test
    void shouldNotStopAThreadThatHoldsALatchAtTheHardLimit() throws Exception {
        CountDownLatch go = gate();
        write(0, 20, 0);
        backing.beforeWrite = page -> Running.await(go);
        Running<Boolean> thread =
                Running.run(
                        () -> {
                            try (PageCursor root = file.cursor()) {
                                root.write(70);
                                write(20, 36, 0);
                                assertThat(cache.stats().dirtyPages()).isGreaterThan(51);
                                root.release();
                            }
                        });
        thread.get();
        go.countDown();
    }

    @Test
    void shouldGiveTheErrorToWritersOfAFailingFileAndLetOthersGoOn() throws Exception {
        backing.beforeWrite = page -> fail();
        assertThatThrownBy(() -> write(0, 60, 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(WriteFailedException.class)
                .hasMessageContaining("hard limit");
        MemoryBacking healthy = new MemoryBacking(PAGE_BYTES);
        PagedFile other = cache.map("healthy", healthy);
        write(other, 0, 20, 3);
        other.sync();
        assertThat(healthy.durable(19)[0]).isEqualTo((byte) 22);
        // The error is reported, the file fails on: the others still go on, without a stall.
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        try (PageCursor keep = other.cursor()) {
            keep.pin(0);
            long stalls = cache.stats().stalls();
            write(other, 0, 1, 4);
            assertThat(cache.stats().stalls()).isEqualTo(stalls);
        }
        other.close();
        backing.heal();
        file.sync();
    }

    @Test
    void shouldLetWritersOnOnceAFailingFileHasRecovered() throws Exception {
        backing.beforeWrite = page -> fail();
        write(0, 40, 0);
        Running.until("flusher failed", () -> cache.stats().writeErrors() > 0);
        backing.heal();
        Running.until("flusher wrote", () -> cache.stats().dirtyPages() < 26);
        write(0, 60, 0);
        write(60, 60, 0); // past the hard limit: nobody has taken the old error, and it is over
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        file.sync();
    }

    @Test
    void shouldNotRefuseWritersForAFailureThatTheStoreHasGotOver() throws Exception {
        AtomicBoolean well = new AtomicBoolean();
        backing.beforeWrite =
                page -> {
                    if (!well.getAndSet(true)) {
                        fail();
                    }
                };
        write(0, 1, 0);
        write(10, 1, 0); // a run of its own, which the store takes
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        assertThat(file.space().writeErrors().current()).isNull();
        file.sync();
        assertThat(backing.durable(0)).isEqualTo(backing.written(0));
    }

    @Test
    void shouldNotCountThePagesOfAFencedFileAgainstOthers() throws Exception {
        write(0, 1, 0);
        CountDownLatch inside = gate();
        CountDownLatch go = gate();
        backing.beforeSync =
                page -> {
                    inside.countDown();
                    Running.await(go);
                    fail();
                };
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(inside);
        backing.beforeWrite = page -> fail(); // what is written now stays dirty for ever
        assertThatThrownBy(() -> write(0, 60, 0)).isInstanceOf(UncheckedIOException.class);
        go.countDown();
        assertThatThrownBy(sync::get).hasCauseInstanceOf(WriteFailedException.class);
        PagedFile other = cache.map("healthy", new MemoryBacking(PAGE_BYTES));
        write(other, 0, 5, 3);
        other.sync();
        other.close();
    }

    @Test
    void shouldStillTellOfAFailureAfterASyncThatWasHeldBack() throws Exception {
        backing.beforeWrite = page -> fail();
        write(0, 40, 0); // above the background limit
        Running.until("flusher failed", () -> cache.stats().writeErrors() > 0);
        backing.heal();
        backing.hooks =
                new PageHooks() {
                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        return page == 40 ? 7 : GO;
                    }
                };
        write(40, 1, 0);
        assertThatThrownBy(file::sync).isInstanceOf(WouldBlockException.class);
        backing.heal();
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("no space left");
        file.sync();
    }
}
