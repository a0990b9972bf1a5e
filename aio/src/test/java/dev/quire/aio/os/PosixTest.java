package dev.quire.aio.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

final class PosixTest {
    @TempDir private Path directory;

    @BeforeEach
    void needsLinux() {
        assumeTrue(PosixSupport.refusal().isEmpty(), () -> PosixSupport.refusal().orElse(""));
    }

    @Test
    void shouldAnswerMinusTheErrorNumber() {
        assertThat(Posix.open(directory.resolve("missing").toString(), OpenFlags.RDONLY))
                .isEqualTo(-Errno.ENOENT);
        assertThat(Posix.pread(-1, 0, 0, 0)).isEqualTo(-Errno.EBADF);
        assertThat(Posix.fsync(-1)).isEqualTo(-Errno.EBADF);
        assertThat(Posix.sizeBytes(-1)).isEqualTo(-Errno.EBADF);
        assertThat(Posix.ftruncate(-1, 0)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void shouldReadAndWriteVectorsInOrder() throws IOException {
        Path path = directory.resolve("vector");
        int fd = Posix.open(path.toString(), OpenFlags.RDWR | OpenFlags.CREAT);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom("abcdef");
            NativeScratch scratch = NativeScratch.current();
            scratch.vector().clear();
            assertThat(scratch.vector().add(text.address() + 3, 3)).isTrue();
            assertThat(scratch.vector().add(text.address(), 3)).isTrue();
            assertThat(Posix.pwritev(scratch, fd, 1)).isEqualTo(6);
            assertThat(Files.readString(path)).isEqualTo("\0defabc");

            MemorySegment back = arena.allocate(8);
            scratch.vector().clear();
            scratch.vector().add(back.address(), 2);
            scratch.vector().add(back.address() + 4, 4);
            assertThat(Posix.preadv(scratch, fd, 1)).isEqualTo(6);
            assertThat(back.getString(0)).isEqualTo("de");
            assertThat(back.asSlice(4, 4).toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly('f', 'a', 'b', 'c');
        } finally {
            assertThat(Posix.close(fd)).isZero();
        }
    }

    @Test
    void shouldRefuseAVectorBeyondItsRoom() {
        NativeScratch scratch = NativeScratch.current();
        scratch.vector().clear();
        for (int i = 0; i < IoVector.SEGMENTS_MAX; i++) {
            assertThat(scratch.vector().add(0, 0)).isTrue();
        }
        assertThat(scratch.vector().add(0, 0)).isFalse();
        scratch.vector().clear();
    }

    @Test
    void shouldTellFilesFromDirectories() {
        FileStatus[] status = new FileStatus[1];
        int fd = Posix.open(directory.toString(), OpenFlags.RDONLY);
        assertThat(Statx.of(fd, status)).isZero();
        assertThat(status[0].kind()).isEqualTo(FileStatus.Kind.DIRECTORY);
        assertThat(Posix.close(fd)).isZero();
        assertThat(Statx.of(-1, status)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void shouldOpenNamesOutsideAscii() throws IOException {
        Path path;
        try {
            path = Files.writeString(directory.resolve("größe"), "x");
        } catch (java.nio.file.InvalidPathException e) {
            assumeTrue(false, "this locale has no such file names: " + e.getMessage());
            return;
        }
        int fd = Posix.open(path.toString(), OpenFlags.RDONLY);
        assertThat(fd).isNotNegative();
        assertThat(Posix.sizeBytes(fd)).isEqualTo(1);
        assertThat(Posix.close(fd)).isZero();
    }

    @Test
    void shouldDecodeTheAlignmentOnlyWhenTheKernelSaysIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Statx.BYTES, 8);
            buffer.set(ValueLayout.JAVA_INT, 4, 4096);
            buffer.set(ValueLayout.JAVA_SHORT, 28, (short) 0x81a4);
            buffer.set(ValueLayout.JAVA_INT, 152, 4);
            buffer.set(ValueLayout.JAVA_INT, 156, 512);
            buffer.set(ValueLayout.JAVA_INT, 168, 4096);
            buffer.set(ValueLayout.JAVA_INT, 172, 65536);
            buffer.set(ValueLayout.JAVA_INT, 176, 1);
            buffer.set(ValueLayout.JAVA_INT, 180, 8);
            assertThat(Statx.decode(buffer)).isEqualTo(status(4096, 0, 0));
            buffer.set(ValueLayout.JAVA_INT, 0, 0x2000);
            assertThat(Statx.decode(buffer)).isEqualTo(status(4096, 512, 4));
            buffer.set(ValueLayout.JAVA_INT, 0, 0x3_2000);
            assertThat(Statx.decode(buffer))
                    .isEqualTo(
                            new FileStatus(
                                    FileStatus.Kind.REGULAR, 4096, 512, 8, 4, 4096, 65536, 1));
        }
    }

    @Test
    void shouldFallBackToAPlausibleBlockWhenTheKernelDoesNotSayTheAlignment() {
        assertThat(status(4096, 512, 4).offsetAlignmentBytes()).isEqualTo(512);
        assertThat(status(4096, 512, 4).memoryAlignmentBytes()).isEqualTo(4);
        assertThat(status(16384, 0, 0).offsetAlignmentBytes()).isEqualTo(16384);
        assertThat(status(1 << 20, 0, 0).offsetAlignmentBytes()).isEqualTo(4096);
        assertThat(status(1000, 0, 0).offsetAlignmentBytes()).isEqualTo(4096);
        assertThat(status(16384, 0, 0).memoryAlignmentBytes()).isEqualTo(4096);
    }

    @Test
    void shouldSayWhyNativeFileIoIsRefused() {
        assertThat(PosixSupport.refusal("Linux", "amd64")).isEmpty();
        assertThat(PosixSupport.refusal("Linux", "aarch64")).isEmpty();
        assertThat(PosixSupport.refusal("Mac OS X", "aarch64"))
                .hasValueSatisfying(reason -> assertThat(reason).contains("os.name=Mac OS X"));
        assertThat(PosixSupport.refusal("Linux", "s390x"))
                .hasValueSatisfying(reason -> assertThat(reason).contains("os.arch=s390x"));
    }

    private static FileStatus status(int block, int offset, int memory) {
        return new FileStatus(FileStatus.Kind.REGULAR, block, offset, 0, memory, 0, 0, 0);
    }
}
