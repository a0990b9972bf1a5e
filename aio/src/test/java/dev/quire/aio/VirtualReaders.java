package dev.quire.aio;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;

/**
 * A thousand virtual threads in a process with few carriers: each reads random blocks of a file,
 * whose blocks begin with their numbers. Some are interrupted all the while.
 */
final class VirtualReaders {
    static final int BLOCK = 4096;
    static final int BLOCKS = 4096;
    static final int READERS = 1000;
    static final int READS = 20;
    static final int DEPTH = 128;

    private static final LongAdder WRONG = new LongAdder();
    private static final LongAdder FLAGS_LOST = new LongAdder();

    private VirtualReaders() {}

    /** Engine, file, seed; prints the counts on one line. */
    public static void main(String[] args) throws Exception {
        AsyncIoConfig config =
                AsyncIoConfig.builder().engine(Engine.valueOf(args[0])).queueDepth(DEPTH).build();
        long seed = Long.parseLong(args[2]);
        try (AsyncIo io = AsyncIo.open(config);
                AsyncFile file =
                        io.open(Path.of(args[1]), StandardOpenOption.READ, DirectOption.DIRECT);
                Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate((long) READERS * BLOCK, BLOCK);
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                MemorySegment own = memory.asSlice((long) i * BLOCK, BLOCK);
                Random random = new Random(seed + i);
                boolean disturbed = i % 10 == 0;
                readers.add(Thread.ofVirtual().unstarted(() -> read(file, own, random, disturbed)));
            }
            readers.forEach(Thread::start);
            for (int i = 0; i < READERS; i += 10) {
                readers.get(i).interrupt();
            }
            for (Thread reader : readers) {
                reader.join();
            }
            AsyncIoStats stats = io.stats();
            System.out.println(
                    "read="
                            + stats.completed()
                            + " wrong="
                            + WRONG
                            + " flagsLost="
                            + FLAGS_LOST
                            + " inFlightMax="
                            + stats.inFlightMax());
        }
    }

    private static void read(AsyncFile file, MemorySegment own, Random random, boolean disturbed) {
        for (int i = 0; i < READS; i++) {
            int block = random.nextInt(BLOCKS);
            if (disturbed) {
                Thread.currentThread().interrupt();
            }
            own.set(ValueLayout.JAVA_INT, 0, -1);
            try {
                int bytes = file.read(own, (long) block * BLOCK);
                // Whoever came back before the system was done would see another block, or -1.
                if (bytes != BLOCK || own.get(ValueLayout.JAVA_INT, 0) != block) {
                    WRONG.increment();
                }
            } catch (IOException | RuntimeException e) {
                WRONG.increment();
            }
            if (disturbed && !Thread.interrupted()) {
                FLAGS_LOST.increment();
            }
        }
    }
}
