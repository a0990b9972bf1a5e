package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.quire.aio.Engine;
import dev.quire.pagecache.PageCacheStats;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.List;

final class RunReportTest {
    @Test
    void shouldSayEverythingThatWasAskedForInTheJsonObject() {
        JsonObject json = JsonParser.parseString(report(0).json().toString()).getAsJsonObject();

        assertThat(json.keySet())
                .contains("ops", "opsPerSecond", "hitRatio", "faults", "pagesWritten", "engine")
                .contains("direct", "pageBytes", "memoryBytes", "fileBytes", "threads", "seconds")
                .contains("p50Nanos", "p99Nanos", "p999Nanos", "verified", "pagesVerified", "seed");
        assertThat(json.get("engine").getAsString()).isEqualTo("thread-pool");
        assertThat(json.get("verified").getAsBoolean()).isTrue();
        assertThat(json.get("hitRatio").getAsDouble()).isEqualTo(0.8);
    }

    @Test
    void shouldNotCallARunVerifiedThatHadAMismatch() {
        assertThat(report(1).verified()).isFalse();
        assertThat(report(1).table()).contains("verified    NO: 2 pages", "1 mismatches");
        assertThat(report(1).json().toString()).contains("\"verified\":false");
    }

    static RunReport report(long mismatches) {
        RunOptions options =
                new RunOptions(
                        null,
                        false,
                        Path.of("."),
                        16384L,
                        1 << 20,
                        8192,
                        2,
                        null,
                        Distribution.ZIPF,
                        1,
                        Engine.AUTO,
                        IoMode.AUTO,
                        5,
                        null,
                        true);
        return new RunReport(
                options,
                "temporary file",
                16384,
                Engine.THREAD_POOL,
                true,
                1_000_000_000,
                new Latencies(List.of()),
                stats(10, 2, 3, 0, 5),
                2,
                mismatches);
    }

    static PageCacheStats stats(
            long accesses, long faults, long pagesWritten, long dirty, long free) {
        return new PageCacheStats(
                accesses,
                faults,
                faults,
                faults * 8192,
                0,
                0,
                pagesWritten,
                pagesWritten * 8192,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                dirty,
                0,
                0,
                1,
                free,
                128,
                128,
                0,
                1 << 20,
                5120);
    }
}
