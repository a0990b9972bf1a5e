package dev.quire.pagecache.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;

/** A dump is read as it was written, or not at all. */
class DumpFileTest {
    private static final FileIdentity STORE = FileIdentity.ofStore("größer", 1L << 40, 8192);
    private static final FileIdentity FILE = new FileIdentity("", 7, 11, 13, 17, 4096);

    @TempDir Path folder;
    private Path path;
    private DumpFile dump;

    @BeforeEach
    void name() {
        path = folder.resolve("dump");
        dump = new DumpFile(path);
    }

    private static HotPages pages(int main, long... pages) {
        return new HotPages(pages, main);
    }

    private static long[] all(HotPages pages) {
        return LongStream.range(0, pages.count()).map(i -> pages.page((int) i)).toArray();
    }

    private void assertRoundTrip(FileIdentity identity, boolean closed, HotPages pages)
            throws IOException {
        dump.write(new DumpFile.Content(identity, closed, pages));
        DumpFile.Content read = dump.read();
        assertThat(read.identity()).isEqualTo(identity);
        assertThat(read.closed()).isEqualTo(closed);
        assertThat(read.pages().mainCount()).isEqualTo(pages.mainCount());
        assertThat(all(read.pages())).isEqualTo(all(pages));
        try (var files = Files.list(folder)) {
            assertThat(files).as("nothing is left beside it").containsExactly(path);
        }
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        assertRoundTrip(STORE, false, pages(2, 5, 1L << 38, 0, 9));
        assertRoundTrip(FILE, true, pages(0, 3));
        assertRoundTrip(FILE, true, pages(0));
    }

    @Test
    void shouldReadMorePagesThanABufferHolds() throws IOException {
        for (int count : new int[] {8191, 8192, 8193, 100_000}) {
            long[] numbers = new Random(count).longs(count, 0, 1L << 39).toArray();
            assertRoundTrip(STORE, true, new HotPages(numbers, count / 3));
        }
    }

    @Test
    void shouldRefuseEveryTruncation() throws IOException {
        dump.write(new DumpFile.Content(STORE, true, pages(2, 5, 6, 7)));
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertDamaged("cut to " + length);
        }
    }

    @Test
    void shouldRefuseEveryFlippedBit() throws IOException {
        dump.write(new DumpFile.Content(STORE, true, pages(2, 5, 6, 7)));
        byte[] whole = Files.readAllBytes(path);
        for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            Files.write(path, flipped);
            assertDamaged("bit " + bit);
        }
    }

    @Test
    void shouldRefuseWhatIsLongerThanItSays() throws IOException {
        dump.write(new DumpFile.Content(STORE, true, pages(2, 5, 6, 7)));
        byte[] whole = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(whole, whole.length + 8));
        assertDamaged("8 bytes more");
    }

    @Test
    void shouldRefuseAVersionThatItDoesNotKnow() throws IOException {
        dump.write(new DumpFile.Content(STORE, true, pages(0)));
        byte[] whole = Files.readAllBytes(path);
        ByteBuffer.wrap(whole).putInt(8, 2);
        CRC32C sum = new CRC32C();
        sum.update(whole, 0, whole.length - 4);
        ByteBuffer.wrap(whole).putInt(whole.length - 4, (int) sum.getValue());
        Files.write(path, whole);
        assertThatThrownBy(dump::read)
                .isInstanceOf(RefusedDumpException.class)
                .hasMessageContaining("version must be 1: version=2");
    }

    @Test
    void shouldRefuseAnotherFile() throws IOException {
        Files.write(path, new byte[100]);
        assertThatThrownBy(dump::read).hasMessageContaining("no dump of hot pages");
    }

    private void assertDamaged(String how) {
        assertThatThrownBy(dump::read)
                .as(how)
                .isInstanceOfSatisfying(
                        RefusedDumpException.class,
                        e -> assertThat(e.outcome()).isEqualTo(WarmUp.Outcome.DAMAGED));
    }

    @Test
    void shouldKeepTheOldDumpWhenTheNewOneCannotBeWritten() throws IOException {
        dump.write(new DumpFile.Content(STORE, true, pages(1, 42)));
        FileIdentity tooLong = FileIdentity.ofStore("n".repeat(5000), 1, 4096);
        assertThatThrownBy(() -> dump.write(new DumpFile.Content(tooLong, true, pages(1, 43))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096 bytes of UTF-8: bytes=5000");
        assertThat(dump.read().pages().page(0)).isEqualTo(42);
        assertThat(folder.resolve("dump.tmp")).doesNotExist();
    }

    @Test
    void shouldReplaceWhatACrashLeftBehind() throws IOException {
        Files.write(folder.resolve("dump.tmp"), new byte[10_000]);
        assertRoundTrip(STORE, true, pages(1, 42));
    }

    @Test
    void shouldSayThatThereIsNone() {
        assertThatThrownBy(dump::read).isInstanceOf(NoSuchFileException.class);
    }
}
