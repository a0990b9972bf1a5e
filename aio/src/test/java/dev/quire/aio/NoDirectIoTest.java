package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system that has no direct I/O: a ramfs. */
final class NoDirectIoTest {
    private static final int BLOCK = 4096;

    @TempDir private Path mountPoint;

    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldSayThatTheFileSystemHasNoneAndWorkBuffered(Engine engine) throws Exception {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        String mount = mountPoint.toString();
        assumeTrue(
                SystemCommand.run("mount", "-t", "ramfs", "ramfs", mount).isPresent(),
                "mounting a ramfs needs root");
        try (AsyncIo io = AsyncIo.open(AsyncIoConfig.builder().engine(engine).build());
                Arena arena = Arena.ofShared()) {
            Path path = Files.createFile(mountPoint.resolve("file"));
            assertThatThrownBy(
                            () ->
                                    io.open(
                                            path,
                                            StandardOpenOption.READ,
                                            StandardOpenOption.WRITE,
                                            DirectOption.DIRECT))
                    .isInstanceOfSatisfying(
                            IoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                    .hasMessage(
                            "open failed: EINVAL (22), the file system has no direct I/O: open it"
                                    + " without DIRECT: file="
                                    + path);
            assertThat(io.stats().openFiles()).isZero();
            try (AsyncFile file =
                    io.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                assertThat(file.write(arena.allocate(BLOCK, BLOCK), 0)).isEqualTo(BLOCK);
                assertThat(file.direct()).isFalse();
            }
        } finally {
            assertThat(SystemCommand.run("umount", mount)).isPresent();
        }
    }
}
