package dev.quire.aio.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What newer kernels add to a ring; the thread of the test owns it. */
@Timeout(value = 20)
final class UringFeaturesTest {
    private static final int PIECE_SHIFT = 14;
    private static final int PIECE = 1 << PIECE_SHIFT;

    @TempDir private Path directory;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment memory = arena.allocate(3 * PIECE, 4096);
    private Uring ring;
    private Path path;
    private int fd = -1;

    @SuppressWarnings("NullAway.Init") // open() sets them before every test
    UringFeaturesTest() {}

    @BeforeEach
    void open() throws RingException {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        ring = Uring.open(8);
        path = directory.resolve("file");
        fd = Posix.open(path.toString(), OpenFlags.RDWR | OpenFlags.CREAT);
    }

    @AfterEach
    void close() {
        if (ring != null) {
            ring.close();
            Posix.close(fd);
        }
    }

    // ---- files

    // The table holds a file open: what was closed is gone only when the ring has let go of it.
    @Test
    void shouldHoldAFileUntilItForgetsIt() throws IOException {
        assumeTrue(ring.capabilities().fixedFiles(), "no registered files here");
        assumeTrue(ring.capabilities().timedSleep(), "no timed sleep here");
        Path pipe = directory.resolve("pipe");
        makePipe(pipe);
        int writer = Posix.open(pipe.toString(), OpenFlags.RDWR);
        int reader = Posix.open(pipe.toString(), OpenFlags.RDONLY);
        ring.write(writer, memory.address(), 1, -1, 0, false, 1);
        assertEvent(1, 1);
        Posix.close(writer);
        ring.read(reader, memory.address(), 2, -1, 2);
        assertEvent(2, 1);
        ring.read(reader, memory.address(), 2, -1, 3);
        assertThat(ring.enter(1_000_000)).isZero();
        assertThat(ring.next()).as("the ring still holds the writer").isFalse();
        ring.forget(writer);
        assertEvent(3, 0);
        ring.forget(reader);
        Posix.close(reader);
    }

    @Test
    void shouldKnowANumberAnewAfterItForgotIt() throws IOException {
        Path other = Files.writeString(directory.resolve("other"), "other");
        Files.writeString(path, "first");
        ring.read(fd, memory.address(), 5, 0, 1);
        assertEvent(1, 5);
        ring.forget(fd);
        int closed = fd;
        Posix.close(closed);
        fd = Posix.open(other.toString(), OpenFlags.RDWR);
        // Another thread of the JVM may have opened something in between.
        assumeTrue(fd == closed, "the number of the closed file is not free");
        ring.read(fd, memory.address(), 5, 0, 2);
        assertEvent(2, 5);
        assertThat(text(5)).isEqualTo("other");
    }

    @Test
    void shouldUseFilesAsTheyAreWhenTheTableIsFull() throws IOException {
        Files.writeString(path, "plain");
        FixedFiles files = FixedFiles.open(-1, arena);
        assertThat(files.isPossible()).as("a table that the kernel refuses").isFalse();
        assertThat(files.index(fd)).isEqualTo(FixedFiles.PLAIN);
        List<Integer> opened = new ArrayList<>();
        for (int i = 0; i < 1100; i++) { // more than there are places
            ring.read(fd, memory.address(), 5, 0, i);
            assertEvent(i, 5);
            int next = Posix.open(path.toString(), OpenFlags.RDWR);
            if (next < 0) {
                break; // the limit of open files came first
            }
            ring.read(next, memory.address(), 5, 0, i);
            assertEvent(i, 5);
            opened.add(next);
        }
        opened.forEach(ring::forget);
        opened.forEach(Posix::close);
    }

    // ---- memory

    @Test
    void shouldMoveRegisteredMemoryAndLetGoOfIt() throws Exception {
        assumeTrue(ring.capabilities().fixedMemory(), "no registered memory here");
        MemoryRun run = new MemoryRun(5, memory.address(), memory.byteSize(), PIECE_SHIFT);
        ring.register(run);
        assertThat(ring.holds(run)).isTrue();
        memory.setString(0, "a piece");
        memory.setString(2 * PIECE, "another");
        ring.write(fd, memory.address(), 100, 0, 0, false, 1);
        assertEvent(1, 100);
        ring.write(fd, memory.address() + 2 * PIECE, 100, 100, 0, false, 2);
        assertEvent(2, 100);
        ring.write(fd, memory.address() + PIECE - 50, 100, 200, 0, false, 3); // of two pieces
        assertEvent(3, 100);
        ring.read(fd, memory.address() + PIECE, 200, 0, 4);
        assertEvent(4, 200);
        assertThat(memory.getString(PIECE)).isEqualTo("a piece");
        assertThat(memory.getString(PIECE + 100)).isEqualTo("another");
        ring.unregister(run);
        awaitReleased(run);
        ring.write(fd, memory.address(), 100, 0, 0, false, 5);
        assertEvent(5, 100);
        ring.register(run);
        ring.unregister(run);
        awaitReleased(run);
    }

