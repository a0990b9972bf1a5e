package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** What every engine does alike, buffered and direct, on every file system. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class AsyncIoContract {
    static final String DISK = System.getProperty("java.io.tmpdir", "/tmp");
    static final String TMPFS = "/dev/shm";

    private static final Set<Thread.State> WAITING =
            Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    private static final int BLOCK = 4096;
    private static final int DEPTH = 8;
    private static final long DEADLINE_SECONDS = 30;

    private final Engine engine;
    private final boolean direct;
    private final Path parent;

    private Path directory;
    private Arena arena;
    private AsyncIo io;
    private Path path;

    @SuppressWarnings("NullAway.Init") // open() sets the rest before every test
    AsyncIoContract(Engine engine, boolean direct, String parent) {
        this.engine = engine;
        this.direct = direct;
        this.parent = Path.of(parent);
    }

    /** What else a configuration sets, for an engine whose completions have so many threads. */
    AsyncIoConfig.Builder configured(AsyncIoConfig.Builder builder, int threads) {
        return builder;
    }

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Files.isWritable(parent), () -> "not here: " + parent);
        if (engine == Engine.URING) {
            assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        }
        directory = Files.createTempDirectory(parent, "quire-aio");
        path = directory.resolve("file");
        arena = Arena.ofShared();
        io = io(DEPTH, 4);
    }

    @AfterEach
    void close() throws IOException {
        if (directory == null) {
            return; // skipped
        }
        try {
            if (io != null) {
                io.close();
                AsyncIoStats stats = io.stats();
                assertThat(stats.submitted()).isEqualTo(stats.completed());
                assertThat(stats.openFiles()).isZero();
                arena.close();
            }
        } finally {
            // Nobody else clears /dev/shm.
            try (Stream<Path> tree = Files.walk(directory)) {
                tree.sorted((a, b) -> b.compareTo(a)).forEach(AsyncIoContract::delete);
            }
        }
    }

    // ---- transfers

    @Test
    void shouldReadBackWhatWasWritten() throws IOException {
        try (AsyncFile file = create()) {
            MemorySegment written = random(3 * BLOCK, 1);
            assertThat(file.write(written, BLOCK)).isEqualTo(3 * BLOCK);
            assertThat(file.sizeBytes()).isEqualTo(4 * BLOCK);
            MemorySegment read = block(3);
            assertThat(file.read(read, BLOCK)).isEqualTo(3 * BLOCK);
            assertThat(read.mismatch(written)).isEqualTo(-1);
            assertThat(file.path()).isEqualTo(path);
            assertThat(file.direct()).isEqualTo(direct);
        }
        assertThat(Files.size(path)).isEqualTo(4 * BLOCK);
    }

    @Test
    void shouldReadHolesAsZeros() throws IOException {
        try (AsyncFile file = create()) {
            file.write(random(BLOCK, 1), 5 * BLOCK);
            MemorySegment read = random(BLOCK, 2);
            assertThat(file.read(read, 2 * BLOCK)).isEqualTo(BLOCK);
            assertThat(read.mismatch(block(1))).isEqualTo(-1);
        }
    }

    @Test
    void shouldAnswerZeroAtOrBeyondTheEnd() throws IOException {
        try (AsyncFile file = create()) {
            assertThat(file.read(block(1), 0)).isZero();
            file.write(random(BLOCK, 1), 0);
            assertThat(file.read(block(1), BLOCK)).isZero();
            assertThat(file.read(block(1), 100L * BLOCK)).isZero();
            assertThat(file.read(new MemorySegment[] {block(1)}, 0, 1, BLOCK)).isZero();
        }
    }

    @Test
    void shouldReadShortOnlyAtTheEndOfTheFile() throws IOException {
        byte[] content = new byte[2 * BLOCK + 1234];
        new Random(3).nextBytes(content);
        Files.write(path, content);
        try (AsyncFile file = open(StandardOpenOption.READ)) {
            MemorySegment read = block(4);
            assertThat(file.read(read, 0)).isEqualTo(content.length);
            assertThat(bytes(read, content.length)).isEqualTo(content);
            assertThat(file.read(block(4), 2 * BLOCK)).isEqualTo(1234);
            MemorySegment[] parts = {block(1), block(2), block(1)};
            assertThat(file.read(parts, 0, 3, BLOCK)).isEqualTo(BLOCK + 1234);
            assertThat(bytes(parts[1], 1234))
                    .isEqualTo(Arrays.copyOfRange(content, 2 * BLOCK, content.length));
        }
    }

    @Test
    void shouldKeepTheOrderOfVectors() throws IOException {
        try (AsyncFile file = create()) {
            MemorySegment[] parts = new MemorySegment[602];
            Arrays.setAll(parts, i -> i == 7 ? block(0) : random(BLOCK, i));
            long length = 599L * BLOCK;
            assertThat(file.write(parts, 1, 600, BLOCK)).isEqualTo(length);
            assertThat(file.sizeBytes()).isEqualTo(length + BLOCK);
            MemorySegment[] read = new MemorySegment[602];
            Arrays.setAll(read, i -> i == 7 ? block(0) : block(1));
            assertThat(file.read(read, 1, 600, BLOCK)).isEqualTo(length);
            for (int i = 1; i <= 600; i++) {
                assertThat(read[i].mismatch(parts[i])).as("segment %d", i).isEqualTo(-1);
            }
            assertThat(file.write(parts, 3, 0, 0)).isZero();
        }
    }

    /** Found by the simulation: a byte that made the file longer lay on one that was written. */
    @Test
    void shouldKeepWhatIsWrittenWhileTheFileIsMadeLonger() throws Exception {
        try (AsyncFile file = create()) {
            MemorySegment written = block(1).fill((byte) 1);
            MemorySegment read = block(1);
            for (int round = 0; round < 500; round++) {
                file.truncate(0);
                CountDownLatch over = new CountDownLatch(1);
                file.write(written, 0, (bytes, failure) -> over.countDown());
                file.truncate(BLOCK);
                over.await();
                file.read(read, 0);
                assertThat(read.mismatch(written)).as("round %s", round).isEqualTo(-1);
            }
        }
    }

    @Test
    void shouldCutAndGrowToAnyLength() throws IOException {
        try (AsyncFile file = create()) {
            MemorySegment written = random(2 * BLOCK, 1);
            file.write(written, 0);
            file.truncate(5000);
            assertThat(file.sizeBytes()).isEqualTo(5000);
            file.truncate(9001);
            assertThat(file.sizeBytes()).isEqualTo(9001);
            MemorySegment read = random(3 * BLOCK, 2);
            assertThat(file.read(read, 0)).isEqualTo(9001);
            assertThat(bytes(read, 5000)).isEqualTo(bytes(written, 5000));
            assertThat(bytes(read.asSlice(5000), 4001)).isEqualTo(new byte[4001]);
            file.truncate(0);
            assertThat(file.sizeBytes()).isZero();
            assertThatThrownBy(() -> file.truncate(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bytes=-1");
        }
    }

    @Test
    void shouldReportSyncsToTheirCompletions() throws Exception {
        try (AsyncFile file = create()) {
            file.write(random(BLOCK, 1), 0);
            file.sync();
            file.syncData();
            Tally tally = new Tally(2);
            file.sync(tally);
            file.syncData(tally);
            tally.await();
            assertThat(tally.bytes).containsOnly(0L);
        }
    }

    // ---- refusals before anything happens

    @Test
    void shouldHoldToTheAlignmentThatItReports() throws IOException {
        if (direct) {
            refusesMisalignedRequestsWithNothingChanged();
        } else {
            takesAnyAlignment();
        }
    }

    private void refusesMisalignedRequestsWithNothingChanged() throws IOException {
        MemorySegment written = random(2 * BLOCK, 1);
        try (AsyncFile file = create()) {
            file.write(written, 0);
            int offset = file.directAlignment();
            assertThat(Integer.bitCount(offset)).isOne();
            assertThat(file.directMemoryAlignment()).isGreaterThan(1);
            long before = io.stats().submitted();
            MemorySegment other = random(2 * BLOCK, 2);
            Tally never = new Tally(1);
            assertMisaligned(file, other.asSlice(0, BLOCK), 1);
            assertMisaligned(file, other.asSlice(0, BLOCK - 1), 0);
            assertMisaligned(file, other.asSlice(1, BLOCK), 0);
            assertThatThrownBy(() -> file.write(other.asSlice(1, BLOCK), 0, never))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(
                            () ->
                                    file.write(
                                            new MemorySegment[] {other, other.asSlice(0, 1)},
                                            0,
                                            2,
                                            0))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(io.stats().submitted()).isEqualTo(before);
            MemorySegment read = block(2);
            assertThat(file.read(read, 0)).isEqualTo(2 * BLOCK);
            assertThat(read.mismatch(written)).isEqualTo(-1);
            assertThat(never.calls).isEmpty();
        }
    }

    private void takesAnyAlignment() throws IOException {
        try (AsyncFile file = create()) {
            assertThat(file.directAlignment()).isOne();
            assertThat(file.directMemoryAlignment()).isOne();
            MemorySegment written = random(BLOCK, 1).asSlice(3, 1001);
            assertThat(file.write(written, 17)).isEqualTo(1001);
            MemorySegment read = block(1).asSlice(5, 1001);
            assertThat(file.read(read, 17)).isEqualTo(1001);
            assertThat(read.mismatch(written)).isEqualTo(-1);
        }
    }

    @Test
    void shouldRefuseMemoryItCannotUse() throws IOException {
        try (AsyncFile file = create();
                Arena confined = Arena.ofConfined()) {
            Tally never = new Tally(1);
            assertThatThrownBy(() -> file.read(MemorySegment.ofArray(new byte[BLOCK]), 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("segment must be native memory");
            assertThatThrownBy(() -> file.read(block(1).asReadOnly(), 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("segment to read into must be writable");
            assertThatThrownBy(() -> file.read(confined.allocate(BLOCK, BLOCK), 0, never))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("segment of an asynchronous request must not be of");
            Arena gone = Arena.ofShared();
            MemorySegment dead = gone.allocate(BLOCK, BLOCK);
            gone.close();
            assertThatThrownBy(() -> file.write(dead, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("segment must be alive");
            assertThatThrownBy(() -> file.read(block(1), -BLOCK))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("position=-4096");
            assertThatThrownBy(() -> file.read(new MemorySegment[1], 0, 2, 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(never.calls).isEmpty();
            assertThat(file.write(random(BLOCK, 1).asReadOnly(), 0)).isEqualTo(BLOCK);
        }
    }

    @Test
    void shouldTakeConfinedMemoryInBlockingForms() throws Exception {
        try (AsyncFile file = create()) {
            confinedRoundTrip(file);
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    confinedRoundTrip(file);
                                } catch (IOException | RuntimeException | AssertionError e) {
                                    failure.set(e);
                                }
                            })
                    .join();
            assertThat(failure.get()).isNull();
        }
    }

    @Test
    void shouldRefuseWhatTheFileWasNotOpenedFor() throws IOException {
        Files.write(path, new byte[BLOCK]);
        try (AsyncFile file = open(StandardOpenOption.READ)) {
            assertThatThrownBy(() -> file.write(block(1), 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("file was opened without WRITE: file=" + path);
            assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(IllegalStateException.class);
        }
        try (AsyncFile file = open(StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> file.read(block(1), 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("file was opened without READ: file=" + path);
        }
        assertThat(Files.size(path)).isEqualTo(BLOCK);
    }

    @Test
    void shouldSayWhyAFileCannotBeOpened() throws IOException {
        assertOpenFails(path, Errno.ENOENT, StandardOpenOption.READ);
        assertOpenFails(directory, Errno.EISDIR, StandardOpenOption.READ);
        Files.write(path, new byte[1]);
        assertOpenFails(
                path, Errno.EEXIST, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        if (!System.getProperty("user.name", "").equals("root")) {
            assertThat(path.toFile().setReadable(false)).isTrue();
            assertOpenFails(path, Errno.EACCES, StandardOpenOption.READ);
        }
    }

    @Test
    void shouldCutTheFileWhenOpenedToTruncate() throws IOException {
        Files.write(path, new byte[10]);
        open(StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING).close();
        assertThat(Files.size(path)).isZero();
    }

    // ---- completions

    // S2.1, S2.2: exactly one report, on another stack, never before its request is handed over.
    @Test
    void shouldReportEachRequestOnceOnAThreadOfTheEngine() throws Exception {
        AsyncFile file = create();
        file.write(random(BLOCK, 1), 0);
        int requests = 2000;
        Tally tally = new Tally(requests);
        MemorySegment read = block(1);
        for (int i = 0; i < requests; i++) {
            file.read(read, 0, tally);
        }
        tally.await();
        file.close();
        assertThat(tally.calls).hasSize(requests);
        assertThat(tally.failures).isEmpty();
        assertThat(tally.bytes).containsOnly((long) BLOCK);
        assertThat(tally.calls).allMatch(thread -> thread.startsWith("contract-io-"));
    }

    @Test
    void shouldReportWhatTheFileSystemSaysOfAFarPositionToTheCompletion() throws Exception {
        try (AsyncFile file = create()) {
            Tally tally = new Tally(1);
            file.write(block(1), Long.MAX_VALUE - 2 * BLOCK + 1, tally);
            tally.await();
            if (parent.equals(Path.of(TMPFS))) { // takes any position
                assertThat(tally.bytes).containsExactly((long) BLOCK);
                assertThat(tally.failures).isEmpty();
                return;
            }
            assertThat(tally.bytes).containsExactly(-1L);
            assertThat(tally.failures).hasSize(1);
            IoException failure = tally.failures.getFirst();
            assertThat(failure.errno()).isIn(Errno.EFBIG, Errno.EINVAL);
            assertThat(failure.operation()).isEqualTo("write");
            assertThat(io.stats().failed()).isOne();
        }
    }

    // S2.14
    @Test
    void shouldNeverWaitWhenACompletionSubmitsToAFullQueue() throws Exception {
        try (AsyncIo small = io(2, 1);
                AsyncFile file = small.open(path, options(CREATE_READ_WRITE))) {
            file.write(random(BLOCK, 1), 0);
            MemorySegment read = block(1);
            int more = 500;
            Tally tally = new Tally(more + 1);
            file.read(
                    read,
                    0,
                    (bytes, failure) -> {
                        for (int i = 0; i < more; i++) {
                            file.read(read, 0, tally);
                        }
                        tally.complete(bytes, failure);
                    });
            tally.await();
            assertThat(tally.calls).hasSize(more + 1);
            assertThat(small.stats().overflowed()).isGreaterThan(more - 10L);
            assertThat(small.workers.freeSlots()).isEqualTo(2);
        }
    }

    @Test
    void shouldGoOnWhenCompletionsSubmitTheNextRequest() throws Exception {
        try (AsyncFile file = create()) {
            file.write(random(BLOCK, 1), 0);
            CountDownLatch over = new CountDownLatch(4);
            for (int chain = 0; chain < 4; chain++) {
                new Chain(file, block(1), 1000, over).next();
            }
            assertThat(over.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void shouldContainACompletionThatThrows() throws Exception {
        try (QuietLog quiet = QuietLog.of(AsyncIo.class)) {
            AsyncFile file = create();
            assertThat(quiet).isNotNull();
            int requests = 20;
            Tally tally = new Tally(requests);
            for (int i = 0; i < requests; i++) {
                file.read(
                        block(1),
                        0,
                        (bytes, failure) -> {
                            tally.complete(bytes, failure);
                            throw new AssertionError("thrown by a completion");
                        });
            }
            tally.await();
            assertThat(file.read(block(1), 0)).isZero();
            file.close();
            assertThat(io.stats().completionsThrown()).isEqualTo(requests);
        }
    }

    @Test
    void shouldRefuseBlockingFormsInsideACompletion() throws Exception {
        try (AsyncFile file = create()) {
            List<Throwable> thrown = new ArrayList<>();
            CountDownLatch over = new CountDownLatch(1);
            MemorySegment one = block(1);
            Attempt[] attempts = {
                () -> file.read(one, 0),
                () -> file.write(one, 0),
                () -> file.read(new MemorySegment[] {one}, 0, 1, 0),
                file::sync,
                file::syncData,
                file::sizeBytes,
                () -> file.truncate(0),
                () -> file.allocate(0, 1),
                () -> file.punchHole(0, 1),
                file::close,
                () -> io.open(path),
                io::close,
                () -> io.close(Duration.ofSeconds(1))
            };
            file.read(
                    one,
                    0,
                    (bytes, failure) -> {
                        for (Attempt attempt : attempts) {
                            try {
                                attempt.run();
                            } catch (Exception e) {
                                thrown.add(e);
                            }
                        }
                        over.countDown();
                    });
            assertThat(over.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(thrown).hasSize(attempts.length);
            assertThat(thrown)
                    .allSatisfy(
                            e ->
                                    assertThat(e)
                                            .isInstanceOf(IllegalStateException.class)
                                            .hasMessageStartingWith("a completion may not block"));
        }
    }

    // ---- admission and close

    @Test
    void shouldMakeSubmittersWaitWhenTheQueueIsFullAndLoseNothing() throws Exception {
        try (AsyncIo small = io(2, 1);
                AsyncFile file = small.open(path, options(CREATE_READ_WRITE))) {
            CountDownLatch gate = new CountDownLatch(1);
            int requests = 23;
            Tally tally = new Tally(requests);
            hold(file, gate, tally);
            file.read(block(1), 0, tally);
            file.read(block(1), 0, tally);
            assertThat(small.workers.freeSlots()).isZero();
            List<Thread> submitters = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                MemorySegment read = block(1);
                Runnable submit = () -> file.read(read, 0, tally);
                submitters.add(
                        i % 2 == 0
                                ? Thread.ofPlatform().start(submit)
                                : Thread.ofVirtual().start(submit));
            }
            submitters.forEach(AsyncIoContract::awaitWaiting);
            assertThat(tally.calls).isEmpty();
            gate.countDown();
            for (Thread submitter : submitters) {
                submitter.join();
            }
            tally.await();
            assertThat(tally.calls).hasSize(requests);
            assertThat(small.workers.freeSlots()).isEqualTo(2);
        }
    }

    // S2.13
    @Test
    void shouldDeliverEveryCompletionWhenClosedWithRequestsInFlight() throws Exception {
        AsyncIo small = io(64, 1);
        AsyncFile file = small.open(path, options(CREATE_READ_WRITE));
        CountDownLatch gate = new CountDownLatch(1);
        int requests = 41;
        Tally tally = new Tally(requests);
        hold(file, gate, tally);
        for (int i = 1; i < requests; i++) {
            file.write(random(BLOCK, i), (long) i * BLOCK, tally);
        }
        Thread closer = Thread.ofPlatform().start(() -> closeQuietly(small));
        awaitWaiting(closer);
        assertThat(tally.calls).isEmpty();
        assertThatThrownBy(() -> file.read(block(1), 0, tally))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("file is closed");
        assertThatThrownBy(() -> small.open(path))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("engine is closed");
        gate.countDown();
        closer.join();
        assertThat(tally.calls).hasSize(requests);
        assertThat(tally.failures).isEmpty();
        small.close();
        file.close();
        assertThat(Files.size(path)).isEqualTo((long) requests * BLOCK);
        AsyncIoStats stats = small.stats();
        assertThat(stats.inFlight()).isZero();
        assertThat(stats.openFiles()).isZero();
        assertThat(stats.bytesWritten()).isEqualTo((requests - 1L) * BLOCK);
    }

    // S2.13: submitters race the close; each request is refused or reported, none is lost.
    @Test
    void shouldAnswerEveryRequestThatRacesTheClose() throws Exception {
        for (int round = 0; round < 20; round++) {
            AsyncFile file = create();
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger reported = new AtomicInteger();
            CountDownLatch started = new CountDownLatch(3);
            List<Thread> submitters = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                MemorySegment read = block(1);
                submitters.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            started.countDown();
                                            submitUntilClosed(file, read, accepted, reported);
                                        }));
            }
            started.await();
            file.close();
            int reportedAtClose = reported.get();
            for (Thread submitter : submitters) {
                submitter.join();
            }
            assertThat(reportedAtClose).isEqualTo(accepted.get());
        }
    }

    // ---- threads

    @Test
    void shouldKeepTheFileOpenWhenItsCallerIsInterrupted() throws IOException {
        try (AsyncFile file = create()) {
            MemorySegment written = random(BLOCK, 1);
            MemorySegment read = block(1);
            Thread.currentThread().interrupt();
            file.write(written, 0);
            file.read(read, 0);
            file.sync();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read.mismatch(written)).isEqualTo(-1);
            assertThat(file.read(read, 0)).isEqualTo(BLOCK);
        }
    }

    @Test
    void shouldWaitThroughInterruptsAndKeepTheFlag() throws Exception {
        try (AsyncIo small = io(8, 1);
                AsyncFile file = small.open(path, options(CREATE_READ_WRITE))) {
            file.write(random(BLOCK, 1), 0);
            CountDownLatch gate = new CountDownLatch(1);
            hold(file, gate, new Tally(1));
            AtomicInteger answer = new AtomicInteger(-1);
            MemorySegment read = block(1);
            Thread reader =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        int bytes = readQuietly(file, read);
                                        answer.set(Thread.interrupted() ? bytes : -2);
                                    });
            awaitWaiting(reader);
            reader.interrupt();
            awaitWaiting(reader);
            assertThat(answer).hasValue(-1);
            gate.countDown();
            reader.join();
            assertThat(answer).hasValue(BLOCK);
        }
    }

    @Test
    void shouldServeAThousandVirtualThreads() throws Exception {
        int pages = 64;
        try (AsyncFile file = create()) {
            for (int page = 0; page < pages; page++) {
                file.write(random(BLOCK, page), (long) page * BLOCK);
            }
            AtomicInteger right = new AtomicInteger();
            List<Thread> readers = new ArrayList<>();
            MemorySegment memory = arena.allocate(1000L * BLOCK, BLOCK);
            for (int i = 0; i < 1000; i++) {
                int page = i % pages;
                MemorySegment read = memory.asSlice((long) i * BLOCK, BLOCK);
                readers.add(
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            int bytes =
                                                    readQuietly(file, read, (long) page * BLOCK);
                                            if (bytes == BLOCK
                                                    && Arrays.equals(
                                                            bytes(read, BLOCK),
                                                            content(BLOCK, page))) {
                                                right.incrementAndGet();
                                            }
                                        }));
            }
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(right).hasValue(1000);
        }
    }

    @Test
    void shouldMatchAModelWhenManyRequestsRace() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(getClass().getSimpleName() + " model -Dseed=" + seed);
        int threads = 4;
        ModelStripe[] stripes = new ModelStripe[threads];
        try (AsyncFile file = create()) {
            List<Thread> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                stripes[i] = new ModelStripe(file, arena, i, seed);
                running.add(
                        i % 2 == 0
                                ? Thread.ofPlatform().start(stripes[i])
                                : Thread.ofVirtual().start(stripes[i]));
            }
            for (Thread thread : running) {
                thread.join();
            }
            file.sync();
        }
        byte[] whole = Files.readAllBytes(path);
        for (ModelStripe stripe : stripes) {
            assertThat(stripe.failure()).as("seed=%d", seed).isNull();
            stripe.verify(whole, "seed=" + seed);
        }
        assertThat(io.workers.freeSlots()).isEqualTo(DEPTH);
    }

    // ---- helpers

    private static final OpenOption[] CREATE_READ_WRITE = {
        StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE
    };

    private AsyncIo io(int queueDepth, int threads) {
        return AsyncIo.open(
                configured(AsyncIoConfig.builder(), threads)
                        .engine(engine)
                        .queueDepth(queueDepth)
                        .threads(threads)
                        .threadNamePrefix("contract-io-")
                        .build());
    }

    private AsyncFile create() throws IOException {
        return open(CREATE_READ_WRITE);
    }

    private AsyncFile open(OpenOption... options) throws IOException {
        return io.open(path, options(options));
    }

    private OpenOption[] options(OpenOption... options) {
        if (!direct) {
            return options;
        }
        OpenOption[] more = Arrays.copyOf(options, options.length + 1);
        more[options.length] = DirectOption.DIRECT;
        return more;
    }

    private MemorySegment block(int count) {
        return arena.allocate((long) count * BLOCK, BLOCK);
    }

    private MemorySegment random(int bytes, long seed) {
        MemorySegment segment = arena.allocate(bytes, BLOCK);
        segment.copyFrom(MemorySegment.ofArray(content(bytes, seed)));
        return segment;
    }

    private static byte[] content(int bytes, long seed) {
        byte[] content = new byte[bytes];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static byte[] bytes(MemorySegment segment, int count) {
        return segment.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertMisaligned(AsyncFile file, MemorySegment segment, long position) {
        assertThatThrownBy(() -> file.write(segment, position))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("multiples of " + file.directAlignment())
                .hasMessageContaining("position=" + position)
                .hasMessageContaining("length=" + segment.byteSize())
                .hasMessageContaining("address=0x" + Long.toHexString(segment.address()));
        assertThatThrownBy(() -> file.read(segment, position))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void assertOpenFails(Path missing, int errno, OpenOption... options) {
        assertThatThrownBy(() -> io.open(missing, options(options)))
                .isInstanceOfSatisfying(
                        IoException.class,
                        e -> {
                            assertThat(e.errno()).isEqualTo(errno);
                            assertThat(e.operation()).isEqualTo("open");
                        })
                .hasMessage(
                        "open failed: " + Errno.name(errno) + " (" + errno + "): file=" + missing);
        assertThat(io.stats().openFiles()).isZero();
    }

    private static void confinedRoundTrip(AsyncFile file) throws IOException {
        try (Arena confined = Arena.ofConfined()) {
            MemorySegment written = confined.allocate(2 * BLOCK, BLOCK);
            written.copyFrom(MemorySegment.ofArray(content(2 * BLOCK, 5)));
            MemorySegment read = confined.allocate(2 * BLOCK, BLOCK);
            assertThat(file.write(written, 0)).isEqualTo(2 * BLOCK);
            assertThat(file.read(read, 0)).isEqualTo(2 * BLOCK);
            assertThat(read.mismatch(written)).isEqualTo(-1);
            MemorySegment[] halves = {read.asSlice(BLOCK), read.asSlice(0, BLOCK)};
            assertThat(file.read(halves, 0, 2, BLOCK)).isEqualTo(BLOCK);
            assertThat(read.asSlice(BLOCK).mismatch(written.asSlice(BLOCK))).isEqualTo(-1);
        }
    }

    /** Keeps the only thread of an engine in a completion until the gate opens. */
    private void hold(AsyncFile file, CountDownLatch gate, IoCompletion then)
            throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        file.read(
                block(1),
                0,
                (bytes, failure) -> {
                    held.countDown();
                    awaitQuietly(gate);
                    then.complete(bytes, failure);
                });
        assertThat(held.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static void submitUntilClosed(
            AsyncFile file, MemorySegment read, AtomicInteger accepted, AtomicInteger reported) {
        for (; ; ) {
            try {
                accepted.incrementAndGet();
                file.read(read, 0, (bytes, failure) -> reported.incrementAndGet());
            } catch (IllegalStateException e) {
                accepted.decrementAndGet();
                return;
            }
        }
    }

    static void awaitWaiting(Thread thread) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!WAITING.contains(thread.getState())) {
            assertThat(System.nanoTime()).as("%s waits", thread).isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static void closeQuietly(AutoCloseable closed) {
        try {
            closed.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static int readQuietly(AsyncFile file, MemorySegment read) {
        return readQuietly(file, read, 0);
    }

    private static int readQuietly(AsyncFile file, MemorySegment read, long position) {
        try {
            return file.read(read, position);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }

    /** A completion that submits its successor, so many times. */
    private static final class Chain implements IoCompletion {
        private final AsyncFile file;
        private final MemorySegment segment;
        private final CountDownLatch over;
        private int left;

        Chain(AsyncFile file, MemorySegment segment, int links, CountDownLatch over) {
            this.file = file;
            this.segment = segment;
            this.over = over;
            left = links;
        }

        void next() {
            file.read(segment, 0, this);
        }

        @Override
        public void complete(long bytes, @Nullable IoException failure) {
            if (--left > 0) {
                next();
            } else {
                over.countDown();
            }
        }
    }
}
