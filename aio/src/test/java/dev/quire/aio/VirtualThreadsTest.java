package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.UringSupport;
import dev.quire.support.ChildJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Blocking forms on virtual threads park, and leave their carriers to the others. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class VirtualThreadsTest {
    @TempDir private Path directory;

    // A reader that held its carrier would leave two requests under way, one a carrier.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldKeepTheQueueDeepWithAThousandReadersOnTwoCarriers(Engine engine) throws Exception {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        Path path = directory.resolve("file");
        writeNumbers(path);
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("VirtualThreadsTest " + engine + " -Dseed=" + seed);
        List<String> lines =
                ChildJvm.run(
                        List.of(),
                        List.of(
                                "-Djdk.virtualThreadScheduler.parallelism=2",
                                "-Djdk.virtualThreadScheduler.maxPoolSize=2"),
                        VirtualReaders.class,
                        engine.name(),
                        path.toString(),
                        String.valueOf(seed));
        String counts = lines.getLast();
        assertThat(counts)
                .as("seed=%d", seed)
                .startsWith(
                        "read="
                                + VirtualReaders.READERS * VirtualReaders.READS
                                + " wrong=0 flagsLost=0 inFlightMax=");
        assertThat(Integer.parseInt(counts.substring(counts.lastIndexOf('=') + 1)))
                .isBetween(VirtualReaders.DEPTH / 2, VirtualReaders.DEPTH);
    }

    // Whoever ends the sleep of a ring's owner may be a new thread each time.
    @Test
    void shouldNeedNoNativeMemoryForAThreadThatSubmits() throws Exception {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        Path path = Files.write(directory.resolve("file"), new byte[VirtualSubmitters.BYTES]);
        List<String> lines =
                ChildJvm.run(
                        List.of(),
                        List.of("-XX:MaxDirectMemorySize=1m"),
                        VirtualSubmitters.class,
                        path.toString());
        assertThat(lines.getLast()).isEqualTo("read=" + VirtualSubmitters.THREADS);
    }

    private static void writeNumbers(Path path) throws Exception {
        ByteBuffer all = ByteBuffer.allocate(VirtualReaders.BLOCKS * VirtualReaders.BLOCK);
        all.order(java.nio.ByteOrder.nativeOrder());
        for (int block = 0; block < VirtualReaders.BLOCKS; block++) {
            all.putInt(block * VirtualReaders.BLOCK, block);
        }
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (all.hasRemaining()) {
                channel.write(all);
            }
        }
    }
}
