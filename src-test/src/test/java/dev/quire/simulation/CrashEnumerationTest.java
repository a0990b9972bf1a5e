package dev.quire.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.simulation.disk.Image;
import dev.quire.simulation.disk.SimulatedDisk;
import dev.quire.simulation.disk.Treachery;
import dev.quire.simulation.disk.Weather;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every sequence of a few operations on a file, and after every change that reaches the disk every
 * state that a crash can leave there: of each write any half pages, of sizes and cuts a prefix. The
 * shorter sequences are in it, as the beginnings of longer ones. Each state is opened again through
 * the cache, those that are the same once.
 *
 * <p>{@code -Dsimulation.length=N}: the length of the sequences.
 */
class CrashEnumerationTest {
    private static final int LENGTH = Integer.getInteger("simulation.length", 3);
    private static final int UNIT_BYTES = CrashSequence.UNIT_BYTES;

    private static List<OpenOption> options(boolean direct) {
        List<OpenOption> options = new ArrayList<>();
        options.add(StandardOpenOption.WRITE);
        if (direct) {
            options.add(DirectOption.DIRECT);
        }
        return options;
    }

    private static PageCache cache() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(64L * CrashSequence.PAGE_BYTES)
                        .pageBytes(CrashSequence.PAGE_BYTES)
                        .io(AsyncIoConfig.builder().engine(Engine.CHANNEL).threads(1).build())
                        .dirtyAge(Duration.ofHours(1))
                        .readAheadBytes(0)
                        .build());
    }

    @ParameterizedTest(name = "direct: {0}")
    @ValueSource(booleans = {false, true})
    void shouldFindAStateThatMayBeThereWhenTheMachineStopsAnywhere(boolean direct)
            throws IOException {
        try (PageCache cache = cache()) {
            CrashSequence sequence = new CrashSequence(cache, options(direct), Treachery.NONE);
            int sequences = runAll(sequence, LENGTH);
            sequence.openAll();
            cache.verify();
            System.out.printf(
                    "CrashEnumerationTest direct=%s: %d sequences, %d crashes, %d states, %d of"
                            + " them different ones opened%n",
                    direct, sequences, sequence.crashes(), sequence.states(), sequence.opened());
            assertThat(sequences)
                    .isEqualTo((int) Math.pow(CrashSequence.Step.values().length, LENGTH));
            assertThat(sequence.states()).isGreaterThan(sequences);
        }
    }

    private static int runAll(CrashSequence sequence, int length) throws IOException {
        CrashSequence.Step[] all = CrashSequence.Step.values();
        int sequences = (int) Math.pow(all.length, length);
        for (int number = 0; number < sequences; number++) {
            List<CrashSequence.Step> steps = new ArrayList<>();
            for (int rest = number; steps.size() < length; rest /= all.length) {
                steps.add(all[rest % all.length]);
            }
            sequence.run(steps);
        }
        return sequences;
    }

    @ParameterizedTest
    @EnumSource(value = Treachery.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void shouldNoticeADiskThatBreaksItsPromises(Treachery treachery) throws IOException {
        try (PageCache cache = cache()) {
            CrashSequence sequence = new CrashSequence(cache, options(false), treachery);
            assertThatThrownBy(() -> runAll(sequence, 3))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("[");
        }
    }

    /** Of two units that a write covers each may be there without the other. */
    @Test
    void shouldShowEveryCombinationOfTheUnitsOfAWrite() throws IOException {
        for (byte fill = 1; fill <= 4; fill++) {
            SimulatedDisk disk = new SimulatedDisk(Weather.CALM, Treachery.NONE, 0);
            byte[] before = new byte[3 * UNIT_BYTES];
            Arrays.fill(before, (byte) 100);
            disk.put("file", Image.of(before));
            byte[] written = new byte[2 * UNIT_BYTES];
            Arrays.fill(written, fill);
            try (FileChannel file = FileChannel.open(disk.path("file"), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(written), 0);
            }
            Set<String> found = new TreeSet<>();
            for (Image state : disk.states("file", UNIT_BYTES)) {
                byte[] bytes = state.toBytes();
                assertThat(bytes).hasSize(before.length);
                found.add(bytes[0] + " " + bytes[UNIT_BYTES] + " " + bytes[2 * UNIT_BYTES]);
            }
            assertThat(found)
                    .containsExactlyInAnyOrder(
                            "100 100 100",
                            fill + " 100 100",
                            "100 " + fill + " 100",
                            fill + " " + fill + " 100");
        }
    }

    /** The canary of the model: a state that is half of one that may be there. */
    @Test
    void shouldRefuseAFileThatIsShorterThanWhatWasAcknowledged() {
        CrashOracle oracle = new CrashOracle(new byte[1000]);
        assertThatThrownBy(() -> oracle.check(new byte[999], 1, 4096))
                .hasMessageContaining("999 bytes long");
    }

    @Test
    void shouldAllowSizesThatWereGivenAndPageEndsOnTheWayUpToThem() {
        CrashOracle oracle = new CrashOracle(new byte[6000]);
        oracle.begin(new byte[13_000]);
        oracle.begin(new byte[1000]);
        for (int size : new int[] {6000, 8192, 12_288, 13_000, 1000}) {
            oracle.check(new byte[size], 1, 4096);
        }
        for (int size : new int[] {5999, 7000, 4096, 9216, 12_999, 13_001, 16_384, 999, 0}) {
            assertThatThrownBy(() -> oracle.check(new byte[size], 1, 4096))
                    .hasMessageContaining(size + " bytes long");
        }
        oracle.check(new byte[16_384], 4096, 4096); // rounded up
    }
}
