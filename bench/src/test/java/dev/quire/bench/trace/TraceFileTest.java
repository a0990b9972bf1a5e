package dev.quire.bench.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.bench.console.InputException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

final class TraceFileTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = TraceFormat.class,
            names = {"AUTO", "PAGES"})
    void shouldReadLittleEndianPageNumbersPackedOrNot(TraceFormat format) throws IOException {
        byte[] bytes = pages(7, 1 << 20, 7, 0x01020304);
        Path plain = file("a.pages", bytes);
        Path packed = file("b.pages.gz", gzip(bytes));

        assertThat(read(plain, format)).containsExactly(0, 1, 0, 2);
        assertThat(read(packed, format)).containsExactly(0, 1, 0, 2);
    }

    @Test
    void shouldReadMorePagesThanFitItsBuffer() throws IOException {
        int[] numbers = IntStream.range(0, 50_000).map(i -> i % 40_000).toArray();
        Trace trace = TraceFile.read(file("many.pages.gz", gzip(pages(numbers))), TraceFormat.AUTO);

        assertThat(trace.accesses()).isEqualTo(50_000);
        assertThat(trace.pageCount()).isEqualTo(40_000);
        assertThat(IntStream.range(0, 50_000).map(trace::page).toArray()).isEqualTo(numbers);
    }

    @Test
    void shouldReadANumberALineWithCommentsBlanksAndThePhasesOfLirs() throws IOException {
        Path file = text("a.trace", "# made by hand\r\n\n 12 \n*\n9223372036854775807 # large\n12");

        assertThat(read(file, TraceFormat.AUTO)).containsExactly(0, 1, 0);
        assertThat(read(file, TraceFormat.TEXT)).containsExactly(0, 1, 0);
        assertThat(read(file("a.txt.gz", gzip(Files.readAllBytes(file))), TraceFormat.AUTO))
                .containsExactly(0, 1, 0);
    }

    @Test
    void shouldReadEveryBlockOfAnArcRequest() throws IOException {
        Path file = text("a.lis", "100 3 0 0\n102 1 0 1\n7 0 0 2\n  98\t4  0 3\n");

        assertThat(read(file, TraceFormat.AUTO)).containsExactly(0, 1, 2, 2, 3, 4, 0, 1);
        assertThat(read(file, TraceFormat.ARC)).hasSize(8);
    }

    @Test
    void shouldReadEveryBlockOfAnSpcRequestReadOrWritten() throws IOException {
        Path file =
                text(
                        "a.spc",
                        "0,20,1024,R,0.551706\n0, 21, 512, w, 0.6\n1,20,1,W,0.7\n0,20,513,r,1,x\n");

        // Block 20 of unit 1 is another than that of unit 0; a part of a block is a block.
        assertThat(read(file, TraceFormat.AUTO)).containsExactly(0, 1, 1, 2, 0, 1);
        assertThat(read(file, TraceFormat.SPC)).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({
        "p3.pages.gz, p3",
        "OLTP.lis, OLTP",
        "multi3.trace.gz, multi3",
        "Financial1.spc, Financial1",
        "a.b.txt, a.b",
        "plain, plain",
        ".pages.gz, .pages.gz"
    })
    void shouldCallATraceAsItsFileWithoutTheFormat(String file, String name) {
        assertThat(TraceFile.nameOf(folder.resolve(file))).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    text | 1;2;x3     | line 3: page number must be a whole number from 0 to 9223372036854775807: 'x3'
                    text | 1;-2       | line 2: page number must be a whole number from 0
                    text | 1;#2;3 4   | line 3: page number must be a whole number from 0
                    text | 9223372036854775808 | line 1: page number must be
                    auto | -1         | line 1: page number must be
                    auto | 5;1 2 3 4  | line 2: page number must be
                    arc  | 1 2 3      | line 1: an ARC line has 4 fields (start count ignored request), here 3
                    auto | 1 2 3 4;-1 2 3 4 | line 2: start must be a whole number from 0 to 9223372036853727231: '-1'
                    auto | 1 1048577 0 0 | line 1: count must be a whole number from 0 to 1048576: '1048577'
                    spc  | 0,1,2,R    | line 1: an SPC line has 5 fields or more (ASU,LBA,bytes,opcode,timestamp), here 4
                    auto | 32768,1,512,R,0 | line 1: ASU must be a whole number from 0 to 32767: '32768'
                    auto | 0,281474976710656,512,R,0 | line 1: LBA must be a whole number from 0 to 281474976710655
                    auto | 0,1,x,R,0  | line 1: size in bytes must be a whole number from 0 to 536870912: 'x'
                    auto | 0,1,2,T,0  | line 1: opcode must be R or W: 'T'
                    auto | 0,1,2,,0   | line 1: opcode must be R or W: ''
                    auto | #;hello    | line 2: looks like no trace, give --format if it is one: 'hello'
                    auto | 1 2        | line 1: looks like no trace
                    auto | # nothing  | holds no access
                    auto | 5 0 0 1    | holds no access
                    """)
    void shouldNameTheLineAndWhatIsWrongWithIt(String format, String lines, String reason)
            throws IOException {
        Path file = text("bad.txt", lines.replace(';', '\n'));

        assertRefused(file, TraceFormat.valueOf(format.toUpperCase(Locale.ROOT)), reason);
    }

    @Test
    void shouldNameTheByteAndWhatIsWrongThere() throws IOException {
        assertRefused(
                file("negative.pages", pages(1, 2, -3)),
                TraceFormat.AUTO,
                "byte 8: page number must not be negative: -3");
        assertRefused(
                file("cut.pages", Arrays.copyOf(pages(1, 2, 3), 10)),
                TraceFormat.AUTO,
                "byte 8: the last page number has only 2 of 4 bytes");
        assertRefused(file("empty.pages", new byte[0]), TraceFormat.PAGES, "holds no access");
        assertRefused(file("empty", new byte[0]), TraceFormat.AUTO, "holds no access");
    }

    @Test
    void shouldTellHowFarADamagedArchiveCouldBeRead() throws IOException {
        byte[] bytes = pages(IntStream.range(0, 100_000).toArray());
        byte[] packed = gzip(bytes);
        byte[] cut = Arrays.copyOf(packed, packed.length / 2);
        byte[] flipped = packed.clone();
        flipped[packed.length - 6] ^= 1;

        Path cutFile = file("cut.pages.gz", cut);
        assertThatThrownBy(() -> TraceFile.read(cutFile, TraceFormat.AUTO))
                .isInstanceOf(InputException.class)
                .hasMessageMatching(
                        ".*cut\\.pages\\.gz: the gzip data is damaged after \\d+ bytes of it: .*");
        assertRefused(
                file("flipped.pages.gz", flipped),
                TraceFormat.AUTO,
                "the gzip data is damaged after 393216 bytes of it: Corrupt GZIP trailer");
        assertRefused(
                file("none.gz", "1\n2\n".getBytes(StandardCharsets.US_ASCII)),
                TraceFormat.AUTO,
                "byte 0: is named .gz but does not begin as gzip does");
        assertRefused(
                file("text.gz", gzipCut("1\n2\n3\n")),
                TraceFormat.TEXT,
                "the gzip data is damaged after 0 lines of it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing.pages.gz", "."})
    void shouldNameAFileThatCannotBeRead(String name) {
        Path file = folder.resolve(name);
        assertRefused(file, TraceFormat.AUTO, "a trace cannot be read (");
        assertRefused(file, TraceFormat.AUTO, "file=" + file);
    }

    @Test
    void shouldShowBinaryGarbageInOneShortLine() throws IOException {
        byte[] garbage = new byte[300];
        Arrays.fill(garbage, (byte) 0x1b);
        assertRefused(
                file("garbage", garbage),
                TraceFormat.TEXT,
                "line 1: page number must be a whole number from 0 to 9223372036854775807: '"
                        + "\\x1b".repeat(40)
                        + "...'");
    }

    private static int[] read(Path file, TraceFormat format) {
        Trace trace = TraceFile.read(file, format);
        return IntStream.range(0, trace.accesses()).map(trace::page).toArray();
    }

    private static void assertRefused(Path file, TraceFormat format, String reason) {
        assertThatThrownBy(() -> TraceFile.read(file, format))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("\n");
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private Path text(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static byte[] pages(int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(numbers);
        return bytes.array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] gzipCut(String text) throws IOException {
        byte[] packed = gzip(text.getBytes(StandardCharsets.US_ASCII));
        return Arrays.copyOf(packed, packed.length - 9);
    }
}
