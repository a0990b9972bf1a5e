package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What options of a single request do, on every engine. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RequestOptionsTest {
    private static final int BLOCK = 4096;

    @TempDir private Path directory;

    private final MemorySegment segment = Arena.ofAuto().allocate(BLOCK, BLOCK);
    private @Nullable AsyncIo io;
    private AsyncFile file;

    @SuppressWarnings("NullAway.Init") // begin() sets it
    RequestOptionsTest() {}

    @AfterEach
    void close() throws IOException {
        if (io != null) {
            io.close();
            assertThat(io.stats().submitted()).isEqualTo(io.stats().completed());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldWriteWithEveryPromise(Engine engine) throws Exception {
        begin(engine);
        long position = 0;
        byte fill = 0;
        for (WriteDurability durability : WriteDurability.values()) {
            fill++;
            IoOptions options = IoOptions.NONE.durability(durability);
            segment.fill(fill);
            MemorySegment[] halves = {segment.asSlice(0, 100), segment.asSlice(100)};
            assertThat(file.write(segment, position, options)).isEqualTo(BLOCK);
            assertThat(file.write(halves, 0, 2, position + BLOCK, options)).isEqualTo(BLOCK);
            assertThat(written(segment, position + 2 * BLOCK, options)).isEqualTo(BLOCK);
            CompletableFuture<Long> over = new CompletableFuture<>();
            file.write(
                    halves,
                    0,
                    2,
                    position + 3 * BLOCK,
                    options,
                    (bytes, failure) -> over.complete(bytes));
            assertThat(over.get(30, TimeUnit.SECONDS)).isEqualTo(BLOCK);
            MemorySegment read = Arena.ofAuto().allocate(4 * BLOCK, BLOCK);
            assertThat(file.read(read, position)).isEqualTo(4 * BLOCK);
            for (int at = 0; at < 4 * BLOCK; at += 100) {
                assertThat(read.get(ValueLayout.JAVA_BYTE, at)).isEqualTo(fill);
            }
            position += 4 * BLOCK;
        }
        // Nothing to write is still a sync.
        assertThat(
                        written(
                                segment.asSlice(0, 0),
                                0,
                                IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC)))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldRefuseAPromiseForARead(Engine engine) throws Exception {
        begin(engine);
        IoOptions options = IoOptions.NONE.durability(WriteDurability.DATA_SYNC);
        assertThatThrownBy(() -> file.read(segment, 0, options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("durability of a read must be NONE: durability=DATA_SYNC");
        assertThatThrownBy(() -> file.read(segment, 0, options, (bytes, failure) -> {}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldNotBeginWhatWasCalledOff(Engine engine) throws Exception {
        begin(engine);
        IoCancellation cancellation = new IoCancellation();
        cancellation.cancel();
        IoOptions options = IoOptions.NONE.cancellation(cancellation);
        assertThat(failure(options)).isEqualTo(Errno.ECANCELED);
        assertThatThrownBy(() -> file.write(segment, 0, options))
                .isInstanceOf(IoException.class)
                .hasMessageContaining("write failed: ECANCELED (125), it was called off");
        assertThat(file.sizeBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldNotBeginWhatIsLate(Engine engine) throws Exception {
        begin(engine);
        IoOptions options = IoOptions.NONE.deadline(Duration.ofNanos(1));
        assertThat(failure(options)).isEqualTo(Errno.ETIMEDOUT);
        assertThat(file.sizeBytes()).isZero();
    }

    // Calling off is advice, the completion is the truth: it comes once, with or without the bytes.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldGiveUpWhatWaitsForItsTurn(Engine engine) throws Exception {
        begin(engine);
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        // With a cancellation of its own, so that it goes the way of the other.
        file.read(
                Arena.ofAuto().allocate(BLOCK),
                0,
                IoOptions.NONE.cancellation(new IoCancellation()),
                (bytes, failure) -> {
                    held.countDown();
                    AsyncIoContract.awaitQuietly(gate);
                });
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        IoCancellation cancellation = new IoCancellation();
        CompletableFuture<Integer> over = new CompletableFuture<>();
        file.write(
                segment,
                0,
                IoOptions.NONE.cancellation(cancellation),
                (bytes, failure) -> over.complete(failure == null ? 0 : failure.errno()));
        cancellation.cancel();
        cancellation.cancel();
        gate.countDown();
        assertThat(over.get(30, TimeUnit.SECONDS)).isEqualTo(Errno.ECANCELED);
        assertThat(file.sizeBytes()).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldTransferInTimeAndUncancelled(Engine engine) throws Exception {
        begin(engine);
        IoCancellation cancellation = new IoCancellation();
        IoOptions options =
                IoOptions.NONE.deadline(Duration.ofDays(100_000)).cancellation(cancellation);
        assertThat(file.write(segment, 0, options)).isEqualTo(BLOCK);
        assertThat(written(segment, BLOCK, options)).isEqualTo(BLOCK);
        cancellation.cancel();
        assertThat(file.sizeBytes()).isEqualTo(2 * BLOCK);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldGiveAndTakeSpace(Engine engine) throws Exception {
        begin(engine);
        if (engine == Engine.CHANNEL) {
            assertThatThrownBy(() -> file.allocate(0, BLOCK))
                    .isInstanceOf(IoException.class)
                    .hasMessageContaining("allocate failed: EOPNOTSUPP");
            return;
        }
        segment.fill((byte) 5);
        file.write(segment, 0);
        file.allocate(0, 4 * BLOCK);
        assertThat(file.sizeBytes()).isEqualTo(4 * BLOCK);
        MemorySegment read = Arena.ofAuto().allocate(2 * BLOCK, BLOCK);
        assertThat(file.read(read, 0)).isEqualTo(2 * BLOCK);
        assertThat(read.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        assertThat(read.get(ValueLayout.JAVA_BYTE, BLOCK)).isZero();
        CompletableFuture<Long> over = new CompletableFuture<>();
        file.punchHole(0, BLOCK, (bytes, failure) -> over.complete(bytes));
        assertThat(over.get(30, TimeUnit.SECONDS)).isZero();
        CompletableFuture<Long> grown = new CompletableFuture<>();
        file.allocate(4 * BLOCK, BLOCK, (bytes, failure) -> grown.complete(bytes));
        assertThat(grown.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(file.sizeBytes()).isEqualTo(5 * BLOCK);
        file.punchHole(BLOCK, BLOCK);
        assertThat(file.read(read, 0)).isEqualTo(2 * BLOCK);
        assertThat(read.get(ValueLayout.JAVA_BYTE, 0)).isZero();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldRefuseAnEmptyRange(Engine engine) throws Exception {
        begin(engine);
        assertThatThrownBy(() -> file.allocate(0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length must be more than 0: bytes=0");
        assertThatThrownBy(() -> file.punchHole(-1, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position=-1");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldSayWhatTheFileSupports(Engine engine) throws Exception {
        begin(engine);
        FileCapabilities capabilities = file.capabilities();
        assertThat(capabilities).isEqualTo(file.capabilities());
        if (engine == Engine.CHANNEL) {
            assertThat(capabilities).isEqualTo(FileCapabilities.UNKNOWN);
        } else {
            assertThat(capabilities.dataSyncWrites()).isTrue();
            assertThat(capabilities.atomicWriteBytesMax())
                    .isGreaterThanOrEqualTo(capabilities.atomicWriteBytesMin());
        }
    }

    @Test
    void shouldRefuseADeadlineThatIsNone() {
        assertThatThrownBy(() -> IoOptions.NONE.deadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("deadline must be more than 0 nanoseconds: deadline=PT0S");
        assertThatThrownBy(() -> IoOptions.NONE.deadline(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("deadline must fit 2^63 - 1 nanoseconds");
        assertThat(IoOptions.NONE.deadline(Duration.ofMillis(3)).deadlineNanos())
                .isEqualTo(3_000_000);
    }

    private void begin(Engine engine) throws IOException {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        // One thread, so that a held completion holds all others back.
        io = AsyncIo.open(AsyncIoConfig.builder().engine(engine).queueDepth(4).threads(1).build());
        file =
                io.open(
                        directory.resolve("file"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
    }

    private long written(MemorySegment memory, long position, IoOptions options) throws Exception {
        CompletableFuture<Long> over = new CompletableFuture<>();
        file.write(memory, position, options, (bytes, failure) -> over.complete(bytes));
        return over.get(30, TimeUnit.SECONDS);
    }

    private int failure(IoOptions options) throws Exception {
        CompletableFuture<Integer> over = new CompletableFuture<>();
        file.write(
                segment,
                0,
                options,
                (bytes, failure) -> over.complete(failure == null ? 0 : failure.errno()));
        return over.get(30, TimeUnit.SECONDS);
    }
}
