package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;

/** The contract over {@link ChannelEngine}, buffered, on the disk. */
final class ChannelBufferedTest extends AsyncIoContract {
    private static final int LONG_BYTES = 16 << 20;

    ChannelBufferedTest() {
        super(Engine.CHANNEL, false, DISK);
    }

    /**
     * So long a write is under way when the size is asked for, by which the file is made longer.
     */
    @Test
    void shouldMakeNoFileLongerDuringAWrite() throws Exception {
        Path file = Files.createTempFile(Path.of(DISK), "quire-aio", "");
        AsyncIoConfig config = AsyncIoConfig.builder().engine(Engine.CHANNEL).threads(2).build();
        try (Arena arena = Arena.ofShared();
                AsyncIo io = AsyncIo.open(config);
                AsyncFile growing =
                        io.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment written = arena.allocate(LONG_BYTES).fill((byte) 1);
            for (int round = 0; round < 5; round++) {
                growing.truncate(0);
                CountDownLatch over = new CountDownLatch(1);
                growing.write(written, 0, (bytes, failure) -> over.countDown());
                while (growing.sizeBytes() == 0) {
                    Thread.onSpinWait();
                }
                growing.truncate(LONG_BYTES);
                over.await();
                MemorySegment end = arena.allocate(1);
                growing.read(end, LONG_BYTES - 1);
                assertThat(end.get(ValueLayout.JAVA_BYTE, 0)).as("round %s", round).isOne();
            }
        } finally {
            Files.delete(file);
        }
    }
}
