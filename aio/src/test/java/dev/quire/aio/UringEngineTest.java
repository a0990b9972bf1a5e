package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.OpenFlags;
import dev.quire.aio.os.Posix;
import dev.quire.aio.os.Uring;
import dev.quire.aio.os.UringSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** What a ring does with answers that a regular file seldom gives: a named pipe gives them all. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UringEngineTest {
    @TempDir private Path directory;

    private final MemorySegment segment = Arena.ofAuto().allocate(100);
    private AsyncIo io;
    private Path pipe;
    private int fd = -1;

    @SuppressWarnings("NullAway.Init") // open() sets them before every test
    UringEngineTest() {}

    @BeforeEach
    void open() throws Exception {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        io = io(8);
        pipe = directory.resolve("pipe");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
    }

    @AfterEach
    void close() throws IOException {
        if (io != null) {
            assertThat(io.workers.freeSlots()).isEqualTo(8);
            io.close();
            assertThat(io.stats().inFlight()).isZero();
        }
        if (fd >= 0) {
            Posix.close(fd);
        }
    }

    @Test
    void shouldResumeAShortTransferInTheRing() throws Exception {
        openPipe();
        Tally tally = new Tally(2);
        try (EngineFile file = file(new ScriptedFd(fd))) {
            try (OutputStream out = Files.newOutputStream(pipe)) {
                file.read(segment, 0, tally);
                feed(out, 1, 1);
                awaitResumed(1);
                feed(out, 2, 99);
                awaitCalls(tally, 1);
                MemorySegment[] parts = {
                    segment.asSlice(0, 10), segment.asSlice(10, 0), segment.asSlice(10, 30)
                };
                file.read(parts, 0, 3, 5, tally);
                feed(out, 3, 17);
                awaitResumed(2);
                feed(out, 20, 23);
            }
            tally.await();
        }
        assertThat(tally.failures).isEmpty();
        assertThat(tally.bytes).containsExactly(100L, 40L);
        byte[] read = segment.toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < 40; i++) {
            assertThat(read[i]).as("byte %d", i).isEqualTo((byte) (3 + i));
        }
        for (int i = 40; i < 100; i++) {
            assertThat(read[i]).as("byte %d", i).isEqualTo((byte) (1 + i));
        }
    }

    // EAGAIN in a ring is rare and cannot be had at will: the event is played by the test.
    @Test
    void shouldLeaveATransferThatMustPauseToAnotherThread() throws Exception {
        AsyncIo other = io(Engine.THREAD_POOL, 8);
        AtomicReference<@Nullable IoRequest> sent = new AtomicReference<>();
        other.workers.useRing(new SentLane(sent));
        ScriptedFd raw = new ScriptedFd(-1, -Errno.EAGAIN, 70);
        Tally tally = new Tally(1);
        try (Uring ring = Uring.open(8);
                EngineFile file = file(other, raw)) {
            RingOwner owner =
                    new RingOwner(
                            ring,
                            null,
                            new RingInbox(8, ring::wake),
                            8,
                            Arena.ofAuto(),
                            other.workers);
            file.read(segment, 7, tally);
            IoRequest request = Objects.requireNonNull(sent.get());
            owner.over(request, 30, RingSlot.NOT_SYNCED);
            assertThat(tally.calls).isEmpty();
            owner.over(request, -Errno.EAGAIN, RingSlot.NOT_SYNCED);
            tally.await();
        }
        assertThat(tally.bytes).containsExactly(100L);
        assertThat(tally.calls).containsExactly("uring-test-0");
        assertThat(raw.tries).containsExactly("read 30+70@37", "read 30+70@37", "close");
        other.close();
    }

    @Test
    void shouldReportAnErrorOfTheRingOnce() throws Exception {
        Tally tally = new Tally(3);
        try (EngineFile file = file(new ScriptedFd(1 << 20))) {
            file.read(segment, 7, tally);
            file.write(new MemorySegment[] {segment}, 0, 1, 7, tally);
            file.syncData(tally);
            tally.await();
        }
        assertThat(tally.bytes).containsOnly(-1L);
        assertThat(tally.failures).hasSize(3).allMatch(e -> e.errno() == Errno.EBADF);
        assertThat(tally.failures.getFirst())
                .hasMessage("read failed: EBADF (9): file=a.db, position=7, length=100");
        assertThat(tally.failures.getLast()).hasMessage("syncData failed: EBADF (9): file=a.db");
        assertThat(tally.calls).containsOnly("uring-test-ring");
    }

    @Test
    void shouldReportATransferOfNothing() throws Exception {
        Tally tally = new Tally(2);
        try (EngineFile file = file(new ScriptedFd(1 << 20))) {
            file.read(segment.asSlice(0, 0), 0, tally);
            file.write(new MemorySegment[0], 0, 0, 0, tally);
            tally.await();
        }
        assertThat(tally.bytes).containsOnly(0L);
        assertThat(tally.failures).isEmpty();
    }

    // Every request finds the owner asleep, or nearly: the next comes when the last is over.
    @Test
    void shouldLoseNoWakeUp() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[100]);
        int rounds = 20_000;
        try (AsyncFile file = io.open(path)) {
            AtomicInteger over = new AtomicInteger();
            for (int round = 1; round <= rounds; round++) {
                file.read(segment, 0, (bytes, failure) -> over.incrementAndGet());
                long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (over.get() != round) {
                    if (System.nanoTime() - deadlineNanos > 0) {
                        throw new AssertionError("a request was left: round=" + round);
                    }
                    if ((round & 1) == 0) {
                        Thread.onSpinWait();
                    } else {
                        LockSupport.parkNanos(1);
                    }
                }
            }
        }
    }

    @Test
    void shouldSyncTheDirectoryBesideTheRingAndLaterSyncsInIt() throws Exception {
        Tally tally = new Tally(2);
        Path path = directory.resolve("new");
        try (AsyncFile file =
                io.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            file.sync(tally);
            awaitCalls(tally, 1);
            file.sync(tally);
            tally.await();
        }
        assertThat(tally.failures).isEmpty();
        assertThat(tally.calls.getFirst()).isEqualTo("uring-test-0");
        assertThat(tally.calls.getLast()).isEqualTo("uring-test-ring");
    }

    // More entries than the ring has room for at once.
    @Test
    void shouldCompleteADeepQueue() throws Exception {
        Path path = Files.write(directory.resolve("deep"), new byte[1 << 16]);
        int requests = 5000;
        Tally tally = new Tally(requests);
        try (AsyncIo deep = io(1000);
                AsyncFile file = deep.open(path)) {
            for (int i = 0; i < requests; i++) {
                file.read(segment, i, tally);
            }
            tally.await();
        }
        assertThat(tally.calls).hasSize(requests);
        assertThat(tally.bytes).containsOnly(100L);
    }

    @Test
    void shouldOpenAtEveryDepthAndGiveAllDescriptorsBack() throws IOException {
        io(1).close();
        long before = descriptors();
        for (int depth : new int[] {1, 7, 8, 9, 255, 256, 257, AsyncIoConfig.QUEUE_DEPTH_MAX}) {
            io(depth).close();
        }
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void shouldRefuseAPathOfAnotherFileSystem() {
        Path foreign = Path.of(java.net.URI.create("jrt:/java.base"));
        assertThatThrownBy(() -> io.open(foreign))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path must be of the default file system");
    }

    private void openPipe() {
        fd = Posix.open(pipe.toString(), OpenFlags.RDWR);
        assertThat(fd).isNotNegative();
    }

    private EngineFile file(RawFile raw) {
        return file(io, raw);
    }

    private static EngineFile file(AsyncIo io, RawFile raw) {
        Path path = Path.of("a.db");
        OpenOption[] options = {StandardOpenOption.READ, StandardOpenOption.WRITE};
        return new EngineFile(io, path, OpenMode.of(path, Set.of(options)), raw);
    }

    private static AsyncIo io(int queueDepth) {
        return io(Engine.URING, queueDepth);
    }

    private static AsyncIo io(Engine engine, int queueDepth) {
        return AsyncIo.open(
                AsyncIoConfig.builder()
                        .engine(engine)
                        .queueDepth(queueDepth)
                        .ringForEveryFile()
                        .threads(1)
                        .threadNamePrefix("uring-test-")
                        .build());
    }

    private static void feed(OutputStream out, int first, int count) throws IOException {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (first + i);
        }
        out.write(bytes);
    }

    private void awaitResumed(long times) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (io.stats().transfersResumed() < times) {
            assertThat(System.nanoTime()).as("resumed").isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    private static void awaitCalls(Tally tally, int calls) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (tally.calls.size() < calls) {
            assertThat(System.nanoTime()).as("reports").isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    private static long descriptors() throws IOException {
        try (java.util.stream.Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    /** A lane that keeps what it is sent. */
    private record SentLane(AtomicReference<@Nullable IoRequest> sent) implements Lane {
        @Override
        public void offer(IoRequest request) {
            sent.set(request);
        }

        @Override
        public boolean takes(IoRequest request) {
            return true;
        }

        @Override
        public void close() {}
    }

    /** A scripted file with a descriptor of its own. */
    private static final class ScriptedFd extends ScriptedFile {
        private final int fd;

        ScriptedFd(int fd, long... answers) {
            super(1, answers);
            this.fd = fd;
        }

        @Override
        public int fd() {
            return fd;
        }
    }
}
