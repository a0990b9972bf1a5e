package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.UringSupport;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.IoMemory;
import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Who owns a request, on every engine: the cases of thread S2 that concern requests. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OwnershipTest {
    private static final int BLOCK = 4096;

    @TempDir private Path directory;
    private final Arena arena = Arena.ofAuto();

    // S2.1: a submit that throws has accepted nothing: no completion, no place, no claim taken.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldRunNoCompletionWhenTheSubmitThrew(Engine engine) throws Exception {
        FaultPlan plan = FaultPlan.builder().probability(Fault.REFUSED, 1).build();
        Tally never = new Tally(1);
        try (PageAllocator allocator =
                PageAllocator.create(AllocatorConfig.builder().capacityBytes(4 << 20).build())) {
            AsyncIo io = open(engine, 4, plan);
            AsyncFile file = file(io);
            int frame = allocator.allocate(0);
            IoMemory memory = IoMemory.pinned(allocator, frame);
            MemorySegment segment = block();
            assertRefused(() -> file.read(segment, 0, never));
            assertRefused(() -> file.write(new MemorySegment[] {segment}, 0, 1, 0, never));
            assertRefused(() -> file.sync(never));
            assertRefused(() -> file.syncData(never));
            assertRefused(() -> file.write(segment, 0));
            assertRefused(() -> file.write(memory, 0, IoOptions.NONE, never));
            assertThat(allocator.refCount(frame)).isEqualTo(2);
            assertThat(io.stats().submitted()).isZero();
            assertThat(io.workers.freeSlots()).isEqualTo(4);
            plan.off();
            Tally once = new Tally(1);
            file.write(memory, 0, IoOptions.NONE, once);
            once.await();
            assertThat(allocator.refCount(frame)).isEqualTo(1);
            allocator.put(frame);
            io.close();
            assertThat(never.calls).isEmpty();
            assertThat(once.failures).isEmpty();
            assertThat(io.stats().submitted()).isEqualTo(io.stats().completed()).isOne();
        }
    }

    // S2.7: what a read across the end reports lay in the file, all of it, while the file grew; and
    // it is not less than there was at the submit.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldReportOnlyBytesOfTheFileWhenItGrowsUnderARead(Engine engine) throws Exception {
        int blocks = 400;
        try (AsyncIo io = open(engine, 8, null);
                AsyncFile file = file(io)) {
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            AtomicBoolean over = new AtomicBoolean();
            Thread writer =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            for (int i = 0; i < blocks; i++) {
                                                MemorySegment full = block();
                                                full.fill((byte) (1 + i % 100));
                                                file.write(full, (long) i * BLOCK);
                                            }
                                        } catch (IOException | RuntimeException e) {
                                            failure.set(e);
                                        }
                                        over.set(true);
                                    });
            MemorySegment read = arena.allocate(8L * BLOCK, BLOCK);
            while (!over.get()) {
                read.fill((byte) 0);
                long before = file.sizeBytes();
                long position = Math.max(0, before - 2 * BLOCK);
                Tally tally = new Tally(1);
                file.read(read, position, tally);
                tally.await();
                long bytes = tally.bytes.getFirst();
                long after = file.sizeBytes();
                assertThat(tally.failures).isEmpty();
                assertThat(bytes)
                        .isBetween(before - position, Math.min(8L * BLOCK, after - position));
                for (long at = 0; at < bytes; at += 512) {
                    assertThat(read.get(ValueLayout.JAVA_BYTE, at))
                            .isEqualTo((byte) (1 + (position + at) / BLOCK % 100));
                }
            }
            writer.join();
            assertThat(failure.get()).isNull();
        }
    }

    // S2.13: the engine is closed while one submit waits for its place: it was accepted by then.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldDeliverARequestThatWaitedForItsPlaceWhenTheEngineWasClosed(Engine engine)
            throws Exception {
        AsyncIo io = open(engine, 1, null);
        AsyncFile file = file(io);
        CountDownLatch gate = new CountDownLatch(1);
        hold(file, gate);
        Tally tally = new Tally(2);
        MemorySegment segment = block();
        // One takes the place that the held completion has given back, one waits.
        file.write(segment, 0, tally);
        Thread submitter = Thread.ofPlatform().start(() -> file.write(segment, BLOCK, tally));
        AsyncIoContract.awaitWaiting(submitter);
        Thread closer = Thread.ofPlatform().start(() -> AsyncIoContract.closeQuietly(io));
        AsyncIoContract.awaitWaiting(closer);
        assertThatThrownBy(() -> file.write(segment, 0, tally))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("file is closed");
        assertThat(tally.calls).isEmpty();
        gate.countDown();
        closer.join();
        submitter.join();
        assertThat(tally.bytes).containsExactly((long) BLOCK, (long) BLOCK);
        assertThat(io.stats().inFlight()).isZero();
    }

    // S2.14: while a completion runs, other threads submit, look, open and close: it holds no lock.
    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldHoldNoLockWhileACompletionRuns(Engine engine) throws Exception {
        try (AsyncIo io = open(engine, 8, null);
                AsyncFile file = file(io)) {
            CountDownLatch gate = new CountDownLatch(1);
            hold(file, gate);
            Tally tally = new Tally(2);
            AtomicInteger openFiles = new AtomicInteger();
            MemorySegment segment = block();
            // On a thread of its own: a lock would hold it up, and the time limit would tell.
            Thread other =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (AsyncFile second =
                                                io.open(
                                                        directory.resolve("second"),
                                                        StandardOpenOption.CREATE,
                                                        StandardOpenOption.WRITE)) {
                                            second.write(segment, 0);
                                            second.sync();
                                        } catch (IOException e) {
                                            throw new AssertionError(e);
                                        }
                                        file.write(segment, 0, tally);
                                        file.write(segment, BLOCK, tally);
                                        openFiles.set(io.stats().openFiles());
                                    });
            other.join();
            assertThat(openFiles).hasValue(1);
            gate.countDown();
            tally.await();
            assertThat(tally.failures).isEmpty();
        }
    }

    private void assertRefused(Submit submit) {
        assertThatThrownBy(submit::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("refused as planned: operation=")
                .hasMessageContaining("file=" + directory.resolve("file"))
                .hasMessageContaining("seed=");
    }

    /** Keeps one thread of an engine in a completion until the gate opens. */
    private void hold(AsyncFile file, CountDownLatch gate) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        file.read(
                block(),
                0,
                (bytes, failure) -> {
                    held.countDown();
                    AsyncIoContract.awaitQuietly(gate);
                });
        AsyncIoContract.awaitQuietly(held);
    }

    private MemorySegment block() {
        return arena.allocate(BLOCK, BLOCK);
    }

    private AsyncFile file(AsyncIo io) throws IOException {
        return io.open(
                directory.resolve("file"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                DirectOption.DIRECT);
    }

    /** With one thread if one request is all it takes, else with two. */
    private static AsyncIo open(Engine engine, int queueDepth, @Nullable FaultPlan plan) {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        AsyncIoConfig.Builder config =
                AsyncIoConfig.builder()
                        .engine(engine)
                        .queueDepth(queueDepth)
                        .threads(Math.min(queueDepth, 2));
        if (plan != null) {
            config.faults(plan);
        }
        return AsyncIo.open(config.build());
    }

    private interface Submit {
        void run() throws IOException;
    }
}
