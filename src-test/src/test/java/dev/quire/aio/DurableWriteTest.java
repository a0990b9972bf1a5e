package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.simulation.disk.Image;
import dev.quire.simulation.disk.SimulatedDisk;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.disk.Weather;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** What the engine of channels leaves on a disk that forgets what it was not told to keep. */
class DurableWriteTest {
    @ParameterizedTest
    @EnumSource
    void shouldBeOnTheDiskWhenItIsToBeDurableAndOver(WriteDurability durability)
            throws IOException {
        SimulatedDisk disk = new SimulatedDisk(Weather.CALM, Treachery.NONE, 0);
        int bytes = SimulatedDisk.SECTOR_BYTES;
        disk.put("file", Image.of(new byte[bytes]));
        AsyncIoConfig config = AsyncIoConfig.builder().engine(Engine.CHANNEL).build();
        try (Arena arena = Arena.ofShared();
                AsyncIo io = AsyncIo.open(config);
                AsyncFile file = io.open(disk.path("file"), StandardOpenOption.WRITE)) {
            MemorySegment[] written = {arena.allocate(bytes).fill((byte) 1)};
            IoOptions options = IoOptions.NONE.durability(durability);
            assertThat(file.write(written, 0, 1, 0, options)).isEqualTo(bytes);
            Image left = Objects.requireNonNull(disk.image("file"));
            assertThat(left.toBytes())
                    .isEqualTo(
                            durability == WriteDurability.NONE
                                    ? new byte[bytes]
                                    : written[0].toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
