package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.UringSupport;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.run.DirectOption;
import dev.quire.bench.soak.IoSoak;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Reads, writes, vectors and syncs at random, with deadlines and cancellations, by completions and
 * by threads, a queue of 256 kept full: every byte read is compared with a shadow, and at the end
 * all descriptors, frames and requests are where they were.
 *
 * <p>{@code -Dsoak.seconds} says for how long each of the runs; the profile {@code campaign} makes
 * it minutes in all.
 */
class IoSoakTest {
    private static final double SECONDS =
            Double.parseDouble(System.getProperty("soak.seconds", "0.5"));
    private static final int DEPTH = 256;

    /** More than the queue takes: some always wait for a place. */
    private static final int ZONES = DEPTH + 16;

    private static final int FRAME_BYTES = 4096;
    private static final Path PROC_FD = Path.of("/proc/self/fd");

    private final List<Path> made = new ArrayList<>();

    @AfterEach
    void removeFiles() throws IOException {
        for (Path path : made) {
            Files.deleteIfExists(path);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "URING, true, disk",
        "URING, false, disk",
        "URING, true, tmpfs",
        "URING, false, tmpfs",
        "THREAD_POOL, true, disk",
        "THREAD_POOL, false, disk",
        "THREAD_POOL, true, tmpfs",
        "THREAD_POOL, false, tmpfs",
        "CHANNEL, true, disk",
        "CHANNEL, false, disk",
        "CHANNEL, true, tmpfs",
        "CHANNEL, false, tmpfs",
    })
    void shouldKeepEveryByteAndGiveEverythingBack(Engine engine, boolean direct, String place)
            throws Exception {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.printf(
                "IoSoakTest %s %s %s -Dseed=%d%n",
                engine, direct ? "direct" : "buffered", place, seed);
        byte[] contents = contents(seed);
        Path path = file(place, contents);

        assertThat(soak(engine, direct, place, path, contents, seed)).isEmpty();
    }

    @Test
    void shouldNoticeAByteThatChangedBehindItsBack() throws Exception {
        byte[] contents = contents(1);
        Path path = file("disk", contents);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (int zone = 0; zone < ZONES; zone++) {
                long at = (long) zone * IoSoak.ZONE_BYTES + IoSoak.ZONE_BYTES / 2;
                byte other = (byte) ~contents[(int) at];
                channel.write(ByteBuffer.wrap(new byte[] {other}), at);
            }
        }
        assertThat(soak(Engine.THREAD_POOL, false, "disk", path, contents, 1))
                .anySatisfy(
                        failure ->
                                assertThat(failure)
                                        .hasStackTraceContaining("another byte than was written"));
    }

    private static List<Throwable> soak(
            Engine engine, boolean direct, String place, Path path, byte[] contents, long seed)
            throws Exception {
        List<String> descriptors = descriptors(path);
        try (PageAllocator allocator = allocator()) {
            int freeFrames = allocator.freeFrames();
            AsyncIo io =
                    AsyncIo.open(AsyncIoConfig.builder().engine(engine).queueDepth(DEPTH).build());
            List<Throwable> failures;
            try (io;
                    AsyncFile file = open(io, path, direct)) {
                if (direct) { // rings then know the frames; the buffered runs do without
                    io.registerMemory(allocator);
                }
                failures = soak(io, file, allocator, place, contents, seed);
            }
            AsyncIoStats stats = io.stats();
            assertThat(stats.submitted()).isEqualTo(stats.completed());
            assertThat(stats.completionsThrown()).isZero();
            assertThat(stats.openFiles()).isZero();
            if (failures.isEmpty()) { // a failed operation keeps its frames
                assertThat(allocator.freeFrames()).isEqualTo(freeFrames);
            }
            allocator.verify();
            assertThat(descriptors(path)).isEqualTo(descriptors);
            return failures;
        }
    }

    private static List<Throwable> soak(
            AsyncIo io,
            AsyncFile file,
            PageAllocator allocator,
            String place,
            byte[] contents,
            long seed)
            throws Exception {
        // A sync of a disk takes milliseconds, and everybody's writes with it.
        int syncsOneIn = place.equals("disk") ? 4096 : 256;
        IoSoak soak =
                new IoSoak(
                        file, allocator, MemorySegment.ofArray(contents), seed, syncsOneIn, false);
        soak.run((long) (SECONDS * TimeUnit.SECONDS.toNanos(1)));
        // By another road: what a direct write wrote, a buffered read sees.
        soak.verify(MemorySegment.ofArray(Files.readAllBytes(file.path())));
        System.out.printf(
                "IoSoakTest %s: %d operations, %d given up, %s%n",
                file, soak.operations(), soak.givenUp(), io.stats());
        assertThat(soak.operations()).isGreaterThan(ZONES);
        return soak.failures();
    }

    private static AsyncFile open(AsyncIo io, Path path, boolean direct) throws IOException {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        if (direct) {
            options.add(DirectOption.DIRECT);
        }
        try {
            return io.open(path, options.toArray(OpenOption[]::new));
        } catch (IoException e) {
            assumeTrue(!direct || !e.errnoName().equals("EINVAL"), "no direct I/O: " + path);
            throw e;
        }
    }

    private static PageAllocator allocator() {
        // Twice what all zones can hold at once, and what caches and watermarks keep back.
        return PageAllocator.create(
                AllocatorConfig.builder()
                        .pageBytes(FRAME_BYTES)
                        .capacityBytes(2L * ZONES * IoSoak.ZONE_BYTES + (64 << 20))
                        .build());
    }

    private static byte[] contents(long seed) {
        byte[] contents = new byte[ZONES * IoSoak.ZONE_BYTES];
        new Random(seed).nextBytes(contents);
        return contents;
    }

    private Path file(String place, byte[] contents) throws IOException {
        Path folder =
                Path.of(
                        place.equals("disk")
                                ? System.getProperty("java.io.tmpdir", "/tmp")
                                : "/dev/shm");
        assumeTrue(Files.isWritable(folder), () -> "not here: " + folder);
        Path path = Files.createTempFile(folder, "quire-soak", null);
        made.add(path);
        return Files.write(path, contents);
    }

    /** What the process has open of this file, and of rings and doorbells. */
    private static List<String> descriptors(Path path) throws IOException {
        List<String> open = new ArrayList<>();
        if (!Files.isDirectory(PROC_FD)) {
            return open;
        }
        try (Stream<Path> all = Files.list(PROC_FD)) {
            for (Path descriptor : all.toList()) {
                String target;
                try {
                    target = Files.readSymbolicLink(descriptor).toString();
                } catch (IOException e) {
                    continue; // of the listing itself, gone by now
                }
                if (target.contains(path.getFileName().toString())
                        || target.contains("io_uring")
                        || target.contains("eventfd")) {
                    open.add(target);
                }
            }
        }
        open.sort(null);
        return open;
    }
}
