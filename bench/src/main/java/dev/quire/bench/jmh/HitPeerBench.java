package dev.quire.bench.jmh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What one would write instead of a page cache, doing what {@link PageHitBench} does: a long of a
 * page that is in memory. A mapped file; Caffeine holding direct buffers, each with a count of its
 * users, since an evicted one may still be read; a hash map of pages with a lock each; a {@link
 * FileChannel} that copies the page out of the kernel's cache.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"-Xmx2g", "-XX:MaxDirectMemorySize=1g"})
@State(Scope.Benchmark)
public class HitPeerBench {
    private static final int PAGE_BYTES = 8192;

    /** 256: hot; 65536: 512 MiB, which no CPU cache holds. */
    @Param({"256", "65536"})
    private int pages;

    private final ConcurrentMap<Long, Locked> map = new ConcurrentHashMap<>();

    @SuppressWarnings("NullAway.Init") // by open
    private Cache<Long, Counted> cache;

    @SuppressWarnings("NullAway.Init") // by open
    private Path path;

    @SuppressWarnings("NullAway.Init") // by open
    private FileChannel channel;

    @SuppressWarnings("NullAway.Init") // by open
    private MemorySegment mapped;

    /** Made by JMH. */
    public HitPeerBench() {}

    /** A page with a count of its users, one of them the cache. */
    private static final class Counted {
        private final ByteBuffer bytes;
        private final AtomicInteger users = new AtomicInteger(1);

        Counted(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        boolean retain() {
            int now = users.get();
            while (now > 0) {
                int seen = users.compareAndExchange(now, now + 1);
                if (seen == now) {
                    return true;
                }
                now = seen;
            }
            return false;
        }

        void release() {
            users.decrementAndGet();
        }
    }

    private record Locked(ReentrantLock lock, ByteBuffer bytes) {}

    /** One thread's buffer for copies. */
    @State(Scope.Thread)
    public static class Copy {
        private final ByteBuffer bytes =
                ByteBuffer.allocateDirect(PAGE_BYTES).order(ByteOrder.nativeOrder());

        /** Made by JMH. */
        public Copy() {}
    }

    /**
     * Fills every peer with the same pages.
     *
     * @throws IOException if the file cannot be written
     */
    @Setup(Level.Trial)
    public void open() throws IOException {
        path = Files.createTempFile("quire-hit-peer", ".pages");
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        cache = Caffeine.newBuilder().maximumSize(2L * pages).build();
        ByteBuffer all = ByteBuffer.allocateDirect(pages * PAGE_BYTES);
        for (int page = 0; page < pages; page++) {
            ByteBuffer bytes = all.slice(page * PAGE_BYTES, PAGE_BYTES);
            bytes.order(ByteOrder.nativeOrder()).putLong(0, page);
            cache.put((long) page, new Counted(bytes.order(ByteOrder.nativeOrder())));
            map.put((long) page, new Locked(new ReentrantLock(), bytes));
            channel.write(bytes.duplicate(), (long) page * PAGE_BYTES);
        }
        mapped =
                channel.map(
                        FileChannel.MapMode.READ_WRITE,
                        0,
                        (long) pages * PAGE_BYTES,
                        Arena.global());
    }

    /**
     * Removes the file.
     *
     * @throws IOException if it cannot
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        channel.close();
        Files.delete(path);
    }

    /**
     * A mapped file.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long mmap(PageNumbers random) {
        return mapped.get(ValueLayout.JAVA_LONG, random.next(pages) * PAGE_BYTES);
    }

    /**
     * Caffeine holding direct buffers with a count of users.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long caffeine(PageNumbers random) {
        long page = random.next(pages);
        while (true) {
            Counted entry = cache.getIfPresent(page);
            if (entry != null && entry.retain()) {
                try {
                    return entry.bytes.getLong(0);
                } finally {
                    entry.release();
                }
            }
        }
    }

    /**
     * A hash map of pages with a lock each.
     *
     * @param random of this thread
     * @return what was read
     */
    @Benchmark
    public long mapWithLocks(PageNumbers random) {
        Locked entry = map.get(random.next(pages));
        if (entry == null) {
            return -1;
        }
        entry.lock.lock();
        try {
            return entry.bytes.getLong(0);
        } finally {
            entry.lock.unlock();
        }
    }

    /**
     * A copy of the page out of the kernel's cache.
     *
     * @param random of this thread
     * @param copy of this thread
     * @return what was read
     * @throws IOException if it cannot be read
     */
    @Benchmark
    public long fileChannel(PageNumbers random, Copy copy) throws IOException {
        copy.bytes.clear();
        channel.read(copy.bytes, random.next(pages) * PAGE_BYTES);
        return copy.bytes.getLong(0);
    }
}
