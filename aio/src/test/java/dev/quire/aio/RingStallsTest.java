package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.OpenFlags;
import dev.quire.aio.os.Posix;
import dev.quire.aio.os.UringSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What keeps one request of a ring from standing in the way of another. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RingStallsTest {
    @TempDir private Path directory;

    private final MemorySegment segment = Arena.ofAuto().allocate(100);
    private final List<Integer> descriptors = new ArrayList<>();
    private Path path;

    @SuppressWarnings("NullAway.Init") // prepare() sets it before every test
    RingStallsTest() {}

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        path = Files.write(directory.resolve("file"), new byte[100]);
    }

    @AfterEach
    void closeDescriptors() {
        descriptors.forEach(Posix::close);
    }

    // More requests than the queue of entries takes at once: the rest must follow without an event.
    @Test
    void shouldSubmitAllThatWaitsBeforeItSleeps() throws Exception {
        int stuck = 300;
        IoCancellation cancellation = new IoCancellation();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        Tally never = new Tally(stuck);
        Tally tally = new Tally(1);
        try (AsyncIo io = io(1, 512);
                AsyncFile file = io.open(path);
                EngineFile pipe = pipe(io)) {
            file.read(
                    segment,
                    0,
                    (bytes, failure) -> {
                        held.countDown();
                        AsyncIoContract.awaitQuietly(gate);
                    });
            assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < stuck; i++) {
                pipe.read(segment, 0, IoOptions.NONE.cancellation(cancellation), never);
            }
            file.read(segment, 0, tally);
            gate.countDown();
            try {
                tally.await();
            } finally {
                cancellation.cancel();
            }
            never.await();
        }
        assertThat(tally.bytes).containsExactly(100L);
    }

    // Requests are dealt out in turns; one ring's stuck requests must not keep those of others.
    @Test
    void shouldEndARequestInTimeWhoseRingIsFull() throws Exception {
        IoCancellation cancellation = new IoCancellation();
        IoOptions stuck = IoOptions.NONE.cancellation(cancellation);
        Tally never = new Tally(2);
        Tally quick = new Tally(2);
        Tally late = new Tally(1);
        try (AsyncIo io = io(2, 4);
                AsyncFile file = io.open(path);
                EngineFile pipe = pipe(io)) {
            for (int i = 0; i < 2; i++) { // all of the first ring
                pipe.read(segment, 0, stuck, never);
                file.read(segment, 0, quick);
            }
            quick.await();
            file.read(segment, 0, IoOptions.NONE.deadline(Duration.ofMillis(100)), late);
            try {
                late.await();
            } finally {
                cancellation.cancel();
            }
            never.await();
        }
        assertThat(late.failures).allMatch(failure -> failure.errno() == Errno.ETIMEDOUT);
    }

    // IoOptions.deadline: the wait for a place is part of the time, and not cut short.
    @Test
    void shouldNotBeginARequestThatGetsItsPlaceTooLate() throws Exception {
        IoCancellation cancellation = new IoCancellation();
        Tally never = new Tally(1);
        try (AsyncIo io = io(1, 1);
                AsyncFile file = io.open(path);
                EngineFile pipe = pipe(io)) {
            pipe.read(segment, 0, IoOptions.NONE.cancellation(cancellation), never);
            CountDownLatch waits = new CountDownLatch(1);
            CompletableFuture<Object> answer =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    waits.countDown();
                                    IoOptions late = IoOptions.NONE.deadline(Duration.ofNanos(1));
                                    return file.read(segment, 0, late);
                                } catch (IoException e) {
                                    return e;
                                }
                            });
            assertThat(waits.await(30, TimeUnit.SECONDS)).isTrue();
            cancellation.cancel();
            assertThat(answer.get(30, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            IoException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
            never.await();
        }
    }

    // A request that is over at once must not keep those from the kernel that are not.
    @Test
    void shouldReachTheKernelBetweenRequestsThatAreOverAtOnce() throws Exception {
        MemorySegment nothing = segment.asSlice(0, 0);
        Tally tally = new Tally(1);
        try (AsyncIo io = io(1, 8);
                AsyncFile file = io.open(path)) {
            boolean[] over = new boolean[1];
            CountDownLatch begun = new CountDownLatch(1);
            IoCompletion endless =
                    new IoCompletion() {
                        @Override
                        public void complete(long bytes, @Nullable IoException failure) {
                            begun.countDown();
                            synchronized (over) {
                                if (over[0]) {
                                    return;
                                }
                            }
                            file.read(nothing, 0, this);
                        }
                    };
            file.read(nothing, 0, endless);
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            file.read(segment, 0, tally);
            try {
                tally.await();
            } finally {
                synchronized (over) {
                    over[0] = true;
                }
            }
        }
        assertThat(tally.bytes).containsExactly(100L);
    }

    private EngineFile pipe(AsyncIo io) throws Exception {
        Path pipe = directory.resolve("pipe");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
        int fd = Posix.open(pipe.toString(), OpenFlags.RDWR);
        assertThat(fd).isNotNegative();
        descriptors.add(fd);
        Path name = Path.of("a.db");
        OpenOption[] options = {StandardOpenOption.READ, StandardOpenOption.WRITE};
        return new EngineFile(io, name, OpenMode.of(name, Set.of(options)), new PipeFile(fd));
    }

    private static AsyncIo io(int rings, int queueDepth) {
        return AsyncIo.open(
                AsyncIoConfig.builder()
                        .engine(Engine.URING)
                        .rings(rings)
                        .queueDepth(queueDepth)
                        .ringForEveryFile()
                        .threads(1)
                        .threadNamePrefix("stall-test-")
                        .build());
    }

    private static final class PipeFile extends ScriptedFile {
        private final int fd;

        PipeFile(int fd) {
            super(1);
            this.fd = fd;
        }

        @Override
        public int fd() {
            return fd;
        }
    }
}
