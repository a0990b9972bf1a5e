package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.UringSupport;
import dev.quire.support.SystemCommand;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Real faults: a file system of 64 KiB, and a position beyond what the file system can hold. */
final class FullTmpfsTest {
    private static final int BLOCK = 4096;

    @TempDir private Path mountPoint;
    private boolean mounted;

    @BeforeEach
    void mount() throws InterruptedException {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mountPoint.toString());
        assumeTrue(mounted, "mounting a tmpfs needs root");
    }

    @AfterEach
    void unmount() throws InterruptedException {
        if (mounted) {
            assertThat(run("umount", mountPoint.toString())).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldSayThatTheDiskIsFullAndWorkAgainWhenThereIsRoom(Engine engine) throws Exception {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        Path path = mountPoint.resolve("file");
        try (AsyncIo io = AsyncIo.open(AsyncIoConfig.builder().engine(engine).threads(2).build());
                Arena arena = Arena.ofShared();
                AsyncFile file =
                        io.open(
                                path,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.CREATE)) {
            MemorySegment big = arena.allocate(32 * BLOCK, BLOCK);
            big.fill((byte) 7);
            assertThatThrownBy(() -> file.write(big, 0))
                    .isInstanceOfSatisfying(
                            IoException.class,
                            e -> {
                                assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
                                assertThat(e.retryCanHelp()).isTrue();
                            })
                    .hasMessage(
                            "write failed: ENOSPC (28): file="
                                    + path
                                    + ", position=0, length=131072");
            Tally tally = new Tally(2);
            file.write(big, 0, tally);
            file.write(new MemorySegment[] {big, big}, 0, 2, 0, tally);
            tally.await();
            assertThat(tally.failures).hasSize(2);
            assertThat(tally.failures).allMatch(e -> e.errno() == Errno.ENOSPC);
            assertThat(tally.bytes).containsOnly(-1L);
            file.truncate(0);
            assertThat(file.write(big.asSlice(0, BLOCK), 0)).isEqualTo(BLOCK);
        }
        assertThat(Files.size(path)).isEqualTo(BLOCK);
        Files.delete(path);
    }

    private static boolean run(String... command) throws InterruptedException {
        return SystemCommand.run(command).isPresent();
    }
}
