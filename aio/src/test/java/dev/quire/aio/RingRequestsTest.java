package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.OpenFlags;
import dev.quire.aio.os.Posix;
import dev.quire.aio.os.Uring;
import dev.quire.aio.os.UringSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;

/** Several rings, and what a request on a ring may ask for beside its bytes. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RingRequestsTest {
    @TempDir private Path directory;

    private final MemorySegment segment = Arena.ofAuto().allocate(100);
    private final List<Integer> descriptors = new ArrayList<>();
    private AsyncIo io;

    @SuppressWarnings("NullAway.Init") // open() sets it before every test
    RingRequestsTest() {}

    @BeforeEach
    void open() {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        io = io(1, 8);
    }

    @AfterEach
    void close() throws IOException {
        if (io != null) {
            assertThat(io.workers.freeSlots()).isEqualTo(8);
            io.close();
        }
        descriptors.forEach(Posix::close);
    }

    // ---- several rings

    @Test
    void shouldKeepTheRequestsOfACompletionOnItsRing() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[100]);
        int chains = 6;
        int rounds = 50;
        CountDownLatch over = new CountDownLatch(chains);
        List<Set<String>> threads = new ArrayList<>();
        try (AsyncIo three = io(3, 12);
                AsyncFile file = three.open(path)) {
            for (int i = 0; i < chains; i++) {
                Set<String> names = Collections.synchronizedSet(new HashSet<>());
                threads.add(names);
                file.read(segment, 0, new Chain(file, names, rounds, over));
            }
            assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
        }
        Set<String> all = new HashSet<>();
        for (Set<String> names : threads) {
            assertThat(names).hasSize(1);
            all.addAll(names);
        }
        // Which ones depends on how busy each was when a chain began.
        assertThat(all)
                .hasSizeGreaterThan(1)
                .isSubsetOf("ring-test-ring-0", "ring-test-ring-1", "ring-test-ring-2");
    }

    /** Reads again and again, each time from the completion of the last. */
    private final class Chain implements IoCompletion {
        private final AsyncFile file;
        private final Set<String> names;
        private final CountDownLatch over;
        private int left;
        private boolean submitting;

        Chain(AsyncFile file, Set<String> names, int rounds, CountDownLatch over) {
            this.file = file;
            this.names = names;
            this.over = over;
            left = rounds;
        }

        @Override
        public void complete(long bytes, @Nullable IoException failure) {
            assertThat(submitting).as("on the stack of its submit").isFalse();
            names.add(Thread.currentThread().getName());
            if (--left == 0) {
                over.countDown();
                return;
            }
            submitting = true;
            file.read(segment, 0, this);
            submitting = false;
        }
    }

    // One ring has room for four, all its completions ask for more, and others ask too.
    @Test
    void shouldLetNeitherCompletionsNorOthersStarve() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[100]);
        int requests = 400;
        Tally outside = new Tally(requests);
        Phaser own = new Phaser(1); // a party for each request of the completions
        try (AsyncIo two = io(2, 8);
                AsyncFile file = two.open(path)) {
            IoCompletion last = (bytes, failure) -> own.arriveAndDeregister();
            IoCompletion endless =
                    new IoCompletion() {
                        @Override
                        public void complete(long bytes, @Nullable IoException failure) {
                            if (outside.calls.size() < requests) {
                                own.bulkRegister(2);
                                file.read(segment, 0, this);
                                file.read(segment, 0, last);
                            }
                            own.arriveAndDeregister();
                        }
                    };
            own.register();
            file.read(segment, 0, endless);
            for (int i = 0; i < requests; i++) {
                file.read(segment, 0, outside);
            }
            outside.await();
            own.awaitAdvanceInterruptibly(own.arrive(), 30, TimeUnit.SECONDS);
        }
        assertThat(outside.failures).isEmpty();
    }

    @Test
    void shouldUseNoMoreRingsThanTheQueueIsDeep() throws Exception {
        Path path = Files.write(directory.resolve("file"), new byte[100]);
        try (AsyncIo narrow = io(5, 2);
                AsyncFile file = narrow.open(path)) {
            Tally tally = new Tally(10);
            for (int i = 0; i < 10; i++) {
                file.read(segment, 0, tally);
            }
            tally.await();
            assertThat(Set.copyOf(tally.calls)).isSubsetOf("ring-test-ring-0", "ring-test-ring-1");
        }
    }

    // ---- descriptors

    // A ring that still knew the number would answer with the other file.
    @Test
    void shouldForgetADescriptorBeforeItsNumberIsAnothers() throws Exception {
        try (AsyncIo two = io(2, 8)) {
            for (int round = 0; round < 40; round++) {
                Path path = directory.resolve("file" + round);
                Files.write(path, new byte[round + 1]);
                try (AsyncFile file = two.open(path)) {
                    Tally tally = new Tally(4);
                    for (int i = 0; i < 4; i++) {
                        file.read(segment, 0, tally);
                    }
                    tally.await();
                    assertThat(tally.bytes).containsOnly((long) round + 1);
                }
            }
        }
    }

    // ---- aborts

    @Test
    void shouldGiveUpWhatTheKernelWaitsForWhenItIsCalledOff() throws Exception {
        try (EngineFile file = pipe()) {
            IoCancellation cancellation = new IoCancellation();
            IoOptions options = IoOptions.NONE.cancellation(cancellation);
            Tally tally = new Tally(3);
            for (int i = 0; i < 3; i++) {
                file.read(segment, 0, options, tally);
            }
            awaitTaken();
            assertThat(tally.calls).isEmpty();
            cancellation.cancel();
            tally.await();
            assertThat(tally.failures)
                    .hasSize(3)
                    .allMatch(failure -> failure.errno() == Errno.ECANCELED)
                    .allMatch(failure -> failure.toString().contains("it was called off"));
            assertThat(tally.calls).containsOnly("ring-test-ring");
        }
    }

    @Test
    void shouldGiveUpWhatTheKernelWaitsForWhenItsTimeIsOver() throws Exception {
        try (EngineFile file = pipe()) {
            Tally late = new Tally(2);
            file.read(segment, 0, IoOptions.NONE.deadline(Duration.ofMillis(20)), late);
            file.read(segment, 0, IoOptions.NONE.deadline(Duration.ofMillis(40)), late);
            late.await();
            assertThat(late.failures)
                    .hasSize(2)
                    .allMatch(failure -> failure.errno() == Errno.ETIMEDOUT);
            assertThat(late.calls).containsOnly("ring-test-ring");
        }
    }

    // The completion is the truth: what came before the advice was heard is a result.
    @Test
    void shouldReportWhatCameInTime() throws Exception {
        Path pipe = makePipe();
        try (EngineFile file = pipe(pipe);
                OutputStream out = Files.newOutputStream(pipe)) {
            Tally tally = new Tally(1);
            file.read(segment, 0, IoOptions.NONE.deadline(Duration.ofSeconds(40)), tally);
            out.write(new byte[100]);
            tally.await();
            assertThat(tally.failures).isEmpty();
            assertThat(tally.bytes).containsExactly(100L);
        }
    }

    // ---- a write and its sync; the events are played by the test

    @Test
    void shouldSyncAloneWhatAShortWriteLeftUnsynced() throws Exception {
        Played played = new Played(IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC));
        played.owner.over(played.request, 30, -Errno.ECANCELED);
        played.owner.over(played.request, 70, -Errno.ECANCELED);
        assertThat(played.tally.calls).as("written, not synced").isEmpty();
        played.owner.over(played.request, 0, 0);
        played.tally.await();
        assertThat(played.tally.bytes).containsExactly(100L);
        played.close();
    }

    @Test
    void shouldNotCountASyncThatMayHaveComeBeforeItsWrite() throws Exception {
        Played played = new Played(IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC));
        played.owner.over(played.request, 100, RingSlot.NOT_SYNCED);
        assertThat(played.tally.calls).isEmpty();
        played.owner.over(played.request, 0, -Errno.EIO);
        played.tally.await();
        assertThat(played.tally.failures.getFirst().errno()).isEqualTo(Errno.EIO);
        played.close();
    }

    // The system tells of it once: the sync after the rest would know nothing any more.
    @Test
    void shouldNotForgetASyncThatFailedBesideAShortWrite() throws Exception {
        Played played = new Played(IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC));
        played.owner.over(played.request, 30, -Errno.EIO);
        if (played.tally.calls.isEmpty()) {
            played.owner.over(played.request, 70, 0);
        }
        played.tally.await();
        assertThat(played.tally.failures)
                .hasSize(1)
                .allMatch(failure -> failure.errno() == Errno.EIO);
        played.close();
    }

    @Test
    void shouldReportTheErrorOfTheWriteAndNotThatOfItsSync() throws Exception {
        Played played = new Played(IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC));
        played.owner.over(played.request, -Errno.ENOSPC, -Errno.ECANCELED);
        played.tally.await();
        assertThat(played.tally.failures.getFirst().errno()).isEqualTo(Errno.ENOSPC);
        played.close();
    }

    @Test
    void shouldSyncAWriteOfNothing() throws Exception {
        Path path = directory.resolve("file");
        IoOptions options = IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC);
        try (AsyncFile file = io.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            Tally tally = new Tally(1);
            file.write(segment.asSlice(0, 0), 0, options, tally);
            tally.await();
            assertThat(tally.bytes).containsExactly(0L);
        }
    }

    // More segments than one entry takes: only the last of its tries is followed by a sync.
    @Test
    void shouldSyncAfterTheLastOfManySegments() throws Exception {
        Path path = directory.resolve("file");
        IoOptions options = IoOptions.NONE.durability(WriteDurability.WRITE_THEN_SYNC);
        MemorySegment[] parts = new MemorySegment[600];
        Arrays.fill(parts, segment);
        try (AsyncFile file = io.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            Tally tally = new Tally(1);
            file.write(parts, 0, 600, 0, options, tally);
            tally.await();
            assertThat(tally.failures).isEmpty();
            assertThat(tally.bytes).containsExactly(60_000L);
        }
        assertThat(Files.size(path)).isEqualTo(60_000);
    }

    @Test
    void shouldAllocateInTheRing() throws Exception {
        Path path = directory.resolve("file");
        try (AsyncFile file = io.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            Tally tally = new Tally(1);
            file.allocate(0, 10_000, tally);
            tally.await();
            assertThat(tally.failures).isEmpty();
            assertThat(tally.calls).containsExactly("ring-test-ring");
            assertThat(file.sizeBytes()).isEqualTo(10_000);
        }
    }

    /** A request that no ring has, and an owner that is told what came of it. */
    private final class Played {
        private final AsyncIo other = RingRequestsTest.io(Engine.THREAD_POOL, 1, 8);
        private final Tally tally = new Tally(1);
        private final Uring ring;
        private final EngineFile file;
        private final RingOwner owner;
        private final IoRequest request;

        Played(IoOptions options) throws Exception {
            List<IoRequest> sent = new ArrayList<>();
            other.workers.useRing(new SentLane(sent));
            ring = Uring.open(8);
            file = file(other, new FdFile(-1));
            owner =
                    new RingOwner(
                            ring,
                            null,
                            new RingInbox(8, ring::wake),
                            8,
                            Arena.ofAuto(),
                            other.workers);
            file.write(segment, 7, options, tally);
            request = sent.getFirst();
        }

        void close() throws IOException {
            file.close();
            other.close();
            ring.close();
        }
    }

    /** A lane that keeps what it is sent. */
    private record SentLane(List<IoRequest> sent) implements Lane {
        @Override
        public void offer(IoRequest request) {
            sent.add(request);
        }

        @Override
        public boolean takes(IoRequest request) {
            return true;
        }

        @Override
        public void close() {}
    }

    /** A scripted file with a descriptor of its own. */
    private static final class FdFile extends ScriptedFile {
        private final int fd;

        FdFile(int fd) {
            super(1);
            this.fd = fd;
        }

        @Override
        public int fd() {
            return fd;
        }
    }

    private EngineFile pipe() throws Exception {
        return pipe(makePipe());
    }

    private EngineFile pipe(Path pipe) {
        int fd = Posix.open(pipe.toString(), OpenFlags.RDWR);
        assertThat(fd).isNotNegative();
        descriptors.add(fd);
        return file(io, new FdFile(fd));
    }

    private Path makePipe() throws Exception {
        Path pipe = directory.resolve("pipe");
        Process mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(mkfifo.waitFor() == 0, "no mkfifo here");
        return pipe;
    }

    /** Waits until the ring has begun what was submitted before: it begins in order. */
    private void awaitTaken() throws Exception {
        Path path = Files.write(directory.resolve("marker"), new byte[1]);
        Tally tally = new Tally(1);
        try (AsyncFile file = io.open(path)) {
            file.read(segment, 0, tally);
            tally.await();
        }
    }

    private static EngineFile file(AsyncIo io, RawFile raw) {
        Path path = Path.of("a.db");
        OpenOption[] options = {StandardOpenOption.READ, StandardOpenOption.WRITE};
        return new EngineFile(io, path, OpenMode.of(path, Set.of(options)), raw);
    }

    private static AsyncIo io(int rings, int queueDepth) {
        return io(Engine.URING, rings, queueDepth);
    }

    private static AsyncIo io(Engine engine, int rings, int queueDepth) {
        return AsyncIo.open(
                AsyncIoConfig.builder()
                        .engine(engine)
                        .rings(rings)
                        .queueDepth(queueDepth)
                        .ringForEveryFile()
                        .threads(1)
                        .threadNamePrefix("ring-test-")
                        .build());
    }
}
