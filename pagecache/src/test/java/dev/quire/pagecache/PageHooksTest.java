package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageChecksumException;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/** What an engine can do to pages on their way in and out. */
class PageHooksTest extends CacheFixture {
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int STAMP = 16;
    private static final int STAMP_AGAIN = PAGE_BYTES - 16;

    /** Holds every page back that its log does not cover. */
    private static final class Log implements PageHooks {
        final AtomicLong durable = new AtomicLong();

        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            return lsn > durable.get() ? lsn : GO;
        }
    }

    /** Stamps what is written, and verifies what is read. */
    private static final class Stamps implements PageHooks {
        @Override
        public boolean stampsPages() {
            return true;
        }

        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            long stamp = stampOf(page, image);
            image.set(LONG, STAMP, stamp);
            Thread.onSpinWait(); // torn for a moment
            image.set(LONG, STAMP_AGAIN, stamp);
            return GO;
        }

        @Override
        public void afterRead(long page, MemorySegment memory) throws IOException {
            long found = memory.get(LONG, STAMP);
            if (found != stampOf(page, memory) || found != memory.get(LONG, STAMP_AGAIN)) {
                throw new PageChecksumException("stamped", page, "found=" + found);
            }
        }

        static long stampOf(long page, MemorySegment memory) {
            return 31 * (memory.get(LONG, 0) + 31 * page) + 7;
        }
    }

    private static void change(PagedFile to, long page, long value, long lsn) {
        try (PageCursor c = to.cursor()) {
            c.write(page);
            c.putLong(0, value);
            c.lsn(lsn);
            c.release();
        }
    }

    // ---- beforeWrite: may it go?

    @Test
    void shouldHoldAPageBackUntilItsLogIsDurable() throws Exception {
        Log log = new Log();
        backing.hooks = log;
        log.durable.set(6);
        change(file, 0, 100, 7);
        change(file, 1, 101, 6);
        change(file, 2, 102, 5);
        assertThatThrownBy(file::sync)
                .isInstanceOf(WouldBlockException.class)
                .hasMessageContaining("sync")
                .hasMessageContaining("lsn=7")
                .hasMessageContaining("page=0")
                .hasMessageContaining("store");
        assertThat(backing.written(1)[0]).as("the others are written").isEqualTo((byte) 101);
        assertThat(backing.written(0)[0]).isZero();
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        assertThat(cache.stats().writeErrors()).as("no error").isZero();
        assertThatThrownBy(() -> file.flush(0, 1)).isInstanceOf(WouldBlockException.class);
        file.syncRange(1, 2);
        log.durable.set(7);
        file.sync();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 100);
    }

    @Test
    void shouldAskWithTheHighestLsnSinceThePageWasClean() throws Exception {
        List<Long> asked = Collections.synchronizedList(new ArrayList<>());
        backing.hooks =
                new PageHooks() {
                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        asked.add(lsn);
                        return GO;
                    }
                };
        change(file, 0, 1, 5);
        change(file, 0, 1, 9);
        change(file, 0, 1, 8);
        file.sync();
        change(file, 0, 1, 3);
        file.sync();
        write(0, 1, 1);
        file.sync();
        assertThat(asked).containsExactly(9L, 3L, PageHooks.GO);
    }

    @Test
    void shouldAskAboutAHeldPageAgainInTheBackground() throws Exception {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        Log log = new Log();
        store.hooks = log;
        try (PageCache aging = PageCache.create(config().dirtyAge(Duration.ofMillis(20)).build())) {
            PagedFile aged = aging.map("aged", store);
            change(aged, 0, 1, 7);
            change(aged, 1, 2, 0);
            Running.until("other page written", () -> aging.stats().pagesWritten() >= 1);
            assertThat(store.written(0)[0]).isZero();
            log.durable.set(7);
            Running.until("held page written", () -> aging.stats().dirtyPages() == 0);
            aging.verify();
        }
    }

    /** Makes its log durable when pages wait for it; the log is a file. */
    private static final class Forced implements PageHooks {
        final AtomicLong durable = new AtomicLong();
        final List<Long> forced = Collections.synchronizedList(new ArrayList<>());
        volatile @Nullable PagedFile logFile;
        volatile @Nullable IOException failure;

        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            return lsn > durable.get() ? lsn : GO;
        }

        @Override
        public void forceLog(long lsn) throws IOException {
            IOException failure = this.failure;
            if (failure != null) {
                throw failure;
            }
            PagedFile logFile = this.logFile;
            if (logFile != null) {
                change(logFile, forced.size(), lsn, 0);
                logFile.sync();
            }
            forced.add(lsn);
            durable.set(lsn);
        }
    }

    @Test
    void shouldHaveTheLogMadeDurableAsFarAsPagesWaitForIt() throws Exception {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        Forced log = new Forced();
        store.hooks = log;
        try (PageCache aging = PageCache.create(config().dirtyAge(Duration.ofMillis(20)).build())) {
            PagedFile aged = aging.map("aged", store);
            try (PageCursor first = aged.cursor();
                    PageCursor second = aged.cursor()) { // so that one pass finds both
                first.write(0);
                first.lsn(7);
                second.write(1);
                second.lsn(9);
                first.release();
                second.release();
            }
            Running.until("both written", () -> aging.stats().dirtyPages() == 0);
            assertThat(log.forced).last().isEqualTo(9L);
            change(aged, 0, 1, 8);
            Running.until("written again", () -> aging.stats().dirtyPages() == 0);
            assertThat(log.forced).last().isEqualTo(9L); // nobody had to wait
            aging.verify();
        }
    }

    @Test
    void shouldGetOnByItselfWhenPagesThatWaitForALogInThisCacheFillItToTheHardLimit()
            throws Exception {
        Forced log = new Forced();
        backing.hooks = log;
        PagedFile logFile = cache.map("log", new MemoryBacking(PAGE_BYTES));
        log.logFile = logFile;
        for (int page = 0; page < 200; page++) {
            change(file, page, page, page + 1);
        }
        assertThat(log.forced).isNotEmpty();
        assertThat(log.forced.getLast()).isGreaterThan(100);
        log.durable.set(Long.MAX_VALUE);
        file.sync();
        logFile.close();
    }

    @Test
    void shouldTellAWriterWhenTheLogCannotBeMadeDurable() throws Exception {
        Forced log = new Forced();
        backing.hooks = log;
        log.failure = new IOException("the log's disk is full");
        assertThatThrownBy(
                        () -> {
                            for (int page = 0; page < 200; page++) {
                                change(file, page, page, page + 1);
                            }
                        })
                .isInstanceOf(UncheckedIOException.class)
                .hasStackTraceContaining("the log's disk is full");
        assertThat(cache.stats().pagesWritten()).isZero();
        log.failure = null;
        Running.until("written after all", () -> cache.stats().pagesWritten() > 0);
        log.durable.set(Long.MAX_VALUE);
        assertThatThrownBy(() -> file.sync()).isInstanceOf(WriteFailedException.class);
        file.sync();
    }

    // The log may live in this cache: were its writer stopped because pages wait for the log, both
    // would wait for ever.
    @Test
    void shouldLetTheLogBeWrittenWhilePagesThatWaitForItFillTheCacheToTheHardLimit()
            throws Exception {
        Log log = new Log();
        backing.hooks = log;
        PagedFile logFile = cache.map("log", new MemoryBacking(PAGE_BYTES));
        Running<Boolean> engine =
                Running.run(
                        () -> {
                            for (int page = 0; page < 60; page++) {
                                change(file, page, page, 5);
                            }
                        });
        Running.until("engine stalls", () -> cache.stats().dirtyPages() >= 51);
        Running.until("pages held", () -> file.space().writes().heldPages() > 0);
        engine.awaitAsleep();
        assertThat(engine.isDone()).isFalse();
        write(logFile, 0, 8, 3);
        logFile.sync();
        log.durable.set(5);
        engine.get();
        logFile.close();
    }

    @Test
    void shouldCountNoPageAsHeldBackThatIsGone() throws Exception {
        backing.hooks = new Log(); // nothing of it is durable
        change(file, 0, 1, 7);
        change(file, 1, 1, 8);
        assertThatThrownBy(file::sync).isInstanceOf(WouldBlockException.class);
        assertThat(file.space().unwritablePages()).isEqualTo(2);
        file.truncate(PAGE_BYTES);
        assertThat(file.space().unwritablePages()).isEqualTo(1);
    }

    @Test
    void shouldTellAWriterWhosePagesAreHeldBackForTooLong() throws Exception {
        PageCacheConfig config = config().stallMax(Duration.ofMillis(100)).build();
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        Log log = new Log();
        store.hooks = log;
        try (PageCache small = PageCache.create(config)) {
            PagedFile held = small.map("held", store);
            assertThatThrownBy(
                            () -> {
                                for (int page = 0; page < 60; page++) {
                                    change(held, page, page, 5);
                                }
                            })
                    .isInstanceOf(WouldBlockException.class)
                    .hasMessageContaining("held")
                    .hasMessageContaining("pagesHeldBack=")
                    .hasMessageContaining("hard limit");
            log.durable.set(5);
        }
    }

    // ---- beforeWrite: as what?

    @Test
    void shouldStoreTheStampAndShowNoReaderHalfOfIt() throws Exception {
        backing.hooks = new Stamps();
        PagedFile stamped = file("stamped");
        write(stamped, 0, 1, 0);
        stamped.sync();
        AtomicBoolean done = new AtomicBoolean();
        Running<Boolean> reader =
                Running.run(
                        () -> {
                            try (PageCursor c = stamped.cursor()) {
                                while (!done.get()) {
                                    long one;
                                    long two;
                                    do {
                                        c.read(0);
                                        one = c.getLong(STAMP);
                                        two = c.getLong(STAMP_AGAIN);
                                    } while (c.retry());
                                    assertThat(one).isEqualTo(two);
                                }
                            }
                        });
        for (long i = 1; i <= 2_000 && !reader.isDone(); i++) {
            write(stamped, 0, 1, i);
            stamped.sync();
            MemorySegment stored = MemorySegment.ofArray(backing.durable(0));
            assertThat(stored.get(LONG, 0)).isEqualTo(i);
            assertThat(stored.get(LONG, STAMP)).isEqualTo(Stamps.stampOf(0, stored));
            assertThat(stored.get(LONG, STAMP_AGAIN)).isEqualTo(Stamps.stampOf(0, stored));
        }
        done.set(true);
        reader.get();
        stamped.close();
    }

    /** The file of the fixture was opened before the test set its hooks. */
    private PagedFile file(String name) throws IOException {
        file.close();
        return cache.map(name, backing);
    }

    @Test
    void shouldGiveAPageBackWhenItsStampThrows() throws Exception {
        AtomicBoolean failing = new AtomicBoolean(true);
        backing.hooks =
                new PageHooks() {
                    @Override
                    public boolean stampsPages() {
                        return true;
                    }

                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        image.set(LONG, STAMP, 1);
                        if (failing.get() && page == 1) {
                            throw new StackOverflowError("on purpose");
                        }
                        return GO;
                    }
                };
        PagedFile stamped = file("stamped");
        write(stamped, 0, 3, 5);
        assertThatThrownBy(stamped::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("on purpose");
        assertThat(cache.stats().callbackErrors()).isEqualTo(1);
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        assertThat(backing.written(2)[0]).as("the others are written").isEqualTo((byte) 7);
        assertThat(read(stamped, 1)).isEqualTo(6);
        write(stamped, 1, 1, 6);
        failing.set(false);
        stamped.sync();
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 7);
        stamped.close();
    }

    @Test
    void shouldNotLetAHookChangeAPageUnlessItSaysThatItStamps() throws Exception {
        backing.hooks =
                new PageHooks() {
                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn) {
                        image.set(LONG, 0, 1);
                        return GO;
                    }
                };
        write(0, 1, 5);
        assertThatThrownBy(file::sync).isInstanceOf(WriteFailedException.class);
        assertThat(read(0)).isEqualTo(5);
        backing.heal();
        file.sync();
    }

    @Test
    void shouldKeepAPageDirtyThatTheHookCannotWrite() throws Exception {
        backing.hooks =
                new PageHooks() {
                    @Override
                    public long beforeWrite(long page, MemorySegment image, long lsn)
                            throws IOException {
                        if (page == 1) {
                            throw new IOException("no key");
                        }
                        return GO;
                    }
                };
        write(0, 3, 5);
        assertThatThrownBy(file::sync)
                .isInstanceOf(WriteFailedException.class)
                .hasMessageContaining("no key");
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        assertThat(cache.stats().callbackErrors()).as("an answer, no accident").isZero();
        backing.heal();
        file.sync();
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 6);
    }

    // ---- dirtyPage

    @Test
    void shouldTellWhenACleanPageBecomesDirty() throws Exception {
        List<Long> told = Collections.synchronizedList(new ArrayList<>());
        backing.hooks =
                new PageHooks() {
                    @Override
                    public void dirtyPage(long page) {
                        told.add(page);
                        throw new IllegalStateException("on purpose");
                    }
                };
        write(0, 2, 0);
        write(0, 1, 1); // dirty already
        file.sync();
        write(0, 1, 2);
        assertThat(told).containsExactly(0L, 1L, 0L);
        assertThat(cache.stats().callbackErrors()).isEqualTo(3);
        assertThat(read(0)).isEqualTo(2);
    }

    // ---- afterRead

    @Test
    void shouldShowNobodyAPageThatDoesNotVerify() throws Exception {
        file.truncate(4L * PAGE_BYTES);
        backing.put(3, 9);
        backing.hooks = new Stamps();
        assertThatThrownBy(() -> read(3))
                .isInstanceOf(PageReadException.class)
                .hasCauseInstanceOf(PageChecksumException.class)
                .hasMessageContaining("page=3");
        assertThat(cached(3)).isFalse();
        assertThat(cache.stats().readErrors()).isEqualTo(1);
        backing.heal();
        assertThat(read(3)).as("a later fault reads it again").isEqualTo(0x0909090909090909L);
    }

    @Test
    void shouldStampAndVerifyAFileOpenedByItsPath(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("stamped.db");
        try (PagedFile stamped =
                cache.open(
                        path,
                        new Stamps(),
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE_NEW)) {
            write(stamped, 0, 200, 5); // more than the cache has frames: pages come back meanwhile
            for (long page = 0; page < 200; page++) {
                assertThat(read(stamped, page)).isEqualTo(page + 5);
            }
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), 7L * PAGE_BYTES + 1);
        }
        try (PagedFile stamped = cache.open(path, new Stamps())) {
            assertThat(read(stamped, 6)).isEqualTo(11);
            assertThatThrownBy(() -> read(stamped, 7))
                    .isInstanceOf(PageReadException.class)
                    .hasCauseInstanceOf(PageChecksumException.class);
        }
    }

    // ---- cuts

    /** What is left of the page would not verify by the stamp that it was written with. */
    @Test
    void shouldStampAPageAnewThatIsCutInside() throws Exception {
        for (boolean cached : new boolean[] {true, false}) {
            PagedFile stamped = stampedOverAllOfThePage("cached=" + cached);
            if (!cached) {
                stamped.invalidate(0, 1);
            }
            stamped.truncate(100);
            stamped.sync();
            stamped.invalidate(0, 1);
            try (PageCursor c = stamped.cursor()) {
                c.read(0);
                assertThat(c.getLong(16)).isEqualTo(5);
                assertThat(c.getLong(2048)).isZero();
            }
            stamped.close();
        }
    }

    @Test
    void shouldCutNothingWhenThePageThatIsCutInsideCannotBeRead() throws Exception {
        PagedFile stamped = stampedOverAllOfThePage("damaged");
        stamped.invalidate(0, 1);
        stampedStore.beforeRead =
                page -> {
                    throw new IOException("EIO");
                };
        assertThatThrownBy(() -> stamped.truncate(100)).isInstanceOf(PageReadException.class);
        assertThat(stamped.sizeBytes()).isEqualTo(PAGE_BYTES);
        stamped.truncate(0); // cuts inside no page
        stamped.close();
    }

    private MemoryBacking stampedStore = new MemoryBacking(PAGE_BYTES);

    private PagedFile stampedOverAllOfThePage(String name) throws IOException {
        stampedStore = new MemoryBacking(PAGE_BYTES);
        stampedStore.hooks = new Checksums();
        PagedFile stamped = cache.map(name, stampedStore);
        try (PageCursor c = stamped.cursor()) {
            c.write(0);
            c.putLong(16, 5);
            c.putLong(2048, 6);
            c.release();
        }
        stamped.sync();
        return stamped;
    }

    /** A checksum in the page's head, over all the rest of it. */
    private static final class Checksums implements PageHooks {
        @Override
        public boolean stampsPages() {
            return true;
        }

        private static long sum(MemorySegment page) {
            CRC32 crc = new CRC32();
            crc.update(page.asSlice(8).asByteBuffer());
            return crc.getValue();
        }

        @Override
        public long beforeWrite(long page, MemorySegment image, long lsn) {
            image.set(LONG, 0, sum(image));
            return GO;
        }

        @Override
        public void afterRead(long page, MemorySegment memory) throws IOException {
            long found = memory.get(LONG, 0);
            if (found != 0 && found != sum(memory)) {
                throw new IOException("damaged: page=" + page);
            }
        }
    }

    // ---- what is held back

    /** Who looks at a part of the file knows nothing of the rest. */
    @Test
    void shouldRememberWhatIsHeldBackUntilAllOfTheFileIsAskedAgain() throws Exception {
        Log log = new Log();
        backing.hooks = log;
        for (long page = 0; page < 20; page++) {
            change(file, page, page, 7);
        }
        assertThatThrownBy(file::sync).isInstanceOf(WouldBlockException.class);
        assertThat(file.space().heldPages()).isEqualTo(20);
        file.flush(200, 1); // nothing there
        assertThat(file.space().heldPages()).isEqualTo(20);
        assertThatThrownBy(() -> file.flush(0, 5)).isInstanceOf(WouldBlockException.class);
        assertThat(file.space().heldPages()).isEqualTo(20);
        log.durable.set(7);
        change(file, 3, 3, 8);
        assertThatThrownBy(file::sync).isInstanceOf(WouldBlockException.class);
        assertThat(file.space().heldPages()).isEqualTo(1);
        log.durable.set(8);
        file.sync();
        assertThat(file.space().heldPages()).isZero();
    }
}
