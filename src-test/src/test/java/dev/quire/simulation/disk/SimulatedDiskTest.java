package dev.quire.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** What the disk says has happened is what has happened. */
class SimulatedDiskTest {
    private static final int SECTOR_BYTES = SimulatedDisk.SECTOR_BYTES;
    private static final int BYTES = 3 * SECTOR_BYTES;
    private static final int SEEDS = 200;

    private final Set<Mishap> happened = EnumSet.noneOf(Mishap.class);
    private final Told weather = new Told();

    /** Weather that does what a test says, and hears what happens. */
    private final class Told implements Weather {
        private boolean fails;
        private boolean shortens;

        @Override
        public void check(Kind kind) throws IOException {
            if (fails) {
                throw new IOException("told so");
            }
        }

        @Override
        public int length(Kind kind, int asked) {
            return shortens ? SECTOR_BYTES : asked;
        }

        @Override
        public void happened(Mishap mishap) {
            happened.add(mishap);
        }
    }

    private SimulatedDisk disk() {
        SimulatedDisk disk = new SimulatedDisk(weather, Treachery.NONE, 0);
        disk.put("file", Image.of(filled(BYTES, 1)));
        return disk;
    }

    private static DiskFile file(SimulatedDisk disk) {
        return Objects.requireNonNull(disk.find("file"));
    }

    private static byte[] filled(int count, int fill) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }

    private static void write(SimulatedDisk disk, int count) throws IOException {
        file(disk).write(ByteBuffer.wrap(filled(count, 2)), 0);
    }

    private static byte[] found(SimulatedDisk disk, long seed) {
        disk.crash();
        return Objects.requireNonNull(disk.found(new Random(seed)).image("file")).toBytes();
    }

    @Test
    void shouldSayWhatACrashHasLeftOfAWrite() throws IOException {
        Set<Mishap> all = EnumSet.noneOf(Mishap.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            write(disk, 2 * SECTOR_BYTES);
            happened.clear();
            byte[] found = found(disk, seed);
            int there = (found[0] == 2 ? 1 : 0) + (found[SECTOR_BYTES] == 2 ? 1 : 0);
            assertThat(happened)
                    .containsExactly(
                            there == 0
                                    ? Mishap.LOST_WRITE
                                    : there == 1 ? Mishap.TORN_WRITE : Mishap.SURVIVING_WRITE);
            all.addAll(happened);
        }
        assertThat(all).hasSize(3);
    }

    @Test
    void shouldSayWhetherACrashHasUndoneACut() throws IOException {
        Set<Mishap> all = EnumSet.noneOf(Mishap.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            file(disk).resize(SECTOR_BYTES);
            happened.clear();
            boolean there = found(disk, seed).length == SECTOR_BYTES;
            assertThat(happened)
                    .containsExactly(there ? Mishap.SURVIVING_RESIZE : Mishap.LOST_RESIZE);
            all.addAll(happened);
        }
        assertThat(all).hasSize(2);
    }

    @Test
    void shouldLeaveWhatASyncHasCoveredAndSayNothing() throws IOException {
        for (long seed = 0; seed < SEEDS; seed++) {
            SimulatedDisk disk = disk();
            write(disk, SECTOR_BYTES);
            file(disk).resize(SECTOR_BYTES);
            file(disk).sync();
            assertThat(found(disk, seed)).isEqualTo(filled(SECTOR_BYTES, 2));
        }
        assertThat(happened).isEmpty();
    }

    @Test
    void shouldSayWhatCameBackShort() throws IOException {
        SimulatedDisk disk = disk();
        weather.shortens = true;
        write(disk, SECTOR_BYTES);
        file(disk).read(ByteBuffer.allocate(SECTOR_BYTES), 0);
        file(disk).read(ByteBuffer.allocate(BYTES), BYTES - SECTOR_BYTES); // all that is there
        assertThat(happened).isEmpty();
        write(disk, BYTES);
        assertThat(happened).containsExactly(Mishap.SHORT_WRITE);
        file(disk).read(ByteBuffer.allocate(BYTES), 0);
        assertThat(happened).containsExactly(Mishap.SHORT_READ, Mishap.SHORT_WRITE);
    }

    @Test
    void shouldSayWhatFailed() {
        SimulatedDisk disk = disk();
        weather.fails = true;
        assertThatThrownBy(() -> write(disk, BYTES)).hasMessage("told so");
        assertThatThrownBy(() -> file(disk).read(ByteBuffer.allocate(1), 0)).hasMessage("told so");
        assertThatThrownBy(() -> file(disk).sync()).hasMessage("told so");
        assertThatThrownBy(() -> file(disk).resize(0)).hasMessage("told so");
        assertThat(happened)
                .containsExactly(
                        Mishap.FAILED_READ,
                        Mishap.FAILED_WRITE,
                        Mishap.FAILED_SYNC,
                        Mishap.FAILED_RESIZE);
    }
}
