package dev.quire.pagecache.warm;

import static dev.quire.pagecache.warm.FileIdentity.Match.FOREIGN;
import static dev.quire.pagecache.warm.FileIdentity.Match.SAME;
import static dev.quire.pagecache.warm.FileIdentity.Match.STALE;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/** Which dumps are of a file as it is now. */
class FileIdentityTest {
    private static final FileIdentity NOW = new FileIdentity("", 5, 100, 200, 4096, 4096);

    @TempDir Path folder;

    private static FileIdentity with(long inode, long created, long modified, long size, int page) {
        return new FileIdentity("", inode, created, modified, size, page);
    }

    @Test
    void shouldKnowTheSameFile() {
        assertThat(NOW.match(NOW, true)).isEqualTo(SAME);
        assertThat(NOW.match(with(5, 0, 200, 4096, 4096), true))
                .as("created: the system did not tell")
                .isEqualTo(SAME);
    }

    @Test
    void shouldTellFilesApart() {
        assertThat(NOW.match(with(6, 100, 200, 4096, 4096), true)).isEqualTo(FOREIGN);
        assertThat(NOW.match(with(5, 101, 200, 4096, 4096), true))
                .as("a file that got a deleted one's inode")
                .isEqualTo(FOREIGN);
        assertThat(NOW.match(with(5, 100, 200, 4096, 8192), true)).isEqualTo(FOREIGN);
        assertThat(NOW.match(FileIdentity.ofStore("a", 4096, 4096), true)).isEqualTo(FOREIGN);
        assertThat(
                        FileIdentity.ofStore("a", 1, 4096)
                                .match(FileIdentity.ofStore("b", 1, 4096), true))
                .isEqualTo(FOREIGN);
    }

    @Test
    void shouldNotTakeAClosedFileThatWasChanged() {
        assertThat(NOW.match(with(5, 100, 199, 4096, 4096), true)).isEqualTo(STALE);
        assertThat(NOW.match(with(5, 100, 200, 4095, 4096), true)).isEqualTo(STALE);
    }

    @Test
    void shouldTakeAnOpenFileThatGrew() {
        assertThat(NOW.match(with(5, 100, 199, 4095, 4096), false)).isEqualTo(SAME);
        assertThat(NOW.match(with(5, 100, 201, 4096, 4096), false)).isEqualTo(STALE);
        assertThat(NOW.match(with(5, 100, 200, 4097, 4096), false)).isEqualTo(STALE);
    }

    @Test
    void shouldComeFromTheFileSystem() throws IOException {
        Path path = Files.write(folder.resolve("a"), new byte[10]);
        Path other = Files.write(folder.resolve("b"), new byte[10]);
        FileIdentity identity = FileIdentity.ofFile(path, 4096);
        assertThat(identity.sizeBytes()).isEqualTo(10);
        assertThat(FileIdentity.ofFile(path, 4096).match(identity, true)).isEqualTo(SAME);
        assertThat(FileIdentity.ofFile(other, 4096).match(identity, false)).isEqualTo(FOREIGN);
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000));
        assertThat(FileIdentity.ofFile(path, 4096).match(identity, false)).isEqualTo(STALE);
    }
}
