package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.Engine;
import dev.quire.bench.console.Console;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The canaries: a run whose file is broken behind its back must say so. */
final class RunJobTest {
    private static final int PAGE_BYTES = 8192;
    private static final int PAGES = 128;

    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldProveAFileThatNobodyBroke() throws IOException {
        assertThat(run(null, new RunHooks() {})).isTrue();
        assertThat(out.toString()).contains("\"verified\":true,\"pagesVerified\":128");
    }

    @Test
    void shouldFindAByteThatChangedOnTheDiskAfterTheRun() throws IOException {
        assertThat(run(null, after(file -> flip(file, 77 * PAGE_BYTES + 5000)))).isFalse();

        assertThat(err.toString())
                .contains("mismatch: page=77, expected checksum 0x")
                .contains("(on the disk after the run)");
        assertThat(out.toString()).contains("\"verified\":false", "\"mismatches\":1");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldFindAByteThatChangedOnTheDiskBeforeItIsRead() throws IOException {
        RunHooks hooks =
                new RunHooks() {
                    @Override
                    public void beforeWorkload(Path file) throws IOException {
                        flip(file, 77 * PAGE_BYTES + 5000);
                    }
                };
        assertThat(run(null, hooks)).isFalse();

        assertThat(err.toString())
                .contains("mismatch: page=77, expected checksum 0x")
                .contains("(in the run)");
        assertThat(out.toString()).contains("\"verified\":false");
    }

    @Test
    void shouldFindAWriteThatNeverReachedTheDisk() throws IOException {
        assertThat(run(null, after(file -> stamp(file, 9, PageStamp.FIRST_VERSION)))).isFalse();
        assertThat(err.toString())
                .containsPattern("page=9, expected version \\d+, found version 1");
    }

    @Test
    void shouldFindAFileOfAnotherLength() throws IOException {
        assertThat(run(null, after(file -> resize(file, PAGES * PAGE_BYTES - 1)))).isFalse();
        assertThat(err.toString()).contains("a file of 1048576 bytes, found 1048575 bytes");
        assertThat(out.toString()).contains("\"pagesVerified\":0");
    }

    @Test
    void shouldFindAByteThatChangedInAUsersFile() throws IOException {
        Path file = Files.write(folder.resolve("users-own"), new byte[100_000]);
        assertThat(run(file, after(path -> flip(path, 99_999)))).isFalse();
        assertThat(err.toString()).contains("mismatch: page=12, expected checksum 0x");
        assertThat(file).exists();
    }

    @Test
    void shouldRemoveTheTemporaryFileWhenTheRunFails() {
        RunHooks hooks =
                after(
                        _ -> {
                            throw new IOException("the test fails it");
                        });
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> run(null, hooks)))
                .hasMessage("the test fails it");
        assertThat(folder).isEmptyDirectory();
    }

    private boolean run(@Nullable Path file, RunHooks hooks) throws IOException {
        RunOptions options =
                new RunOptions(
                        file,
                        file != null,
                        folder,
                        file == null ? (long) PAGES * PAGE_BYTES : null,
                        64 * PAGE_BYTES,
                        PAGE_BYTES,
                        2,
                        50,
                        Distribution.SEQUENTIAL,
                        0.3,
                        Engine.AUTO,
                        IoMode.BUFFERED,
                        1,
                        null,
                        true);
        Console console = new Console(new PrintWriter(out), new PrintWriter(err), 0);
        return new RunJob(options, console, hooks).run();
    }

    /** What a test does to a file. */
    private interface Break {
        void apply(Path file) throws IOException;
    }

    private static RunHooks after(Break damage) {
        return new RunHooks() {
            @Override
            public void beforeVerification(Path file) throws IOException {
                damage.apply(file);
            }
        };
    }

    private static void flip(Path path, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int before = file.read();
            file.seek(at);
            file.write(before ^ 1);
        }
    }

    private static void resize(Path path, long bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(bytes);
        }
    }

    private static void stamp(Path path, long page, long version) throws IOException {
        PageCopy copy = new PageCopy(PAGE_BYTES);
        PageStamp.write(copy, page, version);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            MemorySegment bytes = copy.segment();
            file.write(bytes.asByteBuffer(), page * PAGE_BYTES);
        }
    }
}
