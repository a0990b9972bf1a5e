package dev.quire.bench.warm;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.bench.run.DirectOption;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One pass over a file by direct reads of the same engine, as large as the device likes them and
 * many at a time, into the same few buffers: the rate of the device.
 */
final class DeviceScan {
    private static final int READ_ORDER = 9;
    private static final int FRAME_BYTES = 4096;
    private static final int DEPTH = 8;
    private static final long READ_BYTES = (long) FRAME_BYTES << READ_ORDER;
    private static final long DEADLINE_MINUTES = 10;

    private final WarmOptions options;
    private final AtomicLong next = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(DEPTH);
    private volatile @Nullable Throwable failed;

    DeviceScan(WarmOptions options) {
        this.options = options;
    }

    /** Answers the nanoseconds it took. */
    long run(Path path) throws IOException, InterruptedException {
        try (PageAllocator buffers =
                        PageAllocator.create(
                                AllocatorConfig.builder()
                                        .capacityBytes(2 * DEPTH * READ_BYTES)
                                        .pageBytes(FRAME_BYTES)
                                        .build());
                AsyncIo io =
                        AsyncIo.open(AsyncIoConfig.builder().engine(options.engine()).build());
                AsyncFile file = io.open(path, StandardOpenOption.READ, DirectOption.DIRECT)) {
            int[] blocks = new int[DEPTH];
            for (int i = 0; i < DEPTH; i++) {
                blocks[i] = buffers.allocate(READ_ORDER);
                buffers.segment(blocks[i]).fill((byte) 1); // there before the clock starts
            }
            long start = System.nanoTime();
            for (int block : blocks) {
                readNext(file, buffers.segment(block));
            }
            if (!ended.await(DEADLINE_MINUTES, TimeUnit.MINUTES)) {
                throw new IOException("the device does not answer: file=" + path);
            }
            long nanos = System.nanoTime() - start;
            for (int block : blocks) {
                buffers.put(block);
            }
            if (failed != null) {
                throw new IOException("a read failed: file=" + path, failed);
            }
            return nanos;
        }
    }

    private void readNext(AsyncFile file, MemorySegment buffer) {
        long position = next.getAndAdd(READ_BYTES);
        if (position >= options.fileBytes() || failed != null) {
            ended.countDown();
            return;
        }
        file.read(
                buffer,
                position,
                (bytes, failure) -> {
                    failed = failure != null ? failure : failed;
                    readNext(file, buffer);
                });
    }
}
