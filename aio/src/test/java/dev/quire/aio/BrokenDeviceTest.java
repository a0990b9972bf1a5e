package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A real device that fails: a loop device whose file was cut short after the device was made. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BrokenDeviceTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 64;
    private static final int BLOCKS_LEFT = 16;

    @TempDir private Path directory;
    private Optional<String> device = Optional.empty();

    @BeforeEach
    void make() throws IOException, InterruptedException {
        Path backing = directory.resolve("backing");
        try (RandomAccessFile file = new RandomAccessFile(backing.toFile(), "rw")) {
            file.setLength((long) BLOCKS * BLOCK);
            device = SystemCommand.run("losetup", "--find", "--show", backing.toString());
            assumeTrue(device.isPresent(), "a loop device needs root, losetup and a free one");
            file.setLength((long) BLOCKS_LEFT * BLOCK);
        }
    }

    @AfterEach
    void remove() throws InterruptedException {
        if (device.isPresent()) {
            assertThat(SystemCommand.run("losetup", "--detach", device.get())).isPresent();
        }
    }

    // S2.6: of a read over the good part and the broken one, the error is told and no count.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldReportTheErrorOfTheDeviceAndReadOnElsewhere(Engine engine) throws Exception {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        Path path = Path.of(device.orElseThrow());
        try (AsyncIo io = AsyncIo.open(AsyncIoConfig.builder().engine(engine).threads(2).build());
                Arena arena = Arena.ofShared();
                AsyncFile file = io.open(path, StandardOpenOption.READ, DirectOption.DIRECT)) {
            MemorySegment segment = arena.allocate(32L * BLOCK, BLOCK);
            MemorySegment one = segment.asSlice(0, BLOCK);
            assertThat(file.read(one, 0)).isEqualTo(BLOCK);
            assertThatThrownBy(() -> file.read(one, 40L * BLOCK))
                    .isInstanceOfSatisfying(
                            IoException.class,
                            e -> {
                                assertThat(e.errno()).isEqualTo(Errno.EIO);
                                assertThat(e.retryCanHelp()).isFalse();
                            })
                    .hasMessage(
                            "read failed: EIO (5): file="
                                    + path
                                    + ", position=163840, length=4096");
            Tally tally = new Tally(3);
            file.read(one, 40L * BLOCK, tally);
            file.read(new MemorySegment[] {one, one}, 0, 2, 50L * BLOCK, tally);
            file.read(segment, 0, tally);
            tally.await();
            assertThat(tally.failures).hasSize(3).allMatch(e -> e.errno() == Errno.EIO);
            assertThat(tally.bytes).containsOnly(-1L);
            assertThat(file.read(one, 0)).isEqualTo(BLOCK);
        }
    }
}
