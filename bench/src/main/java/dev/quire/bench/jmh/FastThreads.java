package dev.quire.bench.jmh;

import io.netty.util.concurrent.DefaultThreadFactory;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the allocator's benchmarks: those of Netty's own kind, without which its
 * allocators do without most of their caches. To all others they are platform threads.
 */
public final class FastThreads extends ThreadPoolExecutor {
    /**
     * Made by JMH, by way of {@code jmh.executor.class}.
     *
     * @param threads how many are needed at once
     * @param prefix of their names
     */
    public FastThreads(int threads, String prefix) {
        super(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(prefix, true));
    }
}
