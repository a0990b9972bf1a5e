package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What a flight recording says about a cache. */
class FlightRecorderTest extends CacheFixture {
    private static final List<String> EVENTS =
            List.of("quire.Stall", "quire.Reclaim", "quire.WriteBack", "quire.Fault", "quire.Sync");

    @TempDir Path folder;

    private interface Work {
        void run() throws Exception;
    }

    private List<RecordedEvent> record(Work work) throws Exception {
        Path path = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            EVENTS.forEach(name -> recording.enable(name).withoutThreshold());
            recording.start();
            work.run();
            recording.stop();
            recording.dump(path);
        }
        return RecordingFile.readAllEvents(path);
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
    }

    @Test
    void shouldTellOfFaultsAndReclaim() throws Exception {
        file.truncate(4L * FRAMES * PAGE_BYTES);
        List<RecordedEvent> events = record(() -> sweep(0, 4L * FRAMES));
        List<RecordedEvent> faults = named(events, "quire.Fault");
        assertThat(faults).hasSize(4 * FRAMES);
        assertThat(faults.get(0).getString("file")).isEqualTo("store");
        assertThat(faults).extracting(e -> e.getLong("page")).contains(0L, 4L * FRAMES - 1);
        List<RecordedEvent> reclaims = named(events, "quire.Reclaim");
        long freed = reclaims.stream().mapToLong(e -> e.getLong("framesFreed")).sum();
        assertThat(freed).isGreaterThanOrEqualTo(3L * FRAMES - 8);
        assertThat(cache.stats().evictions()).isGreaterThanOrEqualTo(3L * FRAMES - 8);
    }

    @Test
    void shouldTellOfAReadThatFails() throws Exception {
        file.truncate(PAGE_BYTES);
        backing.beforeRead =
                page -> {
                    throw new IOException("on purpose");
                };
        List<RecordedEvent> events =
                record(() -> assertThatThrownBy(() -> read(0)).hasMessageContaining("page=0"));
        assertThat(named(events, "quire.Fault"))
                .singleElement()
                .satisfies(e -> assertThat(e.getLong("page")).isZero())
                .satisfies(e -> assertThat(e.getBoolean("failed")).isTrue());
    }

    @Test
    void shouldTellOfWriteBackAndOfThrottledWriters() throws Exception {
        CountDownLatch gate = gate();
        backing.beforeWrite = page -> Running.await(gate);
        List<RecordedEvent> events =
                record(
                        () -> {
                            Running<Boolean> writer = Running.run(() -> write(0, 60, 0));
                            Running.until("writer stops", () -> cache.stats().dirtyPages() >= 51);
                            writer.awaitAsleep();
                            gate.countDown();
                            writer.get();
                            file.sync();
                        });
        List<RecordedEvent> stalls =
                named(events, "quire.Stall").stream()
                        .filter(e -> e.getString("kind").equals("WRITE_THROTTLE"))
                        .toList();
        assertThat(stalls).hasSize(Math.toIntExact(cache.stats().writeThrottles())).isNotEmpty();
        assertThat(stalls.get(0).getString("file")).isEqualTo("store");
        long pages =
                named(events, "quire.WriteBack").stream().mapToLong(e -> e.getLong("pages")).sum();
        assertThat(pages).isEqualTo(cache.stats().pagesWritten());
    }

    @Test
    void shouldTellOfFailedWriteBack() throws Exception {
        write(0, 1, 0);
        backing.beforeWrite =
                page -> {
                    throw new IOException("on purpose");
                };
        List<RecordedEvent> events =
                record(
                        () -> {
                            try {
                                file.sync();
                            } catch (IOException e) {
                                backing.heal();
                            }
                        });
        assertThat(named(events, "quire.WriteBack"))
                .hasSize(1)
                .allMatch(e -> e.getBoolean("failed"));
    }

    @Test
    void shouldTellOfSyncsAndWhetherTheyFailed() throws Exception {
        write(0, 1, 0);
        List<RecordedEvent> events =
                record(
                        () -> {
                            file.sync();
                            write(0, 1, 1);
                            backing.beforeSync =
                                    page -> {
                                        throw new IOException("on purpose");
                                    };
                            assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
                        });
        assertThat(named(events, "quire.Sync"))
                .hasSize(2)
                .allMatch(e -> e.getString("file").equals("store"))
                .extracting(e -> e.getBoolean("failed"))
                .containsExactly(false, true);
        assertThat(cache.stats().syncs()).isEqualTo(2);
        assertThat(cache.stats().fencedFiles()).isEqualTo(1);
    }

    @Test
    void shouldTellOfAThreadThatWaitsForAnothersPage() throws Exception {
        write(0, 1, 0);
        List<RecordedEvent> events =
                record(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                c.write(0);
                                Running<Boolean> other = Running.run(() -> write(0, 1, 1));
                                other.awaitAsleep();
                                c.release();
                                other.get();
                            }
                        });
        assertThat(named(events, "quire.Stall"))
                .anyMatch(e -> e.getString("kind").equals("PAGE"))
                .allMatch(e -> e.getString("file").equals("store"));
        assertThat(cache.stats().pageWaits()).isPositive();
        assertThat(cache.stats().pageWaitNanos()).isPositive();
        assertThat(cache.stats().stalls()).as("no want of memory").isZero();
    }

    @Test
    void shouldTellOfAThreadThatWaitsForAFrame() throws Exception {
        CountDownLatch gate = gate();
        MemoryBacking other = new MemoryBacking(PAGE_BYTES);
        other.put(FRAMES, 1);
        PagedFile pinned = cache.map("pinned", other);
        backing.beforeWrite = page -> Running.await(gate);
        write(0, 30, 0);
        List<RecordedEvent> events =
                record(
                        () -> {
                            Running<List<PageCursor>> pins =
                                    Running.start(() -> pinSome(pinned, 40));
                            pins.awaitInside("awaitFlush").awaitAsleep();
                            gate.countDown();
                            pins.get().forEach(PageCursor::close);
                        });
        assertThat(named(events, "quire.Stall")).anyMatch(e -> e.getString("kind").equals("FRAME"));
        assertThat(cache.stats().frameWaits()).isPositive();
        assertThat(cache.stats().frameWaitNanos()).isPositive();
        pinned.close();
    }

    private static List<PageCursor> pinSome(PagedFile of, int count) {
        List<PageCursor> pins = new ArrayList<>();
        for (long page = 0; page < count; page++) {
            PageCursor c = of.cursor();
            pins.add(c);
            c.pin(page);
        }
        return pins;
    }
}
