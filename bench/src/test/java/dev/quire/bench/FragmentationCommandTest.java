package dev.quire.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.stream.Stream;

/** {@code quire fragmentation}, on zones that are small. */
final class FragmentationCommandTest {
    @Test
    void shouldChurnEveryZoneAndCountItsHugeBlocks() {
        CommandRun run = run("--frames=65536", "--rounds=12", "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonObject json = run.json();
        assertThat(json.get("frames").getAsInt()).isEqualTo(65536);
        assertThat(json.get("rounds").getAsInt()).isEqualTo(12);
        JsonObject zones = json.getAsJsonObject("zones");
        assertThat(zones.keySet()).containsExactly("lock-free", "locked", "allocator");
        for (String name : zones.keySet()) {
            JsonObject zone = zones.getAsJsonObject(name);
            // Half of the frames are free.
            assertThat(zone.get("possibleHuge").getAsInt()).isEqualTo(64);
            JsonObject free = zone.getAsJsonObject("freeHugeAfterRound");
            assertThat(free.keySet()).containsExactly("0", "1", "2", "5", "10", "12");
            for (String round : free.keySet()) {
                assertThat(free.get(round).getAsInt()).isBetween(0, 64);
            }
            assertThat(zone.get("recovered").getAsDouble())
                    .isEqualTo(free.get("12").getAsInt() / 64.0);
            assertThat(run.out()).contains(name + ": free huge blocks after round 0: ");
        }
    }

    @Test
    void shouldFindNoHugeBlockAfterARandomHalfWasGivenBack() {
        JsonObject zone = zone("--frames=65536", "--rounds=0", "--threads=1");
        assertThat(zone.getAsJsonObject("freeHugeAfterRound").keySet()).containsExactly("0");
        assertThat(zone.get("recovered").getAsDouble()).isZero();
    }

    @Test
    void shouldGetNineOfTenHugeBlocksBackWhereFreeListsGetNone() {
        CommandRun run = run("--frames=131072", "--rounds=150", "--threads=1", "--json");
        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        JsonObject zones = run.json().getAsJsonObject("zones");
        assertThat(recovered(zones, "lock-free")).isGreaterThan(0.9);
        assertThat(recovered(zones, "allocator")).isGreaterThan(0.9);
        // The baseline: when it does better, the protocol does not churn.
        assertThat(recovered(zones, "locked")).isLessThan(0.2);
    }

    private static double recovered(JsonObject zones, String name) {
        return zones.getAsJsonObject(name).get("recovered").getAsDouble();
    }

    @Test
    void shouldCountEveryFreeFrameOnceWhateverTheThreads() {
        // Sections of 21845, 21845 and 21846 frames keep 10922, 10922 and 10923.
        assertThat(possibleHuge("--frames=65536", "--threads=3")).isEqualTo(64);
        // 63 sections of 1024 frames keep 512 each, and one of 1023 keeps 511.
        assertThat(possibleHuge("--frames=65535", "--threads=64")).isEqualTo(64);
        assertThat(possibleHuge("--frames=65533", "--threads=1")).isEqualTo(63);
    }

    @Test
    void shouldGiveTheSameNumbersForTheSameSeedAndOneThread() {
        JsonObject first = zone("--frames=65536", "--rounds=20", "--threads=1", "--seed=7");
        JsonObject second = zone("--frames=65536", "--rounds=20", "--threads=1", "--seed=7");
        assertThat(first.get("freeHugeAfterRound")).isEqualTo(second.get("freeHugeAfterRound"));
    }

    @Test
    void shouldChurnInBatches() {
        assertThat(zone("--frames=65536", "--rounds=3", "--batch=1").get("recovered").getAsDouble())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --frames=1023     | --frames must be from 1024 to 67108864: --frames=1023
                    --frames=67108865 | --frames must be from 1024 to 67108864: --frames=67108865
                    --rounds=-1       | --rounds must be from 0 to 10000: --rounds=-1
                    --threads=0       | --threads must be from 1 to 64: --threads=0
                    --threads=65      | --threads must be from 1 to 64: --threads=65
                    --batch=-1        | --batch must be from 0 to 67108864: --batch=-1
                    --zone=slab       | --zone
                    --seed=x          | --seed
                    """)
    void shouldRefuseWhatItCannotRun(String option, String reason) {
        assertThat(run(option).refusal()).contains(reason);
    }

    private static int possibleHuge(String... options) {
        return zone(Stream.concat(Stream.of("--rounds=1"), Stream.of(options))
                        .toArray(String[]::new))
                .get("possibleHuge")
                .getAsInt();
    }

    private static JsonObject zone(String... options) {
        CommandRun run =
                run(
                        Stream.concat(Stream.of("--zone=locked", "--json"), Stream.of(options))
                                .toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(Quire.OK);
        return run.json().getAsJsonObject("zones").getAsJsonObject("locked");
    }

    private static CommandRun run(String... options) {
        return CommandRun.of(
                Stream.concat(Stream.of("fragmentation"), Stream.of(options))
                        .toArray(String[]::new));
    }
}
