package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.UringSupport;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.IoMemory;
import dev.quire.allocator.PageAllocator;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Requests over frames: who holds them, and until when (thread S0). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PagesInRequestsTest {
    private static final int PAGE = 4096;

    @TempDir private Path directory;

    private final PageAllocator allocator =
            PageAllocator.create(
                    AllocatorConfig.builder().capacityBytes(4 << 20).pageBytes(PAGE).build());
    private @Nullable AsyncIo io;
    private AsyncFile file;

    @SuppressWarnings("NullAway.Init") // begin() sets it first in every test
    PagesInRequestsTest() {}

    @AfterEach
    void close() throws IOException {
        if (io != null) {
            io.close();
        }
        allocator.verify();
        assertThat(allocator.stats().freeFrames()).isEqualTo(allocator.stats().capacityFrames());
        allocator.close();
    }

    // S0.3: the submitter is gone, the request's pin is all that keeps the frame.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldKeepAFrameThatOnlyTheRequestHoldsUntilTheCompletion(Engine engine) throws Exception {
        begin(engine);
        int frame = allocator.allocate(0);
        allocator.segment(frame).fill((byte) 7);
        CountDownLatch gate = new CountDownLatch(1);
        hold(gate);
        CompletableFuture<Long> over = new CompletableFuture<>();
        IoMemory memory = IoMemory.pinned(allocator, frame);
        file.write(
                memory,
                0,
                IoOptions.NONE,
                (bytes, failure) -> over.complete((long) allocator.refCount(frame)));
        allocator.put(frame);
        assertThat(allocator.refCount(frame)).isEqualTo(1);
        gate.countDown();
        // The claim was given back before the completion ran.
        assertThat(over.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(firstByte()).isEqualTo((byte) 7);
    }

    // S0.7: the same page twice holds two, and gives two back.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldHoldOneReferenceForEachFragment(Engine engine) throws Exception {
        begin(engine);
        int frame = allocator.allocate(0);
        allocator.segment(frame).fill((byte) 9);
        IoMemory[] twice = {
            IoMemory.pinned(allocator, frame), IoMemory.pinned(allocator, frame),
        };
        CountDownLatch gate = new CountDownLatch(1);
        hold(gate);
        CompletableFuture<Long> over = new CompletableFuture<>();
        file.write(
                twice,
                0,
                2,
                0,
                IoOptions.NONE,
                (bytes, failure) -> over.complete(bytes * 10 + allocator.refCount(frame)));
        twice[0] = twice[1]; // the array is the caller's again
        assertThat(allocator.refCount(frame)).isEqualTo(3);
        gate.countDown();
        assertThat(over.get(30, TimeUnit.SECONDS)).isEqualTo(2 * PAGE * 10L + 1);
        allocator.put(frame);
        assertThat(file.sizeBytes()).isEqualTo(2 * PAGE);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldGiveTheClaimBackBeforeAFailureIsTold(Engine engine) throws Exception {
        begin(engine);
        int frame = allocator.allocate(0);
        // Called off beforehand: it fails on every engine and file system.
        IoCancellation cancellation = new IoCancellation();
        cancellation.cancel();
        CompletableFuture<Integer> over = new CompletableFuture<>();
        file.read(
                IoMemory.pinned(allocator, frame),
                0,
                IoOptions.NONE.cancellation(cancellation),
                (bytes, failure) ->
                        over.complete(failure == null ? -1 : allocator.refCount(frame)));
        assertThat(over.get(30, TimeUnit.SECONDS)).as("references at the failure").isEqualTo(1);
        allocator.put(frame);
    }

    // A refused submit has taken nothing.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldLeaveTheClaimToItsCallerWhenTheSubmitIsRefused(Engine engine) throws Exception {
        begin(engine);
        int frame = allocator.allocate(0);
        IoMemory memory = IoMemory.pinned(allocator, frame);
        IoMemory[] vector = {memory};
        assertThatThrownBy(() -> file.read(memory, -1, IoOptions.NONE, (bytes, failure) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position=-1");
        assertThatThrownBy(() -> file.read(vector, 0, 2, 0, IoOptions.NONE, (bytes, failure) -> {}))
                .isInstanceOf(IndexOutOfBoundsException.class);
        file.close();
        assertThatThrownBy(() -> file.read(memory, 0, IoOptions.NONE, (bytes, failure) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("file is closed");
        assertThatThrownBy(() -> file.read(vector, 0, 1, 0, IoOptions.NONE, (bytes, failure) -> {}))
                .isInstanceOf(IllegalStateException.class);
        assertThat(allocator.refCount(frame)).isEqualTo(2);
        assertThat(memory.close()).isTrue();
        allocator.put(frame);
        // And a closed claim is refused.
        assertThatThrownBy(() -> file.read(memory, 0, IoOptions.NONE, (bytes, failure) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the I/O is complete");
    }

    // S0.2, S0.5: memory that nobody holds is not handed to the system.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void shouldRefuseAPlainSegmentOfAFrameWithoutAReference(Engine engine) throws Exception {
        begin(engine);
        int frame = allocator.allocate(0);
        MemorySegment segment = allocator.segment(frame);
        MemorySegment[] vector = {segment};
        assertThat(file.write(segment, 0)).isEqualTo(PAGE);
        try (MemoryRegistration registration = io().registerMemory(allocator)) {
            assertThat(registration.allocator()).isSameAs(allocator);
            assertThat(file.write(segment, 0)).isEqualTo(PAGE);
            allocator.put(frame);
            String rule =
                    "memory of a request must be of a block with a reference; who submits it must"
                            + " hold one until the completion (IoMemory.pinned does): frame=";
            assertThatThrownBy(() -> file.read(segment, 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(rule + frame);
            assertThatThrownBy(() -> file.write(segment, 0, (bytes, failure) -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(rule);
            assertThatThrownBy(() -> file.read(vector, 0, 1, 0, (bytes, failure) -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(rule);
            assertThat(allocator.refCount(frame)).isZero();
        }
        // Of memory that the engine does not know, the promise is all there is.
        int again = allocator.allocate(0);
        assertThat(file.read(allocator.segment(again), 0)).isEqualTo(PAGE);
        allocator.put(again);
    }

    private AsyncIo io() {
        return Objects.requireNonNull(io);
    }

    private void begin(Engine engine) throws IOException {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        // One thread, so that a held completion holds all others back.
        io = AsyncIo.open(AsyncIoConfig.builder().engine(engine).queueDepth(4).threads(1).build());
        file =
                io.open(
                        directory.resolve("pages"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
    }

    /** Keeps the engine's thread in a completion until the gate opens. */
    private void hold(CountDownLatch gate) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        file.read(
                Arena.ofAuto().allocate(PAGE),
                0,
                (bytes, failure) -> {
                    held.countDown();
                    AsyncIoContract.awaitQuietly(gate);
                });
        assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private byte firstByte() throws IOException {
        int frame = allocator.allocate(0);
        try {
            assertThat(file.read(allocator.segment(frame), 0)).isEqualTo(PAGE);
            return allocator.segment(frame).get(ValueLayout.JAVA_BYTE, 0);
        } finally {
            allocator.put(frame);
        }
    }
}
