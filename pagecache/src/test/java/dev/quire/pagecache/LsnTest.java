package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** How far the log of an engine may be cut. */
class LsnTest extends CacheFixture {
    private static final long NONE = Long.MAX_VALUE;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private void change(long page, long lsn) {
        try (PageCursor c = file.cursor()) {
            c.write(page);
            c.putLong(0, lsn);
            c.lsn(lsn);
            c.release();
        }
    }

    @Test
    void shouldNeedTheLogFromTheFirstChangeSinceAPageWasDurable() throws Exception {
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
        change(0, 20);
        change(1, 10);
        change(600, 15); // another chunk
        change(1, 30);
        assertThat(file.oldestDirtyLsn()).isEqualTo(10);
        file.sync();
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
        change(1, 40);
        assertThat(file.oldestDirtyLsn()).isEqualTo(40);
    }

    @Test
    void shouldNeedTheLogUntilWhatIsWrittenIsDurable() throws Exception {
        change(0, 20);
        file.flush(0, 1);
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(file.oldestDirtyLsn()).as("written, not durable").isEqualTo(20);
        change(0, 30); // dirtied again
        assertThat(file.oldestDirtyLsn()).isEqualTo(20);
        file.sync();
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
    }

    @Test
    void shouldNeedTheLogWhileAPageIsWrittenAndWhileTheStoreSyncs() throws Exception {
        CountDownLatch writing = gate();
        CountDownLatch write = gate();
        CountDownLatch syncing = gate();
        CountDownLatch sync = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(write);
                };
        backing.beforeSync =
                page -> {
                    syncing.countDown();
                    Running.await(sync);
                };
        change(0, 20);
        Running<Boolean> syncer = Running.run(file::sync);
        Running.await(writing);
        assertThat(file.oldestDirtyLsn()).as("under write-back").isEqualTo(20);
        write.countDown();
        Running.await(syncing);
        assertThat(file.oldestDirtyLsn()).as("the store syncs").isEqualTo(20);
        backing.beforeWrite = page -> {};
        change(1, 25);
        file.flush(1, 1); // after the store began to sync: that sync does not cover it
        sync.countDown();
        syncer.get();
        assertThat(file.oldestDirtyLsn()).isEqualTo(25);
        file.sync();
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
    }

    @Test
    void shouldNeedTheLogOfAPageThatCouldNotBeWritten() throws Exception {
        change(0, 20);
        backing.beforeWrite =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        assertThat(file.oldestDirtyLsn()).isEqualTo(20);
        backing.heal();
        file.sync();
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
    }

    @Test
    void shouldNeedTheLogForEverOnceASyncFailed() throws Exception {
        change(0, 20);
        backing.beforeSync =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        assertThatThrownBy(file::sync).isInstanceOf(FileFencedException.class);
        assertThat(file.oldestDirtyLsn()).isEqualTo(20);
    }

    @Test
    void shouldCountAChangeFromTheCallOnHoweverThePageIsReleased() throws Exception {
        write(0, 1, 0);
        file.sync();
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.lsn(20);
            assertThat(file.oldestDirtyLsn()).as("still latched").isEqualTo(20);
            c.releaseClean();
        }
        assertThat(file.oldestDirtyLsn()).isEqualTo(20);
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        file.sync();
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
    }

    @Test
    void shouldNeedTheLogOfAPageThatIsCutOffUntilTheNextSync() throws Exception {
        change(0, 5);
        change(7, 3);
        file.truncate(PAGE_BYTES);
        assertThat(file.oldestDirtyLsn()).isEqualTo(3);
        file.sync();
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
    }

    @Test
    void shouldForgetThePositionsOfAFrameThatGoesToAnotherPage() throws Exception {
        change(0, 20);
        file.sync();
        evictAll();
        write(1, 60, 0);
        assertThat(file.oldestDirtyLsn()).isEqualTo(NONE);
    }

    @Test
    void shouldRefuseALogPositionWithoutALatchOrThatIsNone() {
        write(0, 1, 0);
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> c.lsn(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("latch");
            c.pin(0);
            assertThatThrownBy(() -> c.lsn(1)).isInstanceOf(IllegalStateException.class);
            c.release();
            c.write(0);
            assertThatThrownBy(() -> c.lsn(Long.MIN_VALUE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lsn=" + Long.MIN_VALUE);
            assertThatThrownBy(() -> c.lsn(NONE)).isInstanceOf(IllegalArgumentException.class);
            c.release();
        }
    }

    @Test
    void shouldTakeNoMemoryUntilItIsUsed() {
        long before = cache.stats().metadataBytes();
        write(0, 10, 0);
        long unused = cache.stats().metadataBytes();
        change(0, 1);
        assertThat(cache.context().lsns().metadataBytes()).isLessThan(16L * 512 + 64);
        assertThat(cache.stats().metadataBytes()).isGreaterThan(unused);
        assertThat(unused - before).as("the chunk alone").isLessThan(16L * 512);
    }

    /**
     * A log is cut at what the file says, again and again, while pages are dirtied, written and
     * dirtied again: every change before the cut must be durable.
     */
    @Test
    void shouldNeverMissAPageThatIsWrittenMeanwhile() throws Exception {
        int pages = 4;
        AtomicLong changed = new AtomicLong(); // all up to here have been released
        AtomicBoolean done = new AtomicBoolean();
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            for (long lsn = 1; !done.get(); lsn++) {
                                change(lsn % pages, lsn);
                                changed.set(lsn);
                            }
                        });
        Running<Boolean> flusher =
                Running.run(
                        () -> {
                            while (!done.get()) {
                                file.flush(0, pages);
                            }
                        });
        Running<Boolean> syncer =
                Running.run(
                        () -> {
                            while (!done.get()) {
                                file.sync();
                            }
                        });
        for (int i = 0; i < 3_000 && !writer.isDone(); i++) {
            long end = changed.get();
            long cut = Math.min(file.oldestDirtyLsn(), end + 1);
            for (long lsn = Math.max(1, cut - pages); lsn < cut; lsn++) {
                long page = lsn % pages;
                long stored = MemorySegment.ofArray(backing.durable(page)).get(LONG, 0);
                assertThat(stored).as("page %s, cut at %s", page, cut).isGreaterThanOrEqualTo(lsn);
            }
        }
        done.set(true);
        writer.get();
        flusher.get();
        syncer.get();
    }
}
