package dev.quire.faults.scene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.IoException;
import dev.quire.aio.IoOptions;
import dev.quire.aio.MemoryRegistration;
import dev.quire.aio.WriteDurability;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.faults.Resources;
import dev.quire.faults.Scene;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** The life of an engine, of memory registered with it, and of a file. */
public final class EngineScene implements Scene {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 8;
    private static final long WAIT_SECONDS_MAX = 20;
    private static final IoOptions DURABLE = IoOptions.NONE.durability(WriteDurability.DATA_SYNC);

    private final Engine engine;
    private final boolean registers;
    private @Nullable Path path;
    private boolean keepsMemory;

    /**
     * A life.
     *
     * @param words the engine, and {@code registered} or {@code plain}
     */
    public EngineScene(String words) {
        String[] word = words.split("/", -1);
        engine = Engine.valueOf(word[0]);
        registers = word[1].equals("registered");
    }

    @Override
    public void prepare(Path directory) {
        path = directory.resolve("data");
    }

    @Override
    public void act() throws Exception {
        AllocatorConfig config = AllocatorConfig.builder().capacityBytes(4 << 20).build();
        try (AsyncIo io = openEngine()) {
            if (registers) {
                try (PageAllocator allocator = PageAllocator.create(config)) {
                    useRegistered(io, allocator);
                }
            } else {
                try (Arena arena = Arena.ofShared()) {
                    use(io, arena.allocate(BLOCKS * BLOCK, BLOCK));
                }
            }
        }
    }

    private void useRegistered(AsyncIo io, PageAllocator allocator) throws Exception {
        MemoryRegistration registration = io.registerMemory(allocator);
        try (Registered _ = () -> close(registration)) {
            assertThat(registration.refusal()).isNotNull();
            int head = allocator.allocate(3);
            try {
                use(io, allocator.segment(head));
            } finally {
                allocator.put(head);
            }
        }
    }

    /** To be closed. */
    private interface Registered extends AutoCloseable {
        @Override
        void close();
    }

    /** What a ring does not let go of, its allocator does not give back. */
    private void close(MemoryRegistration registration) {
        boolean closed = false;
        try {
            registration.close();
            closed = true;
        } finally {
            keepsMemory |= !closed;
        }
    }

    private AsyncIo openEngine() {
        AsyncIoConfig config =
                AsyncIoConfig.builder().engine(engine).queueDepth(8).threads(2).build();
        try {
            return AsyncIo.open(config);
        } catch (IllegalStateException e) {
            // The last rung needs nothing.
            assertThat(engine).as("refused: %s", e).isNotEqualTo(Engine.AUTO);
            throw e;
        }
    }

    private void use(AsyncIo io, MemorySegment memory) throws Exception {
        MemorySegment one = memory.asSlice(0, BLOCK);
        MemorySegment two = memory.asSlice(BLOCK, BLOCK);
        MemorySegment[] both = {one, two};
        try (AsyncFile file =
                io.open(
                        Objects.requireNonNull(path),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            allocate(file);
            one.fill((byte) 1);
            two.fill((byte) 2);
            assertThat(file.write(one, 0)).isEqualTo(BLOCK);
            assertThat(file.write(one, 0, DURABLE)).isEqualTo(BLOCK);
            assertThat(file.write(both, 0, 2, BLOCK)).isEqualTo(2 * BLOCK);
            CompletableFuture<Long> written = new CompletableFuture<>();
            file.write(two, 3 * BLOCK, (bytes, failure) -> end(written, bytes, failure));
            assertThat(await(written)).isEqualTo(BLOCK);
            file.syncData();
            file.sync();
            punch(file);
            file.truncate(4 * BLOCK);
            assertThat(file.sizeBytes()).isEqualTo(4 * BLOCK);
            check(file, memory);
        }
    }

    /** A file system may have neither. */
    private static void allocate(AsyncFile file) throws IOException {
        try {
            file.allocate(0, BLOCKS * BLOCK);
        } catch (IoException e) {
            assertThat(e.errnoName()).isIn("ENOSPC", "EOPNOTSUPP", "EIO");
        }
    }

    private static void punch(AsyncFile file) throws IOException {
        try {
            file.punchHole(5 * BLOCK, BLOCK);
        } catch (IoException e) {
            assertThat(e.errnoName()).isIn("ENOSPC", "EOPNOTSUPP", "EIO");
        }
    }

    private static void check(AsyncFile file, MemorySegment memory) throws Exception {
        MemorySegment all = memory.asSlice(0, 4 * BLOCK);
        assertThat(file.read(all, 0)).isEqualTo(4 * BLOCK);
        CompletableFuture<Long> read = new CompletableFuture<>();
        MemorySegment[] halves = {
            memory.asSlice(4 * BLOCK, 2 * BLOCK), memory.asSlice(6 * BLOCK, 2 * BLOCK)
        };
        file.read(halves, 0, 2, 0, (bytes, failure) -> end(read, bytes, failure));
        assertThat(await(read)).isEqualTo(4 * BLOCK);
        byte[] expected = {1, 1, 2, 2};
        for (int block = 0; block < 4; block++) {
            for (int at : new int[] {block * BLOCK, (block + 5) * BLOCK - 1}) {
                byte found = memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at);
                assertThat(found).as("block %s", block).isEqualTo(expected[block]);
            }
        }
    }

    private static void end(
            CompletableFuture<Long> future, long bytes, @Nullable IoException failure) {
        if (!(failure == null ? future.complete(bytes) : future.completeExceptionally(failure))) {
            Resources.mistake("completed twice"); // thrown, it would be contained
        }
    }

    private static long await(CompletableFuture<Long> future) throws Exception {
        try {
            return future.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IoException failure ? failure : e;
        }
    }

    @Override
    public void check(boolean acknowledged) throws IOException {
        Path written = Objects.requireNonNull(path);
        if (acknowledged) {
            byte[] bytes = Files.readAllBytes(written);
            assertThat(bytes).hasSize(4 * BLOCK);
            assertThat(bytes[0]).isEqualTo((byte) 1);
            assertThat(bytes[4 * BLOCK - 1]).isEqualTo((byte) 2);
        }
    }

    @Override
    public void actAgain() throws Exception {
        act();
        check(true);
    }

    @Override
    public void finish() {}

    @Override
    public boolean keepsMemory() {
        return keepsMemory;
    }

    @Override
    public void abandon() {}
}
