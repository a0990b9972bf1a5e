package dev.quire.aio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Virtual threads that each read once while nothing else goes on, so that each wakes the owner of
 * the ring, and that then stay.
 */
final class VirtualSubmitters {
    static final int BYTES = 4096;
    static final int THREADS = 1000;

    private VirtualSubmitters() {}

    /** File; prints how many have read. */
    public static void main(String[] args) throws Exception {
        AsyncIoConfig config = AsyncIoConfig.builder().engine(Engine.URING).queueDepth(16).build();
        AsyncIo io = AsyncIo.open(config);
        AsyncFile file = io.open(Path.of(args[0]));
        MemorySegment memory = Arena.ofAuto().allocate(BYTES);
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < THREADS; i++) {
            CountDownLatch done = new CountDownLatch(1);
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    file.read(memory, 0);
                                    done.countDown();
                                    end.await();
                                } catch (Exception e) {
                                    throw new AssertionError(e);
                                }
                            });
            if (!done.await(10, TimeUnit.SECONDS)) {
                System.err.println("a read was lost: thread=" + i + ", " + io.stats());
                System.exit(1);
            }
        }
        end.countDown();
        file.close();
        io.close();
        System.out.println("read=" + THREADS);
    }
}
