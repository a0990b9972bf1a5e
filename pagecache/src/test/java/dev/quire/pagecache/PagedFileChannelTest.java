package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file of the cache as a channel: what {@link ChannelModelTest} does not compare. */
class PagedFileChannelTest extends CacheFixture {
    private static final int RECORD_BYTES = 100; // no page holds a whole number of them

    @TempDir Path directory;

    private static ByteBuffer filled(int bytes, int fill) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        for (int i = 0; i < bytes; i++) {
            buffer.put(i, (byte) fill);
        }
        return buffer;
    }

    // ---- size to the byte

    /** A cut is a cut, also of a file that another one makes shorter meanwhile. */
    @Test
    void shouldNeverExtendTheFileByTruncate() throws Exception {
        try (FileChannel one = file.channel();
                FileChannel other = file.channel()) {
            for (int round = 0; round < 500; round++) {
                file.truncate(8L * PAGE_BYTES);
                Running<Boolean> cut = Running.run(() -> one.truncate(2L * PAGE_BYTES));
                other.truncate(5L * PAGE_BYTES);
                cut.get();
                assertThat(file.sizeBytes()).as("round %s", round).isEqualTo(2L * PAGE_BYTES);
            }
        }
    }

    @Test
    void shouldEndTheFileWithTheLastByteThatWasWritten() throws Exception {
        try (FileChannel channel = file.channel()) {
            channel.write(filled(1, 9), 3 * PAGE_BYTES + 5);
            assertThat(file.sizeBytes()).isEqualTo(3 * PAGE_BYTES + 6);
            assertThat(channel.size()).isEqualTo(3 * PAGE_BYTES + 6);
            channel.force(true);
            assertThat(backing.sizeBytes()).isEqualTo(3 * PAGE_BYTES + 6);
            ByteBuffer all = ByteBuffer.allocate(4 * PAGE_BYTES);
            assertThat(channel.read(all, 0)).isEqualTo(3 * PAGE_BYTES + 6);
            for (int i = 0; i < 3 * PAGE_BYTES + 5; i++) {
                assertThat(all.get(i)).as("sparse: byte %s", i).isZero();
            }
            assertThat(all.get(3 * PAGE_BYTES + 5)).isEqualTo((byte) 9);
        }
    }

    @Test
    void shouldNotGrowTheFileByAWriteInsideItsLastPage() throws Exception {
        file.truncate(100);
        try (FileChannel channel = file.channel()) {
            channel.write(filled(50, 1), 50);
            assertThat(file.sizeBytes()).isEqualTo(100);
            channel.write(filled(51, 1), 50);
            assertThat(file.sizeBytes()).isEqualTo(101);
        }
        assertThat(file.sizePages()).isEqualTo(1);
    }

    @Test
    void shouldReadZerosWhereAFileWasCutAndGrewAgain() throws Exception {
        try (FileChannel channel = file.channel()) {
            channel.write(filled(3 * PAGE_BYTES, 7), 0);
            channel.truncate(PAGE_BYTES + 10);
            channel.write(filled(1, 7), 2 * PAGE_BYTES);
            channel.force(false);
            evictAll();
            ByteBuffer all = ByteBuffer.allocate(3 * PAGE_BYTES);
            assertThat(channel.read(all, 0)).isEqualTo(2 * PAGE_BYTES + 1);
            for (int i = 0; i < 2 * PAGE_BYTES; i++) {
                assertThat(all.get(i))
                        .as("byte %s", i)
                        .isEqualTo((byte) (i < PAGE_BYTES + 10 ? 7 : 0));
            }
        }
    }

    @Test
    void shouldReadNothingForPagesThatAreWrittenWhole() throws Exception {
        for (int page = 0; page < 4; page++) {
            backing.put(page, 1);
        }
        PagedFile stored = cache.map("stored", backing);
        try (FileChannel channel = stored.channel()) {
            channel.write(filled(2 * PAGE_BYTES, 5), PAGE_BYTES);
            assertThat(backing.reads.get()).isZero();
            channel.write(filled(2, 5), 4 * PAGE_BYTES - 1);
            assertThat(backing.reads.get()).as("the last page, in part").isEqualTo(1);
        }
        stored.close();
        assertThat(backing.written(1)[0]).isEqualTo((byte) 5);
        assertThat(backing.written(3)[0]).isEqualTo((byte) 1);
        assertThat(backing.written(3)[PAGE_BYTES - 1]).isEqualTo((byte) 5);
    }

    @Test
    void shouldRefuseASizeThatNoPageNumberReaches() throws Exception {
        try (FileChannel channel = file.channel()) {
            assertThatThrownBy(() -> channel.write(filled(1, 1), Long.MAX_VALUE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("File too large")
                    .hasMessageContaining("position=" + Long.MAX_VALUE);
            assertThat(channel.size()).isZero();
        }
    }

    // ---- together with cursors

    @Test
    void shouldSeeTheSameBytesThroughCursorAndChannel() throws Exception {
        write(0, 3, 100);
        try (FileChannel channel = file.channel();
                PageCursor c = file.cursor()) {
            ByteBuffer word = ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            channel.read(word, 2 * PAGE_BYTES);
            assertThat(word.getLong(0)).isEqualTo(102);
            channel.write(word.putLong(0, 55).rewind(), PAGE_BYTES + 8);
            c.read(1);
            assertThat(c.getLong(8)).isEqualTo(55);
            assertThat(c.retry()).isFalse();
        }
    }

    @Test
    void shouldFailRatherThanWaitForALatchOfTheSameThread() throws Exception {
        write(0, 2, 0);
        try (FileChannel channel = file.channel();
                PageCursor c = file.cursor()) {
            c.write(1);
            assertThatThrownBy(() -> channel.write(filled(1, 1), PAGE_BYTES))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("latched by this thread");
            assertThatThrownBy(() -> channel.read(filled(1, 1), PAGE_BYTES))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(IllegalStateException.class);
            assertThat(channel.write(filled(1, 1), 0)).as("another page").isEqualTo(1);
            c.release();
            assertThat(channel.write(filled(1, 1), PAGE_BYTES)).isEqualTo(1);
        }
    }

    @Test
    void shouldWaitForTheWriteBackOfThePageThatTheFileEndsIn() throws Exception {
        CountDownLatch writing = gate();
        CountDownLatch go = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        try (FileChannel channel = file.channel()) {
            channel.write(filled(10, 1), 0);
            Running<Boolean> sync = Running.run(file::sync);
            Running.await(writing);
            Running<Integer> append = Running.start(() -> channel.write(filled(10, 2), 10));
            append.awaitAsleep();
            assertThat(append.isDone()).isFalse();
            assertThat(file.sizeBytes()).as("the bytes come before the size").isEqualTo(10);
            go.countDown();
            assertThat(append.get()).isEqualTo(10);
            sync.get();
        }
        file.sync();
        assertThat(backing.sizeBytes()).isEqualTo(20);
        assertThat(backing.written(0)[15]).isEqualTo((byte) 2);
    }

    // ---- errors

    @Test
    void shouldReportErrorsOfTheStoreAsIOExceptionsAndGoOn() throws Exception {
        write(0, 4, 0);
        file.sync();
        evictAll();
        backing.beforeRead =
                page -> {
                    if (page == 2) {
                        throw new IOException("bad block");
                    }
                };
        try (FileChannel channel = file.channel()) {
            assertThat(channel.read(ByteBuffer.allocate(4 * PAGE_BYTES), 0))
                    .as("what came before the bad page")
                    .isEqualTo(2 * PAGE_BYTES);
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1), 2 * PAGE_BYTES))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("page=2");
            assertThat(channel.write(filled(2 * PAGE_BYTES - 2, 5), PAGE_BYTES + 1))
                    .as("up to the bad page")
                    .isEqualTo(PAGE_BYTES - 1);
            backing.heal();
            backing.beforeSync =
                    page -> {
                        throw new IOException("no sync");
                    };
            assertThatThrownBy(() -> channel.force(true)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> channel.write(filled(1, 1), 0))
                    .as("fenced")
                    .isInstanceOf(IOException.class);
            assertThat(channel.read(ByteBuffer.allocate(1), 1)).isEqualTo(1);
        }
    }

    @Test
    void shouldTellEachChannelOnceOfAWriteThatFailed() throws Exception {
        backing.beforeWrite =
                page -> {
                    throw new IOException("no space");
                };
        try (FileChannel one = file.channel();
                FileChannel two = file.channel()) {
            one.write(filled(10, 1));
            assertThatThrownBy(() -> file.flush(0, 1)).isInstanceOf(IOException.class);
            backing.heal();
            assertThatThrownBy(() -> one.force(true)).hasMessageContaining("no space");
            assertThatThrownBy(() -> two.force(true)).hasMessageContaining("no space");
            one.force(true);
            two.force(true);
        }
        file.sync();
        assertThat(backing.durable(0)[9]).isEqualTo((byte) 1);
    }

    @Test
    void shouldRefuseWhatItsModeDoesNotAllow() throws Exception {
        try (FileChannel reader = file.channel(StandardOpenOption.READ);
                FileChannel writer = file.channel(StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> reader.write(filled(0, 0)))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> writer.transferTo(0, 1, reader))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> reader.transferTo(0, 1, reader))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> writer.transferTo(0, 1, writer))
                    .isInstanceOf(NonReadableChannelException.class);
            assertThatThrownBy(() -> reader.transferFrom(reader, 0, 1))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(() -> reader.read(filled(1, 1).asReadOnlyBuffer()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> file.channel(StandardOpenOption.READ, StandardOpenOption.APPEND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("READ + APPEND not allowed");
        assertThatThrownBy(() -> file.channel(StandardOpenOption.CREATE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("option=CREATE");
    }

    @Test
    void shouldRefuseToMapAndSayWhatToUseInstead() throws Exception {
        try (FileChannel channel = file.channel();
                Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_ONLY, 0, 1))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("PagedFile.cursor()");
            assertThatThrownBy(() -> channel.map(FileChannel.MapMode.READ_ONLY, 0, 1, arena))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("file=store");
        }
    }

    // ---- life

    /** Scars: channels that an interrupt closed under everybody (h2 #227, and others). */
    @Test
    void shouldStayOpenForAThreadThatIsInterrupted() throws Exception {
        try (FileChannel channel = file.channel()) {
            channel.write(filled(70 * PAGE_BYTES, 3), 0); // more than the cache holds
            Running<Boolean> interrupted =
                    Running.run(
                            () -> {
                                Thread.currentThread().interrupt();
                                channel.write(filled(PAGE_BYTES, 4), PAGE_BYTES / 2);
                                channel.write(filled(PAGE_BYTES, 4), 80L * PAGE_BYTES);
                                for (int page = 0; page < 70; page++) {
                                    ByteBuffer one = ByteBuffer.allocate(1);
                                    assertThat(channel.read(one, (long) page * PAGE_BYTES))
                                            .isEqualTo(1);
                                }
                                channel.force(true);
                                channel.truncate(60L * PAGE_BYTES);
                                assertThat(Thread.currentThread().isInterrupted())
                                        .as("the interrupt is not lost")
                                        .isTrue();
                            });
            interrupted.get();
            assertThat(channel.isOpen()).isTrue();
            assertThat(channel.size()).isEqualTo(60L * PAGE_BYTES);
        }
    }

    @Test
    void shouldRefuseEverythingOnceClosedAndLeaveTheFileOpen() throws Exception {
        FileChannel channel = file.channel();
        channel.write(filled(10, 1));
        channel.close();
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> channel.read(filled(1, 1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.write(filled(1, 1), 0))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(channel::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.position(3)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> channel.force(true)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(channel::tryLock).isInstanceOf(ClosedChannelException.class);
        assertThat(file.sizeBytes()).isEqualTo(10);
        write(0, 1, 0);
    }

    @Test
    void shouldCloseItsChannelsWithTheFile() throws Exception {
        PagedFile other = cache.map("other", new MemoryBacking(PAGE_BYTES));
        FileChannel channel = other.channel();
        channel.write(filled(10, 1));
        other.close();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> channel.read(filled(1, 1), 0))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(other::channel).isInstanceOf(IllegalStateException.class);
    }

    // ---- several threads

    @ParameterizedTest(name = "append={0}")
    @ValueSource(booleans = {true, false})
    void shouldKeepRecordsOfSeveralThreadsWholeAndVisibleUpToTheSize(boolean append)
            throws Exception {
        int threads = 3;
        int records = 1500;
        AtomicBoolean done = new AtomicBoolean();
        try (FileChannel writer = file.channel(StandardOpenOption.APPEND);
                FileChannel any = file.channel()) {
            List<Running<Boolean>> writers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int fill = t + 1;
                writers.add(
                        Running.run(
                                () -> {
                                    for (int i = 0; i < records; i++) {
                                        if (append) {
                                            writer.write(filled(RECORD_BYTES, fill));
                                        } else {
                                            long at =
                                                    (long) (i * threads + fill - 1) * RECORD_BYTES;
                                            any.write(filled(RECORD_BYTES, fill), at);
                                        }
                                    }
                                }));
            }
            Running<Long> reader =
                    Running.start(() -> append ? readRecordsWhileTheyCome(any, done) : -1);
            for (Running<Boolean> thread : writers) {
                thread.get();
            }
            done.set(true);
            long expected = (long) threads * records;
            assertThat(reader.get()).isEqualTo(append ? expected : -1);
            assertThat(any.size()).isEqualTo(expected * RECORD_BYTES);
            assertRecords(any, threads, records);
        }
        cache.verify();
    }

    /** Every record below the size is there: an appended byte comes before the size. */
    private static long readRecordsWhileTheyCome(FileChannel channel, AtomicBoolean done)
            throws IOException {
        long records = 0;
        while (true) {
            boolean last = done.get();
            long end = channel.size() / RECORD_BYTES;
            for (; records < end; records++) {
                fillOf(channel, records);
            }
            if (last) {
                return records;
            }
        }
    }

    private static int fillOf(FileChannel channel, long number) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(RECORD_BYTES);
        assertThat(channel.read(bytes, number * RECORD_BYTES)).isEqualTo(RECORD_BYTES);
        byte fill = bytes.get(0);
        assertThat(fill).as("record %s", number).isNotZero();
        assertThat(bytes.flip()).as("record %s", number).isEqualTo(filled(RECORD_BYTES, fill));
        return fill;
    }

    private static void assertRecords(FileChannel channel, int threads, int records)
            throws IOException {
        int[] counts = new int[threads + 1];
        for (long i = 0; i < (long) threads * records; i++) {
            counts[fillOf(channel, i)]++;
        }
        for (int t = 1; t <= threads; t++) {
            assertThat(counts[t]).isEqualTo(records);
        }
    }

    /** By channels of their own: those who use one wait for each other as it is. */
    @Test
    void shouldKeepAnAppendOfManyPagesWhole() throws Exception {
        int bytes = 5 * PAGE_BYTES + 321;
        int appends = 40;
        try (FileChannel one = file.channel(StandardOpenOption.APPEND);
                FileChannel other = file.channel(StandardOpenOption.APPEND);
                FileChannel reader = file.channel(StandardOpenOption.READ)) {
            List<Running<Boolean>> threads = new ArrayList<>();
            for (int t = 1; t <= 2; t++) {
                int fill = t;
                FileChannel channel = t == 1 ? one : other;
                threads.add(
                        Running.run(
                                () -> {
                                    for (int i = 0; i < appends; i++) {
                                        ByteBuffer half = filled(bytes / 2, fill);
                                        channel.write(
                                                new ByteBuffer[] {
                                                    half, filled(bytes - bytes / 2, fill)
                                                });
                                    }
                                }));
            }
            for (Running<Boolean> thread : threads) {
                thread.get();
            }
            for (int i = 0; i < 2 * appends; i++) {
                ByteBuffer append = ByteBuffer.allocate(bytes);
                assertThat(reader.read(append, (long) i * bytes)).isEqualTo(bytes);
                assertThat(append.flip()).isEqualTo(filled(bytes, append.get(0)));
            }
            assertThat(reader.size()).isEqualTo(2L * appends * bytes);
        }
    }

    // ---- locks

    private PagedFile openReal(OpenOption... options) throws IOException {
        Path path = directory.resolve("locked");
        if (!Files.exists(path)) {
            Files.write(path, new byte[100]);
        }
        return cache.open(path, options);
    }

    @Test
    void shouldLockRegionsOfTheRealFile() throws Exception {
        PagedFile real = openReal(StandardOpenOption.WRITE);
        try (FileChannel channel = real.channel();
                FileChannel jdk =
                        FileChannel.open(directory.resolve("locked"), StandardOpenOption.WRITE)) {
            FileLock lock = channel.lock(10, 20, false);
            assertThat(lock.acquiredBy()).isSameAs(channel);
            assertThat(lock.isValid()).isTrue();
            assertThat(lock.overlaps(29, 1)).isTrue();
            assertThatThrownBy(() -> jdk.tryLock(15, 1, false))
                    .isInstanceOf(OverlappingFileLockException.class);
            assertThatThrownBy(() -> channel.tryLock(15, 1, true))
                    .isInstanceOf(OverlappingFileLockException.class);
            assertThat(otherProcessLocks(15)).isFalse();
            assertThat(otherProcessLocks(50)).isTrue();
            lock.release();
            assertThat(lock.isValid()).isFalse();
            assertThat(otherProcessLocks(15)).isTrue();
            FileLock shared = channel.tryLock(0, 100, true);
            assertThat(shared.isShared()).isTrue();
            real.close();
            assertThat(shared.isValid()).as("released with its channel").isFalse();
        }
    }

    private boolean otherProcessLocks(long position) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                Path.of(
                                                LockProbe.class
                                                        .getProtectionDomain()
                                                        .getCodeSource()
                                                        .getLocation()
                                                        .toURI())
                                        .toString(),
                                LockProbe.class.getName(),
                                directory.resolve("locked").toString(),
                                Long.toString(position))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        int code = process.waitFor();
        assertThat(code).isBetween(0, 1);
        return code == 0;
    }

    @Test
    void shouldNotLoseLocksToAnInterruptAndReportItAsTheJdk() throws Exception {
        PagedFile real = openReal(StandardOpenOption.WRITE);
        try (FileChannel channel = real.channel()) {
            FileLock kept = channel.lock(0, 1, false);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> channel.lock(5, 1, false))
                    .isInstanceOf(FileLockInterruptionException.class);
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            assertThat(channel.isOpen()).isTrue();
            assertThat(kept.isValid()).isTrue();
        }
        real.close();
    }

    @Test
    void shouldRefuseLocksThatItsModeOrItsFileDoNotAllow() throws Exception {
        try (FileChannel channel = file.channel()) {
            assertThatThrownBy(channel::tryLock)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("name=store");
        }
        PagedFile real = openReal();
        assertThat(real.readOnly()).isTrue();
        assertThatThrownBy(() -> real.channel(StandardOpenOption.WRITE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reading only");
        try (FileChannel channel = real.channel()) {
            assertThatThrownBy(() -> channel.write(filled(1, 1)))
                    .isInstanceOf(NonWritableChannelException.class);
            assertThatThrownBy(channel::tryLock).isInstanceOf(NonWritableChannelException.class);
            assertThat(channel.tryLock(0, 1, true).isValid()).isTrue();
        }
        real.close();
    }

    @Test
    void shouldHoldNothingOfACursorThatNobodyUses() throws Exception {
        write(0, 1, 0);
        try (CursorPool pool = new CursorPool(file)) {
            PageCursor starved = pool.take();
            for (int round = 0; round < 8; round++) {
                starved.read(0);
                write(0, 1, round);
                assertThat(starved.retry()).isTrue();
            }
            starved.read(0); // locks writers out; then the copy fails, say
            pool.put(starved);
            Running.run(() -> write(0, 1, 77)).get();
        }
        assertThat(read(0)).isEqualTo(77);
    }

    // ---- what was done before a step failed counts

    private void failReadsOfPage1() throws Exception {
        for (long page = 0; page < 3; page++) {
            backing.put(page, 1);
        }
        file.truncate(3L * PAGE_BYTES);
        backing.beforeRead =
                page -> {
                    if (page == 1) {
                        throw new IOException("EIO");
                    }
                };
    }

    @Test
    void shouldAnswerWhatAGatheringWriteWroteBeforeItFailed() throws Exception {
        failReadsOfPage1();
        try (FileChannel channel = file.channel()) {
            ByteBuffer[] two = {filled(PAGE_BYTES, 7), filled(10, 8)};
            assertThat(channel.write(two)).isEqualTo(PAGE_BYTES);
            assertThat(channel.position()).isEqualTo(PAGE_BYTES);
            assertThat(two[0].hasRemaining()).isFalse();
            assertThat(two[1].remaining()).isEqualTo(10);
            assertThatThrownBy(() -> channel.write(two)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void shouldAnswerWhatAScatteringReadReadBeforeItFailed() throws Exception {
        failReadsOfPage1();
        try (FileChannel channel = file.channel()) {
            ByteBuffer[] two = {ByteBuffer.allocate(PAGE_BYTES), ByteBuffer.allocate(10)};
            assertThat(channel.read(two)).isEqualTo(PAGE_BYTES);
            assertThat(two[1].position()).isZero();
            assertThatThrownBy(() -> channel.read(two)).isInstanceOf(IOException.class);
            ByteBuffer[] first = {
                ByteBuffer.allocate(1), ByteBuffer.allocate(1).asReadOnlyBuffer()
            };
            assertThatThrownBy(() -> channel.read(first))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Whoever is told of a failure appends the bytes again: those that are there count. */
    @Test
    void shouldAnswerWhatAGatheringAppendAppendedBeforeItFailed() throws Exception {
        try (FileChannel channel = file.channel(StandardOpenOption.APPEND)) {
            channel.write(filled(PAGE_BYTES - 10, 1));
            ByteBuffer[] three = {filled(10, 2), filled(10, 3), filled(10, 4)};
            int[] frames = new int[FRAMES];
            int taken = cache.context().allocator().allocateBatch(frames, 0, FRAMES);
            try (PageCursor c = file.cursor()) {
                c.pin(0); // so that there is no frame for the next page
                assertThat(channel.write(three)).isEqualTo(10);
            } finally {
                cache.context().allocator().putBatch(frames, 0, taken);
            }
            assertThat(file.sizeBytes()).isEqualTo(PAGE_BYTES);
            assertThat(channel.write(three, 1, 2)).isEqualTo(20);
        }
    }

    /** "If the given position is greater than the file's current size then no bytes are". */
    @Test
    void shouldTransferNothingToAPositionBehindTheEnd() throws Exception {
        try (FileChannel channel = file.channel();
                FileChannel append = file.channel(StandardOpenOption.APPEND)) {
            channel.write(filled(100, 1));
            InputStream source = new ByteArrayInputStream(new byte[50]);
            assertThat(channel.transferFrom(Channels.newChannel(source), 1000, 50)).isZero();
            assertThat(source.available()).isEqualTo(50);
            assertThat(channel.size()).isEqualTo(100);
            assertThat(append.transferFrom(Channels.newChannel(source), 1000, 50)).isEqualTo(50);
            assertThat(channel.size()).isEqualTo(150);
        }
    }

    /** A write inside the file that is cut meanwhile grows it again: not inside an append. */
    @Test
    void shouldNotGrowTheFileInsideAnAppendByAWriteThatBeganInside() throws Exception {
        file.truncate(2L * PAGE_BYTES);
        CountDownLatch appended = gate();
        Running<Long> write;
        Running<Boolean> cut;
        Running<Boolean> append;
        try (FileChannel channel = file.channel();
                PageCursor latch = file.cursor()) {
            latch.write(1);
            write = Running.start(() -> (long) channel.write(filled(2 * PAGE_BYTES, 9), 0));
            write.awaitAsleep();
            append = Running.run(() -> appendUntil(appended));
            Running.until("it appends", file.space().appendLock()::isLocked);
            cut = Running.run(() -> cache.context().truncation().truncate(file.space(), 0));
            Running.until("size is cut", () -> file.sizeBytes() == 0);
            latch.release();
            cut.get();
            Running.until("is in line", () -> write.isDone() || inLineToAppend());
            assertThat(file.sizeBytes()).isZero();
            appended.countDown();
            append.get();
            assertThat(write.get()).isEqualTo(2L * PAGE_BYTES);
            ByteBuffer all = ByteBuffer.allocate(3 * PAGE_BYTES);
            assertThat(channel.read(all, 0)).isEqualTo(2 * PAGE_BYTES);
            assertThat(all.get(0)).isEqualTo((byte) 9);
            assertThat(all.get(2 * PAGE_BYTES - 1)).isEqualTo((byte) 9);
        }
    }

    private boolean inLineToAppend() {
        return file.space().appendLock().hasQueuedThreads();
    }

    private void appendUntil(CountDownLatch over) {
        file.space().appendLock().lock();
        try {
            Running.await(over);
        } finally {
            file.space().appendLock().unlock();
        }
    }
}
