package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** What a flight recording says about I/O. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class FlightRecorderTest {
    @TempDir private Path directory;

    @Test
    void shouldTellOfAThreadThatWaitsForAPlaceInTheQueue() throws Exception {
        Path recorded = directory.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("quire.RingFull").withoutThreshold();
            recording.start();
            AsyncIoStats stats = fillTheQueue();
            recording.stop();
            recording.dump(recorded);
            assertThat(stats.placeWaits()).isEqualTo(1);
            assertThat(stats.placeWaitNanos()).isPositive();
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(recorded);
        assertThat(events).hasSize(1);
        assertThat(events.getFirst().getInt("queueDepth")).isEqualTo(1);
        assertThat(events.getFirst().getThread().getJavaName()).isEqualTo("submitter");
    }

    /** One request runs, one has the only place, and a third one waits for it. */
    private AsyncIoStats fillTheQueue() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[100]);
        MemorySegment segment = Arena.ofAuto().allocate(100);
        AsyncIoConfig config =
                AsyncIoConfig.builder().engine(Engine.CHANNEL).queueDepth(1).threads(1).build();
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        Tally tally = new Tally(2);
        try (AsyncIo io = AsyncIo.open(config);
                AsyncFile file = io.open(path)) {
            file.read(
                    segment,
                    0,
                    (bytes, failure) -> {
                        busy.countDown();
                        awaitOpen(gate);
                    });
            busy.await();
            file.read(segment, 0, tally);
            Thread submitter =
                    Thread.ofPlatform().name("submitter").start(() -> file.read(segment, 0, tally));
            while (submitter.getState() != Thread.State.WAITING) {
                LockSupport.parkNanos(100_000);
            }
            gate.countDown();
            tally.await();
            submitter.join();
            return io.stats();
        }
    }

    private static void awaitOpen(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
