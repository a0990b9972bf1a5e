package dev.quire.bench.fsx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** The exerciser finds what is wrong with a file, and nothing where nothing is. */
final class ExerciserTest {
    private static final int FILE_BYTES = 1 << 18;
    private static final long SEED = 42;
    private static final int OPS = 3000;

    @TempDir private Path folder;

    /** Something goes wrong with every so-manieth call. */
    private abstract static class Broken implements ExercisedFile {
        final PlainFile file;
        private int calls;

        Broken(Path path) throws IOException {
            file = new PlainFile(path);
        }

        boolean now() {
            return ++calls % 50 == 0;
        }

        @Override
        public long sizeBytes() throws IOException {
            return file.sizeBytes();
        }

        @Override
        public int read(int at, byte[] into, int count) throws IOException {
            return file.read(at, into, count);
        }

        @Override
        public void write(int at, byte[] written) throws IOException {
            file.write(at, written);
        }

        @Override
        public void append(byte[] written) throws IOException {
            file.append(written);
        }

        @Override
        public void truncate(int size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void punchHole(int at, int count) throws IOException {
            file.punchHole(at, count);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public int readDirect(int at, byte[] into, int count) throws IOException {
            return file.readDirect(at, into, count);
        }

        @Override
        public void writeDirect(int at, byte[] written) throws IOException {
            file.writeDirect(at, written);
        }

        @Override
        public View snapshot() throws IOException {
            return file.snapshot();
        }

        @Override
        public byte[] behindEnd() {
            return file.behindEnd();
        }

        @Override
        public void invalidate(int at, int count) {}

        @Override
        public void prefetch(int at, int count) {}

        @Override
        public void reopen() throws IOException {
            file.reopen();
        }

        @Override
        public void resize(int percent) {}

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private Path newFile() throws IOException {
        return Files.createTempFile(folder, "exercised", ".bin");
    }

    private static void exercise(ExercisedFile file, Path path, long from)
            throws IOException, MismatchException {
        try (file;
                OperationLog log = new OperationLog(null)) {
            new Exerciser(
                            0,
                            path,
                            new OperationSource(SEED, 0, FILE_BYTES),
                            FILE_BYTES,
                            log,
                            new AtomicLong())
                    .run(file, from, OPS);
        }
    }

    @Test
    void shouldFindNothingInAFileThatDoesWhatItIsTold() throws Exception {
        Path path = newFile();
        assertThatCode(() -> exercise(new PlainFile(path), path, 0)).doesNotThrowAnyException();
        Path other = newFile();
        assertThatCode(() -> exercise(new PlainFile(other), other, OPS - 100))
                .doesNotThrowAnyException();
        assertThat(other).as("taken up near its end").hasSameBinaryContentAs(path);
    }

    @Test
    void shouldFindAByteThatIsNotWritten() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    @Override
                    public void write(int at, byte[] written) throws IOException {
                        if (now() && written.length > 0) {
                            written[written.length / 2] = 0;
                        }
                        super.write(at, written);
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0))
                .isInstanceOf(MismatchException.class)
                .hasMessageMatching(
                        ".*byte \\d+ must be 0x[0-9a-f]{2} and is 0x00, 1 of \\d+ bytes.*wrong");
    }

    @Test
    void shouldFindBytesThatACutLeftForTheNextGrowth() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    private long hidden;

                    @Override
                    public void truncate(int size) throws IOException {
                        hidden = Math.max(0, file.sizeBytes() - size);
                        super.truncate(size);
                    }

                    @Override
                    public void append(byte[] written) throws IOException {
                        long size = file.sizeBytes();
                        super.append(written);
                        if (hidden > 0 && size % 4096 != 0) {
                            file.write((int) (size / 4096 + 1) * 4096 - 1, new byte[] {7});
                        }
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0)).isInstanceOf(MismatchException.class);
    }

    @Test
    void shouldFindASizeThatIsWrong() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    @Override
                    public void truncate(int size) throws IOException {
                        super.truncate(now() ? size + 1 : size);
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0))
                .hasMessageMatching("the file must have \\d+ bytes and has \\d+");
    }

    @Test
    void shouldFindBytesBehindTheEndOfWhatIsStored() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    @Override
                    public void close() throws IOException {
                        try (FileChannel end = FileChannel.open(path, StandardOpenOption.APPEND)) {
                            end.write(ByteBuffer.allocate(1));
                        }
                        super.close();
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0))
                .hasMessageMatching("once it is closed, the file must have \\d+ bytes and has .*");
    }

    @Test
    void shouldFindWhatASyncDoesNotStore() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    @Override
                    public void sync() throws IOException {
                        super.sync();
                        try (FileChannel end = FileChannel.open(path, StandardOpenOption.WRITE)) {
                            end.truncate(end.size() - 1);
                        }
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0))
                .hasMessageMatching("once it is synced, the file must have \\d+ bytes and has .*");
    }

    @Test
    void shouldFindBytesBehindTheEndInTheLastPage() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    @Override
                    public byte[] behindEnd() {
                        return new byte[] {0, 0, 7};
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0))
                .hasMessageMatching(
                        "behind the end, which is \\d+, byte 2 of it in the last page must be 0x00"
                                + " and is 0x07");
    }

    @Test
    void shouldFindASnapshotThatChanges() throws Exception {
        Path path = newFile();
        ExercisedFile broken =
                new Broken(path) {
                    @Override
                    public View snapshot() throws IOException {
                        long size = file.sizeBytes();
                        return new View() {
                            @Override
                            public long sizeBytes() {
                                return size;
                            }

                            @Override
                            public int read(int at, byte[] into, int count) throws IOException {
                                return file.read(at, into, count);
                            }

                            @Override
                            public void close() {}
                        };
                    }
                };
        assertThatThrownBy(() -> exercise(broken, path, 0))
                .hasMessageStartingWith("in a snapshot, ");
    }

    @Test
    void shouldDrawTheSameOperationsFromASeed() {
        List<Operation> once = operations(new OperationSource(SEED, 1, FILE_BYTES));
        assertThat(once).isEqualTo(operations(new OperationSource(SEED, 1, FILE_BYTES)));
        assertThat(once).isNotEqualTo(operations(new OperationSource(SEED, 2, FILE_BYTES)));
        assertThat(once).isNotEqualTo(operations(new OperationSource(SEED + 1, 1, FILE_BYTES)));
        assertThat(once.stream().map(Operation::kind).distinct())
                .as("every kind")
                .hasSize(Operation.Kind.values().length);
        assertThat(once)
                .allSatisfy(
                        each -> {
                            assertThat(each.bytes()).isBetween(0, Operation.BYTES_MAX);
                            assertThat(each.offset()).isBetween(0, FILE_BYTES);
                            assertThat(each.end()).isLessThanOrEqualTo(FILE_BYTES);
                        });
    }

    private static List<Operation> operations(OperationSource source) {
        return LongStream.range(0, 5000)
                .mapToObj(number -> source.operation(number, (int) (number * 50)))
                .toList();
    }
}
