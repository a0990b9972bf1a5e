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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A real ring; the thread of the test owns it. */
@Timeout(value = 20)
final class UringTest {
    @TempDir private Path directory;

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment text = arena.allocateFrom("abcdef");
    private Uring ring;
    private Path path;
    private int fd = -1;

    @SuppressWarnings("NullAway.Init") // open() sets them before every test
    UringTest() {}

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

    @Test
    void shouldWriteReadAndSync() throws IOException {
        ring.write(fd, text.address() + 1, 4, 2, 0, false, 11);
        assertEvent(11, 4);
        assertThat(Files.readString(path)).isEqualTo("\0\0bcde");
        ring.sync(fd, true, 12);
        assertEvent(12, 0);
        ring.sync(fd, false, 13);
        assertEvent(13, 0);
        MemorySegment back = arena.allocate(8);
        ring.read(fd, back.address(), 8, 3, Long.MAX_VALUE);
        assertEvent(Long.MAX_VALUE, 3);
        assertThat(back.getString(0)).isEqualTo("cde");
        ring.read(-1, back.address(), 8, 3, 0);
        assertEvent(0, -Errno.EBADF);
    }

    @Test
    void shouldKeepTheOrderOfVectors() throws IOException {
        IoVector vector = new IoVector(arena);
        vector.add(text.address() + 3, 3);
        vector.add(text.address(), 3);
        ring.writeVector(fd, vector, 1, 0, false, 1);
        assertEvent(1, 6);
        assertThat(Files.readString(path)).isEqualTo("\0defabc");
        MemorySegment back = arena.allocate(8);
        vector.clear();
        vector.add(back.address() + 2, 2);
        vector.add(back.address(), 2);
        ring.readVector(fd, vector, 1, 2);
        assertEvent(2, 4);
        assertThat(back.getString(0)).isEqualTo("fade");
    }

    @Test
    void shouldSubmitAndReapInOneCall() {
        for (int tag = 0; tag < 5; tag++) {
            ring.sync(fd, false, tag);
        }
        int events = 0;
        while (events < 5) { // bound: five events
            assertThat(ring.enter(Uring.FOREVER)).isZero();
            while (ring.next()) {
                assertThat(ring.result()).isZero();
                events++;
            }
        }
        assertThat(ring.hasEntries()).isFalse();
        assertThat(ring.hasEvents()).isFalse();
    }

    @Test
    void shouldBeFullBeforeItLosesAnEntry() {
        int added = 0;
        while (!ring.isFull()) { // bound: the length of the queue
            ring.sync(fd, false, added++);
        }
        assertThat(added).isGreaterThanOrEqualTo(8);
        assertThat(ring.enter(0)).isZero();
        assertThat(ring.isFull()).isFalse();
        for (int events = 0; events < added; ) { // bound: the entries
            assertThat(ring.enter(Uring.FOREVER)).isZero();
            while (ring.next()) {
                events++;
            }
        }
    }

    @Test
    void shouldSleepUntilItIsWoken() throws InterruptedException {
        for (int i = 1; i <= 3; i++) {
            long beganNanos = System.nanoTime(); // before the waker's sleep begins
            Thread waker =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        sleepMillis(20);
                                        ring.wake();
                                    });
            while (ring.wakes() < i) { // bound: one wake a round
                assertThat(ring.enter(Uring.FOREVER)).isZero();
                assertThat(ring.next()).isFalse();
            }
            assertThat(System.nanoTime() - beganNanos)
                    .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(10));
            waker.join();
        }
    }

    @Test
    void shouldNotLoseAWakeThatComesBeforeTheSleep() {
        ring.wake();
        ring.wake();
        while (ring.wakes() < 2) { // bound: the wakes
            assertThat(ring.enter(Uring.FOREVER)).isZero();
            assertThat(ring.next()).isFalse();
        }
        assertThat(ring.wakes()).isEqualTo(2);
    }

    @Test
    void shouldRefuseADescriptorThatIsNoRing() {
        assertThat(RingCalls.enter(-1, 0, 0, 0, 0, 0)).isEqualTo(-Errno.EBADF);
        assertThat(RingCalls.register(1 << 20, RingCalls.REGISTER_PROBE, text, 1))
                .isEqualTo(-Errno.EBADF);
        assertThat(RingCalls.map(-1, 4096, 0)).isEqualTo(-Errno.EBADF);
        assertThat(RingCalls.setup(0, arena.allocate(RingParams.BYTES))).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void shouldSayWhichOperationIsMissing() throws RingException {
        MemorySegment probe = arena.allocate(16 + 64 * 8, 8);
        probe.set(ValueLayout.JAVA_BYTE, 1, (byte) 24);
        probe.set(ValueLayout.JAVA_SHORT, 16 + 22 * 8 + 2, (short) 1);
        probe.set(ValueLayout.JAVA_SHORT, 16 + 24 * 8 + 2, (short) 1);
        assertThat(OpcodeProbe.supports(probe, 22)).isTrue();
        assertThat(OpcodeProbe.supports(probe, 23)).isFalse();
        assertThat(OpcodeProbe.supports(probe, 24)).as("beyond the last").isFalse();
        int answer = RingCalls.setup(8, arena.allocate(RingParams.BYTES, 8));
        assertThat(answer).isNotNegative();
        try {
            MemorySegment all = OpcodeProbe.ask(answer, arena);
            OpcodeProbe.check(all, 22, 23);
            assertThatThrownBy(() -> OpcodeProbe.check(all, 22, 250))
                    .isInstanceOf(RingException.class)
                    .hasMessageStartingWith("io_uring here lacks an operation: opcode=250;");
        } finally {
            Posix.close(answer);
        }
    }

    private void assertEvent(long tag, int result) {
        do { // bound: the event comes
            assertThat(ring.enter(Uring.FOREVER)).isZero();
        } while (!ring.next());
        assertThat(ring.tag()).isEqualTo(tag);
        assertThat(ring.result()).isEqualTo(result);
        assertThat(ring.next()).isFalse();
    }

    private static void sleepMillis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
