package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;

import dev.quire.aio.os.UringSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The callback form puts nothing on the heap once it is warm: neither the thread that submits nor
 * those of the engine, whether requests come from outside or from completions.
 *
 * <p>Interpreted code allocates what compiled code does not, and when code is compiled is up to the
 * JVM: a round without a byte has to come, among so many that it will.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SteadyStateAllocationTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 64;
    private static final int REQUESTS = 20_000;
    private static final int ROUNDS_MAX = 100;
    private static final int ROUNDS_WASTEFUL = 10;

    /** What the measuring allocates itself, some 25 bytes a thread; no request's share. */
    private static final long BYTES_MAX = REQUESTS / 10;

    private static final String THREADS = "quire-allocation-test-";

    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path folder;

    /** Reads and writes in turns; each completion makes the next request while there are some. */
    private static final class Slot implements IoCompletion {
        private final AsyncFile file;
        private final MemorySegment memory;
        private final AtomicInteger unstarted;
        private final AtomicInteger running;
        private final Thread waiter;
        private final boolean wasteful;
        private volatile Object waste = this;
        private int made;
        private volatile @Nullable IoException failed;

        Slot(
                AsyncFile file,
                MemorySegment memory,
                AtomicInteger unstarted,
                AtomicInteger running,
                Thread waiter,
                boolean wasteful) {
            this.file = file;
            this.memory = memory;
            this.unstarted = unstarted;
            this.running = running;
            this.waiter = waiter;
            this.wasteful = wasteful;
        }

        void next() {
            if (unstarted.getAndDecrement() > 0) {
                long position = (long) BLOCK * (made++ & BLOCKS - 1);
                if ((made & 1) == 0) {
                    file.read(memory, position, this);
                } else {
                    file.write(memory, position, this);
                }
            } else if (running.decrementAndGet() == 0) {
                LockSupport.unpark(waiter);
            }
        }

        @Override
        public void complete(long bytes, @Nullable IoException failure) {
            if (failure != null) {
                failed = failure;
            }
            if (wasteful) {
                waste = new Object[] {waste.getClass()};
            }
            next();
        }
    }

    @ParameterizedTest
    @CsvSource({"URING,1", "URING,32", "THREAD_POOL,1", "THREAD_POOL,32"})
    void shouldAllocateNothingInTheSteadyState(Engine engine, int depth) throws IOException {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        assertThat(leastBytesOfARound(engine, depth, false))
                .as("bytes of heap in the best round of %d requests", REQUESTS)
                .isLessThanOrEqualTo(BYTES_MAX);
    }

    @Test
    void shouldNoticeWhoAllocatesOneObjectARequest() throws IOException {
        assertThat(leastBytesOfARound(Engine.THREAD_POOL, 32, true))
                .isGreaterThan(REQUESTS * (long) Long.BYTES);
    }

    private long leastBytesOfARound(Engine engine, int depth, boolean wasteful) throws IOException {
        Path path = Files.write(folder.resolve("file"), new byte[BLOCK * BLOCKS]);
        AsyncIoConfig config =
                AsyncIoConfig.builder()
                        .engine(engine)
                        .queueDepth(depth)
                        .threadNamePrefix(THREADS)
                        .build();
        try (Arena arena = Arena.ofShared();
                AsyncIo io = AsyncIo.open(config);
                AsyncFile file = io.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Slot[] slots = new Slot[depth];
            AtomicInteger unstarted = new AtomicInteger();
            AtomicInteger running = new AtomicInteger();
            for (int i = 0; i < depth; i++) {
                slots[i] =
                        new Slot(
                                file,
                                arena.allocate(BLOCK, BLOCK),
                                unstarted,
                                running,
                                Thread.currentThread(),
                                wasteful);
            }
            long[] threads = threads();
            assertThat(threads).hasSizeGreaterThan(1);
            int rounds = wasteful ? ROUNDS_WASTEFUL : ROUNDS_MAX;
            long least = Long.MAX_VALUE;
            for (int round = 0; round < rounds && least > BYTES_MAX; round++) {
                long before = allocatedBytes(threads);
                loop(slots, unstarted, running);
                least = Math.min(least, allocatedBytes(threads) - before);
            }
            for (Slot slot : slots) {
                assertThat(slot.failed).isNull();
            }
            return least;
        }
    }

    private void loop(Slot[] slots, AtomicInteger unstarted, AtomicInteger running) {
        unstarted.set(REQUESTS);
        running.set(slots.length);
        for (Slot slot : slots) {
            slot.next();
        }
        while (running.get() > 0) {
            LockSupport.park(this);
        }
    }

    /** The engine's threads and this one. */
    private static long[] threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(
                        thread ->
                                thread.equals(Thread.currentThread())
                                        || thread.getName().startsWith(THREADS))
                .mapToLong(Thread::threadId)
                .toArray();
    }

    /** Each call allocates a little, far below the limit. */
    private static long allocatedBytes(long[] threads) {
        long sum = 0;
        for (long thread : threads) {
            sum += BEAN.getThreadAllocatedBytes(thread);
        }
        return sum;
    }
}
