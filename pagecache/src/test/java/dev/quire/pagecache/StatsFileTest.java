package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.AsyncIoStats;
import dev.quire.allocator.AllocatorStats;

import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The file that a cache writes its statistics to. */
class StatsFileTest extends CacheFixture {
    @TempDir Path folder;

    private static Map<String, Long> numbers(Path path) throws IOException {
        List<String> lines = Files.readAllLines(path);
        assertThat(lines.getFirst()).isEqualTo(StatsFile.HEADER);
        return lines.stream()
                .skip(1)
                .map(line -> line.split(" ", -1))
                .collect(Collectors.toMap(words -> words[0], words -> Long.valueOf(words[1])));
    }

    private static long writtenNanos(Path path) throws IOException {
        return Objects.requireNonNull(numbers(path).get("writtenNanos"));
    }

    @Test
    void shouldHoldEveryNumberByItsName() throws IOException {
        Path path = folder.resolve("stats");
        write(0, 3, 0);
        new StatsFile(path, cache.reports(), StatsAgent.INTERVAL).write();

        Map<String, Long> numbers = numbers(path);
        for (RecordComponent each : PageCacheStats.class.getRecordComponents()) {
            assertThat(numbers).containsKey("stats." + each.getName());
        }
        for (RecordComponent each : AllocatorStats.class.getRecordComponents()) {
            assertThat(numbers).containsKey("allocator." + each.getName());
        }
        for (RecordComponent each : AsyncIoStats.class.getRecordComponents()) {
            assertThat(numbers).containsKey("io." + each.getName());
        }
        assertThat(numbers)
                .containsEntry("stats.dirtyPages", 3L)
                .containsEntry("allocator.capacityFrames", (long) FRAMES)
                .containsEntry("pid", ProcessHandle.current().pid())
                .containsEntry("intervalMillis", 1000L)
                .containsKeys("writtenMillis", "writtenNanos", "freeBlocks.0", "freeBlocks.10");
    }

    @Test
    void shouldBeThereFromTheStartToTheEndOfTheCache() throws IOException {
        Path path = folder.resolve("stats");
        PageCache other = PageCache.create(config().statsFile(path).build());
        assertThat(numbers(path)).containsEntry("stats.openFiles", 0L);
        other.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldBeWrittenAgainByTheAgentOfTheCache() throws IOException {
        Path path = folder.resolve("stats");
        PageCacheConfig driven = config().statsFile(path).threading(Threading.embedded()).build();
        try (PageCache other = PageCache.create(driven)) {
            Agent agent =
                    other.agents().stream()
                            .filter(each -> each.roleName().endsWith("statistics"))
                            .findFirst()
                            .orElseThrow();
            long first = writtenNanos(path);
            Running.until(
                    "a second is over",
                    () -> {
                        try {
                            agent.doWork();
                            return writtenNanos(path) > first;
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(folder).isDirectoryContaining(each -> each.equals(path));
            assertThat(folder.toFile().list()).as("no draft stays").hasSize(1);
        }
    }

    @Test
    void shouldNotReplaceAFileThatHoldsSomethingElse() throws IOException {
        Path path = Files.writeString(folder.resolve("novel"), "Once upon a time\n");
        assertThatThrownBy(() -> PageCache.create(config().statsFile(path).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("statsFile=" + path);
        assertThat(path).hasContent("Once upon a time\n");
    }

    @Test
    void shouldReplaceWhatAKilledProcessLeft() throws IOException {
        Path path = Files.writeString(folder.resolve("stats"), StatsFile.HEADER + "\npid 1\n");
        PageCache.create(config().statsFile(path).build()).close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void shouldSayWhenItCannotBeWritten() {
        Path path = folder.resolve("missing").resolve("stats");
        assertThatThrownBy(() -> PageCache.create(config().statsFile(path).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("statsFile=" + path);
    }
}