    // The kernel lets go of a piece only when its last request is over.
    @Test
    void shouldHoldMemoryUntilItsLastRequestIsOver() throws Exception {
        assumeTrue(ring.capabilities().fixedMemory(), "no registered memory here");
        Path pipe = directory.resolve("pipe");
        makePipe(pipe);
        int end = Posix.open(pipe.toString(), OpenFlags.RDWR);
        MemoryRun run = new MemoryRun(0, memory.address(), PIECE, PIECE_SHIFT);
        ring.register(run);
        ring.read(end, memory.address(), 4, -1, 1);
        ring.enter(0);
        ring.unregister(run);
        assertThat(ring.enter(1_000_000)).isZero();
        assertThat(ring.next()).isFalse();
        assertThat(ring.holds(run)).isTrue();
        ring.write(end, memory.address() + PIECE, 4, -1, 0, false, 2);
        for (int events = 0; events < 2; ) { // bound: two events
            assertThat(ring.enter(Uring.FOREVER)).isZero();
            while (ring.next()) {
                assertThat(ring.result()).isEqualTo(4);
                events++;
            }
        }
        awaitReleased(run);
        ring.forget(end);
        Posix.close(end);
    }

    @Test
    void shouldRegisterAllOfARunOrNothing() throws RingException {
        assumeTrue(ring.capabilities().fixedMemory(), "no registered memory here");
        // Its second piece is no memory of this process.
        MemoryRun run = new MemoryRun(0, 4096L << 32, 2 * PIECE, PIECE_SHIFT);
        assertThatThrownBy(() -> ring.register(run))
                .isInstanceOf(RingException.class)
                .hasMessageStartingWith("a ring refused to register memory: EFAULT (14): bytes=");
        ring.unregister(run);
        awaitReleased(run);
    }

    @Test
    void shouldSayWhatHelpsWhenMemoryCannotBeLocked() {
        assertThat(RingException.memory(1 << 20, Errno.ENOMEM))
                .hasMessage(
                        "a ring refused to register memory: ENOMEM (12): bytes=1048576; raise the"
                                + " limit of locked memory (ulimit -l, LimitMEMLOCK) by as much");
    }

    @Test
    void shouldFindThePieceThatHasAllOfSomeMemory() {
        MemoryRun run = new MemoryRun(7, 1000, 2 * PIECE + 10, PIECE_SHIFT);
        assertThat(run.pieces()).isEqualTo(3);
        assertThat(run.place(1000, 1)).isEqualTo(7);
        assertThat(run.place(1000, PIECE)).isEqualTo(7);
        assertThat(run.place(1000, PIECE + 1)).isNegative();
        assertThat(run.place(1000 + PIECE, PIECE)).isEqualTo(8);
        assertThat(run.place(1000 + 2 * PIECE, 10)).isEqualTo(9);
        assertThat(run.place(1000 + 2 * PIECE, 11)).isNegative();
        assertThat(run.place(999, 1)).isNegative();
        assertThat(run.place(1000, 0)).isNegative();
        assertThat(run.place(Long.MAX_VALUE - 5, 10)).isNegative();
        assertThat(run.pieceBytes(0)).isEqualTo(PIECE);
        assertThat(run.pieceBytes(2)).isEqualTo(10);
    }

    // What kernels get that know no sparse tables; newer ones know this form too.
    @Test
    void shouldRegisterTablesThatAreSpeltOut() {
        assumeTrue(ring.capabilities().fixedMemory(), "no registered memory here");
        RingParams params = new RingParams(arena);
        params.ask(0, 16, 0);
        int bare = RingCalls.setup(8, params.memory());
        assertThat(bare).isNotNegative();
        try {
            assertThat(FixedFiles.registerSpeltOut(bare, 64, arena)).isZero();
            assertThat(FixedMemory.registerTable(bare, FixedMemory.speltOut(arena))).isZero();
        } finally {
            Posix.close(bare);
        }
    }

    // ---- links, cancels, sleeps

    @Test
    void shouldSyncAfterALinkedWriteAndNotAfterAShortOne() throws IOException {
        ring.write(fd, memory.address(), 100, 0, 0, true, 1);
        ring.sync(fd, false, 2);
        assertEvents(1, 100, 2, 0);
        ring.write(1 << 20, memory.address(), 100, 0, 0, true, 3);
        ring.sync(fd, false, 4);
        assertEvents(3, -Errno.EBADF, 4, -Errno.ECANCELED);
        ring.write(fd, memory.address(), 100, 0, Uring.DATA_SYNC, false, 5);
        assertEvent(5, 100);
    }

