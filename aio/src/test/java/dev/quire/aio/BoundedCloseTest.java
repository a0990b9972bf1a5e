package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A close that gives up waiting: what it says, what it keeps, and that it can be said again. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BoundedCloseTest {
    private static final Duration SHORT = Duration.ofMillis(20);

    @TempDir private Path directory;

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldNameWhatIsInFlightAndDeliverItLater(Engine engine) throws Exception {
        AsyncIo io = open(engine);
        Path path = directory.resolve("file");
        AsyncFile file =
                io.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        MemorySegment segment = Arena.ofAuto().allocate(4096);
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        AtomicInteger completions = new AtomicInteger();
        AtomicInteger errno = new AtomicInteger();
        file.read(
                segment,
                0,
                (bytes, failure) -> {
                    completions.incrementAndGet();
                    held.countDown();
                    AsyncIoContract.awaitQuietly(gate);
                });
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
        file.write(
                segment,
                8192,
                (bytes, failure) -> {
                    completions.incrementAndGet();
                    errno.set(failure == null ? 0 : failure.errno());
                });
        assertThatThrownBy(() -> io.close(SHORT))
                .isInstanceOfSatisfying(
                        StillInFlightException.class,
                        e ->
                                assertThat(e.requests())
                                        .containsExactly(
                                                "write file="
                                                        + path
                                                        + ", position=8192, length=4096"))
                .hasMessageContaining(
                        "close gave up waiting, requests are still in flight and keep their memory:"
                                + " timeout=PT0.02S, requests=1: write file=");
        assertThatThrownBy(() -> file.read(segment, 0, (bytes, failure) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("file is closed");
        assertThatThrownBy(() -> io.open(path))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("engine is closed");
        gate.countDown();
        io.close(Duration.ofSeconds(30));
        assertThat(completions).hasValue(2);
        // It had not begun, so it was called off.
        assertThat(errno).hasValue(Errno.ECANCELED);
        io.close(SHORT);
        assertThat(io.stats().openFiles()).isZero();
        assertThat(io.stats().submitted()).isEqualTo(io.stats().completed());
    }

    private static AsyncIo open(Engine engine) throws IOException {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        return AsyncIo.open(
                AsyncIoConfig.builder().engine(engine).queueDepth(4).threads(1).build());
    }
}
