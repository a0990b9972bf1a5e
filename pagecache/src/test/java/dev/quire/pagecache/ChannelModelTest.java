package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/**
 * Random operations on a cached file's channel and on the JDK's own, which must answer the same:
 * counts, bytes, positions, sizes and exceptions. The cache is smaller than the file. Replay:
 * {@code -Dseed=N}.
 */
@Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChannelModelTest {
    private static final int PAGE_BYTES = 4096;
    private static final int BYTES_MAX = 100 * PAGE_BYTES;
    private static final int OPERATIONS = Integer.getInteger("channel.operations", 6000);

    @TempDir Path directory;

    private Random random = new Random();
    private boolean direct;

    /** What one operation answered: a number, or the exception's class. */
    private interface Operation {
        Object on(FileChannel channel) throws IOException;
    }

    @ParameterizedTest(name = "direct buffers={0}, options={1}")
    @CsvSource({
        "false, READ+WRITE",
        "true, READ+WRITE",
        "false, APPEND",
        "true, WRITE",
        "false, READ"
    })
    void shouldAnswerAsTheChannelsOfTheJdk(boolean direct, String options) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(
                "ChannelModelTest "
                        + OPERATIONS
                        + " operations -Dseed="
                        + seed
                        + " options="
                        + options);
        random = new Random(seed);
        this.direct = direct;
        Path path = directory.resolve("cached");
        Path oraclePath = directory.resolve("oracle");
        byte[] content = new byte[3 * PAGE_BYTES + 77];
        random.nextBytes(content);
        Files.write(path, content);
        Files.write(oraclePath, content);
        OpenOption[] mode =
                Arrays.stream(options.split("\\+"))
                        .map(StandardOpenOption::valueOf)
                        .toArray(OpenOption[]::new);
        try (PageCache cache = cache();
                PagedFile file = cache.open(path, StandardOpenOption.WRITE);
                FileChannel channel = file.channel(mode);
                FileChannel oracle = FileChannel.open(oraclePath, mode)) {
            for (int i = 0; i < OPERATIONS; i++) {
                compare(channel, oracle, i);
                if (i % 500 == 499) {
                    cache.verify();
                    file.sync();
                    compareFiles(path, oraclePath);
                }
            }
            cache.verify();
        }
        compareFiles(path, oraclePath);
    }

    private static PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(64 * PAGE_BYTES)
                        .pageBytes(PAGE_BYTES)
                        .dirtyAge(Duration.ofMillis(20))
                        .build());
    }

    private static void compareFiles(Path path, Path oracle) throws IOException {
        assertThat(Files.mismatch(path, oracle)).as("first byte that differs").isEqualTo(-1);
    }

    private void compare(FileChannel channel, FileChannel oracle, int number) throws IOException {
        String[] what = new String[1];
        Operation operation = next(what);
        Object expected = answer(operation, oracle);
        assertThat(answer(operation, channel)).as(number + ": " + what[0]).isEqualTo(expected);
        assertThat(channel.position()).as("position after " + what[0]).isEqualTo(oracle.position());
        assertThat(channel.size()).as("size after " + what[0]).isEqualTo(oracle.size());
    }

    private static Object answer(Operation operation, FileChannel channel) {
        try {
            return operation.on(channel);
        } catch (IOException | RuntimeException e) {
            return e.getClass();
        }
    }

    private Operation next(String[] what) throws IOException {
        long at = position();
        int bytes = length();
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        int cuts = random.nextInt(1, 5);
        int kind = random.nextInt(14);
        what[0] = "kind=" + kind + ", at=" + at + ", bytes=" + bytes + ", cuts=" + cuts;
        return switch (kind) {
            case 0, 1 -> c -> read(c, -1, bytes);
            case 2, 3 -> c -> read(c, at, bytes);
            case 4 -> c -> scatter(c, bytes, cuts);
            case 5, 6 -> c -> c.write(buffer(data));
            case 7, 8 -> c -> c.write(buffer(data), at);
            case 9 -> c -> c.write(split(data, cuts));
            case 10 -> c -> c.position(at).position();
            case 11 -> c -> at % 4 == 0 ? c.truncate(at).size() : c.size();
            case 12 -> c -> transferTo(c, at, bytes);
            default ->
                    c ->
                            c.transferFrom(
                                    Channels.newChannel(new ByteArrayInputStream(data)),
                                    Math.min(at, c.size()),
                                    bytes + 1L);
        };
    }

    private long position() {
        return switch (random.nextInt(8)) {
            case 0 -> -1 - random.nextInt(2);
            case 1 -> (long) random.nextInt(BYTES_MAX / PAGE_BYTES) * PAGE_BYTES;
            default -> random.nextInt(BYTES_MAX);
        };
    }

    private int length() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> PAGE_BYTES * random.nextInt(1, 6);
            case 2 -> random.nextInt(10 * PAGE_BYTES);
            default -> random.nextInt(2 * PAGE_BYTES);
        };
    }

    /** A buffer that neither begins nor ends with the data. */
    private ByteBuffer buffer(byte[] data) {
        ByteBuffer buffer = blank(data.length + 9).position(4);
        return buffer.put(data).flip().position(4);
    }

    private ByteBuffer blank(int bytes) {
        return direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
    }

    private ByteBuffer[] split(byte[] data, int cuts) {
        ByteBuffer[] buffers = new ByteBuffer[cuts + 1];
        for (int i = 0; i <= cuts; i++) {
            int from = data.length * i / (cuts + 1);
            int to = data.length * (i + 1) / (cuts + 1);
            buffers[i] = buffer(Arrays.copyOfRange(data, from, to));
        }
        return buffers;
    }

    private String read(FileChannel c, long at, int bytes) throws IOException {
        ByteBuffer buffer = blank(bytes + 8).position(3).limit(bytes + 3);
        int count = at == -1 ? c.read(buffer) : c.read(buffer, at);
        assertThat(buffer.position()).isEqualTo(3 + Math.max(0, count));
        return count + ":" + hash(buffer.clear());
    }

    private String scatter(FileChannel c, int bytes, int cuts) throws IOException {
        ByteBuffer[] buffers = split(new byte[bytes], cuts);
        long count = c.read(buffers, 1, cuts);
        StringBuilder read = new StringBuilder().append(count);
        for (ByteBuffer buffer : buffers) {
            read.append(':').append(buffer.position()).append(':').append(hash(buffer.clear()));
        }
        return read.toString();
    }

    private static int hash(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return Arrays.hashCode(bytes);
    }

    private static String transferTo(FileChannel c, long at, int bytes) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        long count = c.transferTo(at, bytes, Channels.newChannel(target));
        return count + ":" + Arrays.hashCode(target.toByteArray());
    }
}