    @Test
    void shouldGiveUpWhatIsCalledOff() throws IOException {
        assumeTrue(ring.capabilities().cancel(), "no cancel here");
        Path pipe = directory.resolve("pipe");
        makePipe(pipe);
        int end = Posix.open(pipe.toString(), OpenFlags.RDWR);
        ring.read(end, memory.address(), 4, -1, 1);
        ring.enter(0);
        assertThat(ring.next()).isFalse();
        assertThat(ring.isBusy()).isTrue();
        ring.cancel(99); // nobody's
        ring.cancel(1);
        assertEvent(1, -Errno.ECANCELED);
        assertThat(ring.isBusy()).isFalse();
        ring.forget(end);
        Posix.close(end);
    }

    @Test
    void shouldAllocateAndPunchHoles() throws IOException {
        assumeTrue(ring.capabilities().allocate(), "no allocation here");
        ring.allocate(fd, 0, 0, 10_000, 1);
        assertEvent(1, 0);
        assertThat(Files.size(path)).isEqualTo(10_000);
    }

    @Test
    void shouldEndASleepAtItsTime() {
        assumeTrue(ring.capabilities().timedSleep(), "no timed sleep here");
        long beganNanos = System.nanoTime();
        assertThat(ring.enter(TimeUnit.MILLISECONDS.toNanos(20))).isZero();
        assertThat(System.nanoTime() - beganNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(10));
        assertThat(ring.next()).isFalse();
    }

    // ---- polling

    @Test
    void shouldSubmitThroughTheKernelsThreadAsleepOrAwake() throws Exception {
        try (Uring polling = Uring.open(new RingOptions(8, 1, false))) {
            assertThat(polling.capabilities().submissionPolling()).isTrue();
            for (int i = 0; i < 20; i++) {
                if (i % 5 == 0) {
                    Thread.sleep(20); // long enough for its thread to fall asleep
                }
                polling.write(fd, memory.address(), 100, i, 0, false, i);
                do { // bound: the event comes
                    assertThat(polling.enter(Uring.FOREVER)).isZero();
                } while (!polling.next());
                assertThat(polling.tag()).isEqualTo(i);
                assertThat(polling.result()).isEqualTo(100);
            }
        }
    }

    @Test
    void shouldRefuseToPollABufferedFile() throws Exception {
        try (Uring polled = Uring.open(new RingOptions(8, 0, true))) {
            assertThat(polled.capabilities().completionPolling()).isTrue();
            polled.read(fd, memory.address(), 100, 0, 1);
            do { // bound: the event comes
                assertThat(polled.enter(0)).isZero();
            } while (!polled.next());
            assertThat(polled.result()).isEqualTo(-Errno.EOPNOTSUPP);
        }
    }

    // ---- which files a ring is for

    @Test
    void shouldTellFilesThatTheKernelCannotBeginWithoutWaiting() throws IOException {
        assumeTrue(!Files.getFileStore(path).type().equals("tmpfs"), "no other file system here");
        assertThat(Posix.canReadWithoutBlocking(fd)).isTrue();
        Files.writeString(path, "text");
        assertThat(Posix.canReadWithoutBlocking(fd)).isTrue();
        int writeOnly = Posix.open(path.toString(), OpenFlags.WRONLY);
        assertThat(Posix.canReadWithoutBlocking(writeOnly)).as("by its file system").isTrue();
        Posix.close(writeOnly);
        Path shm = Path.of("/dev/shm");
        assumeTrue(
                Files.isWritable(shm) && Files.getFileStore(shm).type().equals("tmpfs"),
                "no tmpfs here");
        Path file = Files.createTempFile(shm, "quire", "");
        try {
            int onTmpfs = Posix.open(file.toString(), OpenFlags.RDWR);
            assertThat(Posix.canReadWithoutBlocking(onTmpfs)).isFalse();
            Posix.close(onTmpfs);
            int writeOnTmpfs = Posix.open(file.toString(), OpenFlags.WRONLY);
            assertThat(Posix.canReadWithoutBlocking(writeOnTmpfs)).isFalse();
            Posix.close(writeOnTmpfs);
        } finally {
            Files.delete(file);
        }
    }

    private void awaitReleased(MemoryRun run) {
        while (ring.holds(run)) { // bound: an event a piece
            assertThat(ring.enter(Uring.FOREVER)).isZero();
            assertThat(ring.next()).isFalse();
        }
    }

    private void assertEvent(long tag, int result) {
        do { // bound: the event comes
            assertThat(ring.enter(Uring.FOREVER)).isZero();
        } while (!ring.next());
        assertThat(ring.tag()).isEqualTo(tag);
        assertThat(ring.result()).isEqualTo(result);
    }

    private void assertEvents(long firstTag, int first, long secondTag, int second) {
        assertEvent(firstTag, first);
        while (!ring.next()) { // bound: the event comes
            assertThat(ring.enter(Uring.FOREVER)).isZero();
        }
        assertThat(ring.tag()).isEqualTo(secondTag);
        assertThat(ring.result()).isEqualTo(second);
    }

    private String text(int bytes) {
        return new String(
                memory.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    }

    private static void makePipe(Path pipe) {
        try {
            Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
            assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
        } catch (IOException e) {
            assumeTrue(false, "no mkfifo here");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
