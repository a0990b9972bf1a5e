package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.MemoryRun;
import dev.quire.aio.os.UringSupport;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.TrimReport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Slabs of an allocator as fixed buffers of the rings. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RegisteredMemoryTest {
    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    @TempDir private Path directory;

    private PageAllocator allocator;
    private AsyncIo io;
    private byte[] content;
    private Path path;

    @SuppressWarnings("NullAway.Init") // open() sets them before every test
    RegisteredMemoryTest() {}

    @BeforeEach
    void open() throws IOException {
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder().capacityBytes(16 << 20).pageBytes(PAGE).build());
        io = io(Engine.URING, 2);
        content = new byte[PAGES * PAGE];
        new Random(1).nextBytes(content);
        path = Files.write(directory.resolve("file"), content);
    }

    @AfterEach
    void close() throws IOException {
        if (io != null) {
            io.close();
            allocator.close();
        }
    }

    // Section D: memory that was given back while a ring knew its old pages would be read into
    // nobody's pages.
    @Test
    void shouldLandInTheFrameAfterUnregisterTrimAndRegister() throws Exception {
        try (AsyncFile file = file()) {
            MemoryRegistration first = io.registerMemory(allocator);
            assumeTrue(first.isFixed(), first::toString);
            int[] frames = readAll(file);
            TrimReport busy = allocator.trim();
            assertThat(busy.slabsBusy()).as("registered").isEqualTo(allocator.slabCount());
            assertThat(busy.bytes()).isZero();
            allocator.putBatch(frames, 0, frames.length);
            first.close();
            TrimReport idle = allocator.trim();
            assertThat(idle.slabsBusy()).isZero();
            assertThat(idle.bytes()).as("given back").isPositive();
            try (MemoryRegistration second = io.registerMemory(allocator)) {
                assertThat(second.isFixed()).isTrue();
                int[] again = readAll(file);
                allocator.putBatch(again, 0, again.length);
            }
            int[] plain = readAll(file);
            allocator.putBatch(plain, 0, plain.length);
        }
    }

    @Test
    void shouldWriteFromRegisteredFrames() throws Exception {
        try (AsyncFile file = file();
                MemoryRegistration registration = io.registerMemory(allocator)) {
            assumeTrue(registration.isFixed(), registration::toString);
            int frame = allocator.allocate(0);
            allocator.segment(frame).fill((byte) 0x5a);
            Tally tally = new Tally(2);
            file.write(allocator.segment(frame), 3 * PAGE, tally);
            file.write(new MemorySegment[] {allocator.segment(frame)}, 0, 1, 5 * PAGE, tally);
            tally.await();
            assertThat(tally.failures).isEmpty();
            allocator.put(frame);
        }
        byte[] now = Files.readAllBytes(path);
        for (int i = 0; i < PAGE; i++) {
            assertThat(now[3 * PAGE + i]).isEqualTo((byte) 0x5a);
            assertThat(now[5 * PAGE + i]).isEqualTo((byte) 0x5a);
            assertThat(now[4 * PAGE + i]).isEqualTo(content[4 * PAGE + i]);
        }
    }

    // Entries that the kernel has not read yet may name a place of memory that is unregistered.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFailNoRequestWhenItsMemoryIsUnregistered(boolean submissionPolling)
            throws Exception {
        AsyncIoConfig.Builder config =
                AsyncIoConfig.builder().engine(Engine.URING).queueDepth(256).ringForEveryFile();
        if (submissionPolling) {
            config.submissionPolling(1);
        }
        Path memory = Path.of("/dev/shm");
        Path read = Files.isWritable(memory) ? Files.createTempFile(memory, "quire-aio", "") : path;
        Files.write(read, content);
        int chains = 200;
        int[] frames = new int[chains];
        AtomicBoolean ending = new AtomicBoolean();
        Tally tally = new Tally(chains);
        try (AsyncIo other = AsyncIo.open(config.build());
                AsyncFile file = other.open(read, StandardOpenOption.READ, DirectOption.DIRECT)) {
            for (int i = 0; i < chains; i++) {
                frames[i] = allocator.allocate(0);
                MemorySegment page = allocator.segment(frames[i]);
                file.read(
                        page,
                        0,
                        new IoCompletion() {
                            @Override
                            public void complete(long bytes, @Nullable IoException failure) {
                                if (failure != null || ending.get()) {
                                    tally.complete(bytes, failure);
                                } else {
                                    file.read(page, 0, this);
                                }
                            }
                        });
            }
            for (int round = 0; round < 500; round++) {
                MemoryRegistration registration = other.registerMemory(allocator);
                assumeTrue(registration.isFixed(), registration::toString);
                Thread.sleep(1);
                registration.close();
            }
            ending.set(true);
            tally.await();
        } finally {
            Files.delete(read);
        }
        allocator.putBatch(frames, 0, chains);
        assertThat(tally.failures).isEmpty();
    }

    // More of it than the ring with polled events has room for events, and nothing else goes on
    // there.
    @Test
    void shouldHearThatThePolledRingHasLetGo() throws Exception {
        int count = 20;
        AsyncIoConfig config =
                AsyncIoConfig.builder()
                        .engine(Engine.URING)
                        .queueDepth(1)
                        .completionPolling(true)
                        .build();
        try (AsyncIo polling = AsyncIo.open(config);
                AsyncFile file = polling.open(path)) {
            List<MemoryRegistration> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(polling.registerMemory(allocator));
                assumeTrue(all.getLast().isFixed(), all.getLast()::toString);
            }
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch gate = new CountDownLatch(1);
            int frame = allocator.allocate(0);
            file.read(
                    allocator.segment(frame),
                    0,
                    (bytes, failure) -> {
                        held.countDown();
                        AsyncIoContract.awaitQuietly(gate);
                    });
            AsyncIoContract.awaitQuietly(held);
            List<Thread> closers = new ArrayList<>();
            for (MemoryRegistration registration : all) {
                closers.add(Thread.ofPlatform().daemon().start(registration::close));
            }
            for (Thread closer : closers) {
                while (closer.getState() != Thread.State.WAITING) { // all have asked
                    Thread.onSpinWait();
                }
            }
            gate.countDown();
            for (Thread closer : closers) {
                assertThat(closer.join(Duration.ofSeconds(10))).as("closed").isTrue();
            }
            allocator.put(frame);
        }
    }

    @Test
    void shouldEndWithTheEngineAndOnlyOnce() throws Exception {
        MemoryRegistration registration = io.registerMemory(allocator);
        assertThat(registration.allocator()).isSameAs(allocator);
        io.close();
        assertThat(allocator.trim().slabsBusy()).isZero();
        registration.close();
        assertThatThrownBy(() -> io.registerMemory(allocator))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("engine is closed: engine=URING");
    }

    @Test
    void shouldTakeSeveralRegistrationsOfOneMemory() throws Exception {
        try (AsyncFile file = file()) {
            MemoryRegistration first = io.registerMemory(allocator);
            assumeTrue(first.isFixed(), first::toString);
            MemoryRegistration second = io.registerMemory(allocator);
            int[] frames = readAll(file);
            first.close();
            int[] more = readAll(file);
            assertThat(allocator.trim().slabsBusy()).isOne();
            second.close();
            assertThat(allocator.trim().slabsBusy()).isZero();
            allocator.putBatch(frames, 0, frames.length);
            allocator.putBatch(more, 0, more.length);
        }
    }

    @Test
    void shouldSayThatAnEngineWithoutRingsFixesNothing() throws Exception {
        try (AsyncIo other = io(Engine.THREAD_POOL, 1);
                MemoryRegistration registration = other.registerMemory(allocator)) {
            assertThat(registration.isFixed()).isFalse();
            assertThat(registration.refusal())
                    .hasValue("this engine has no rings: engine=THREAD_POOL");
            assertThat(allocator.trim().slabsBusy()).isOne();
        }
        assertThat(allocator.trim().slabsBusy()).isZero();
    }

    @Test
    void shouldDealOutPlacesInRows() {
        MemoryPlaces places = new MemoryPlaces(10);
        assertThat(places.take(4)).isZero();
        assertThat(places.take(3)).isEqualTo(4);
        assertThat(places.take(4)).isNegative();
        assertThat(places.take(3)).isEqualTo(7);
        places.giveBack(new MemoryRun(4, 0, 3 << 12, 12));
        assertThat(places.take(4)).isNegative();
        assertThat(places.take(2)).isEqualTo(4);
        assertThat(places.take(1)).isEqualTo(6);
    }

    /** Reads the file page by page into frames, and compares. */
    private int[] readAll(AsyncFile file) throws Exception {
        int[] frames = new int[PAGES];
        Tally tally = new Tally(PAGES);
        for (int i = 0; i < PAGES; i++) {
            frames[i] = allocator.allocate(0);
            allocator.segment(frames[i]).fill((byte) 0);
            file.read(allocator.segment(frames[i]), (long) i * PAGE, tally);
        }
        tally.await();
        assertThat(tally.failures).isEmpty();
        MemorySegment whole = MemorySegment.ofArray(content);
        for (int i = 0; i < PAGES; i++) {
            MemorySegment page = whole.asSlice((long) i * PAGE, PAGE);
            assertThat(allocator.segment(frames[i]).mismatch(page)).as("page %d", i).isEqualTo(-1);
        }
        return frames;
    }

    private AsyncFile file() throws IOException {
        return io.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, DirectOption.DIRECT);
    }

    private static AsyncIo io(Engine engine, int rings) {
        return AsyncIo.open(
                AsyncIoConfig.builder().engine(engine).queueDepth(16).rings(rings).build());
    }
}
