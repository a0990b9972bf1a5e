package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.bench.SmallDisk;
import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

final class TemporaryFileTest {
    private static final int PAGE_BYTES = 4096;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void shouldStampEveryPageWhateverTheNumberOfThreads(int threads) throws IOException {
        // Three chunks of the scan and a page: the threads' shares are uneven.
        long bytes = (3 << 20) + PAGE_BYTES;
        try (TemporaryFile file = TemporaryFile.make(folder, bytes, PAGE_BYTES, threads)) {
            assertThat(Files.size(file.path())).isEqualTo(bytes);
            AtomicLong seen = new AtomicLong();
            new DiskScan(file.path(), bytes, PAGE_BYTES, 2)
                    .forEachPage(
                            (copy, page) -> {
                                seen.addAndGet(page);
                                assertThat(file.contents().checkClosed(copy, page)).isNull();
                            });
            long pages = bytes / PAGE_BYTES;
            assertThat(seen).hasValue(pages * (pages - 1) / 2);
        }
    }

    @Test
    void shouldBeGoneWhenItIsClosed() throws IOException {
        TemporaryFile file = TemporaryFile.make(folder, PAGE_BYTES, PAGE_BYTES, 1);
        assertThat(file.path()).exists();
        file.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldLeaveNothingBehindWhenTheDiskBecomesFull() {
        try (SmallDisk disk = SmallDisk.mount(folder, 2 << 20)) {
            assertThatThrownBy(() -> TemporaryFile.make(disk.path(), 4 << 20, PAGE_BYTES, 2))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("No space left on device")
                    .hasMessageContaining("--temp-dir=" + disk.path())
                    .hasMessageEndingWith("--file-bytes=4194304");
            assertThat(disk.path()).isEmptyDirectory();
        }
    }

    @Test
    void shouldNameAFileThatGotShorter() throws IOException {
        Path file = Files.write(folder.resolve("short"), new byte[PAGE_BYTES]);
        assertThatThrownBy(
                        () ->
                                new DiskScan(file, 2 * PAGE_BYTES, PAGE_BYTES, 1)
                                        .forEachPage((_, _) -> {}))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("ends at byte 4096, it must have 8192");
    }
}
