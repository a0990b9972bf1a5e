package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a flight recording says about an allocator. */
class FlightRecorderTest extends AllocatorFixture {
    @TempDir Path folder;

    private List<RecordedEvent> record(String event, Runnable work) throws IOException {
        Path path = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(event).withoutThreshold();
            recording.start();
            work.run();
            recording.stop();
            recording.dump(path);
        }
        return RecordingFile.readAllEvents(path);
    }

    @Test
    void shouldTellOfAMisuse() throws IOException {
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(0);
        allocator.put(frame);
        List<RecordedEvent> events =
                record(
                        "quire.BadPage",
                        () ->
                                assertThatThrownBy(() -> allocator.put(frame))
                                        .isInstanceOf(IllegalStateException.class));
        assertThat(events).hasSize(1);
        RecordedEvent event = events.getFirst();
        assertThat(event.getString("rule")).isEqualTo(badPages.getFirst().rule());
        assertThat(event.getInt("frame")).isEqualTo(frame);
        assertThat(event.getString("state")).isEqualTo(badPages.getFirst().state());
        assertThat(event.getLong("suppressed")).isZero();
    }

    @Test
    void shouldTellOfNoMoreMisusesThanTheLog() throws IOException {
        PageAllocator allocator = create(8);
        int frame = allocator.allocate(0);
        allocator.put(frame);
        List<RecordedEvent> events =
                record(
                        "quire.BadPage",
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                assertThatThrownBy(() -> allocator.put(frame)).isNotNull();
                            }
                        });
        assertThat(events).hasSameSizeAs(badPages).hasSizeLessThan(100);
        assertThat(allocator.stats().badPages()).isEqualTo(1000);
    }

    @Test
    void shouldTellOfFreesThatHadToWait() throws IOException {
        PageAllocator allocator = create(8);
        int stubborn = allocateOnLru(allocator);
        int frame = allocateOnLru(allocator);
        allocator.onDeferred(each -> each != stubborn && claimDeferred(allocator, each));
        allocator.put(stubborn);
        allocator.put(frame);
        List<RecordedEvent> events =
                record("quire.DeferredFree", () -> assertThat(allocator.drainDeferred()).isOne());
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().getInt("freed")).isEqualTo(1);
        assertThat(events.getFirst().getInt("kept")).isEqualTo(1);
        assertThat(allocator.stats().deferredFrees()).isEqualTo(1);
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
    }

    @Test
    void shouldTellOfLeaks() throws IOException {
        PageAllocator allocator = create(8);
        allocator.allocate(1);
        List<RecordedEvent> events = record("quire.Leak", allocator::close);
        assertThat(events).hasSize(1);
        RecordedEvent event = events.getFirst();
        assertThat(event.getInt("blocks")).isEqualTo(1);
        assertThat(event.getInt("frames")).isEqualTo(2);
        assertThat(event.getString("report")).isEqualTo(leaks.getFirst().toString());
    }
}
