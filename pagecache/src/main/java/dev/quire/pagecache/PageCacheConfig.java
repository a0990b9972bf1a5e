package dev.quire.pagecache;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.allocator.AllocatorConfig;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * How a page cache is set up. Immutable.
 *
 * @param memoryBytes memory for pages, in bytes; at least {@link #PAGES_MIN} pages
 * @param pageBytes size of a page, a power of two from 4096 to 65536
 * @param io how files are read and written
 * @param dirtyBackgroundPercent part of the pages that may be dirty before the flusher starts
 * @param dirtyHardPercent part of the pages that may be dirty before writers wait
 * @param dirtyAge how long a page stays dirty at most before the flusher writes it
 * @param stallMax how long a thread waits at most for a frame
 * @param readAheadBytes how far a file is read ahead of who reads it in order, at most
 * @param checking whether cursors watch how they are used
 * @param threading who runs the cache's agents, and how
 * @param closeMax how long {@link PageCache#close} takes at most
 * @param memoryPressure tells when the system is short of memory; null when nobody asks
 * @param replacement which page goes when a frame is needed
 * @param compactionPages how many pages are moved at a time in the background, to make large free
 *     blocks; 0 for only when a large block is wanted
 * @param snapshots what snapshots of files may cost
 * @param region what is changed of the allocator's defaults
 * @param jmxName what its statistics are called in JMX; null when they are not there
 * @param statsFile where its statistics are written once a second; null for nowhere
 */
public record PageCacheConfig(
        long memoryBytes,
        int pageBytes,
        AsyncIoConfig io,
        int dirtyBackgroundPercent,
        int dirtyHardPercent,
        Duration dirtyAge,
        Duration stallMax,
        long readAheadBytes,
        boolean checking,
        Threading threading,
        Duration closeMax,
        @Nullable PressureSource memoryPressure,
        ReplacementPolicy replacement,
        int compactionPages,
        SnapshotLimits snapshots,
        UnaryOperator<AllocatorConfig.Builder> region,
        @Nullable String jmxName,
        @Nullable Path statsFile) {
    /** The fewest pages that a cache can work with. */
    public static final int PAGES_MIN = 64;

    private static final Duration TIME_MAX = Duration.ofDays(365);
    private static final int PAGE_BYTES_MIN = 4096;
    private static final int PAGE_BYTES_MAX = 65536;

    /**
     * Checks every value.
     *
     * @throws IllegalArgumentException naming the value and its limit
     */
    public PageCacheConfig {
        if (pageBytes < PAGE_BYTES_MIN
                || pageBytes > PAGE_BYTES_MAX
                || Integer.bitCount(pageBytes) != 1) {
            throw new IllegalArgumentException(
                    "page size must be a power of two from 4096 to 65536 bytes: pageBytes="
                            + pageBytes);
        }
        if (memoryBytes < (long) PAGES_MIN * pageBytes) {
            throw new IllegalArgumentException(
                    "memory must be at least "
                            + PAGES_MIN
                            + " pages, here "
                            + (long) PAGES_MIN * pageBytes
                            + " bytes: memoryBytes="
                            + memoryBytes);
        }
        if (dirtyBackgroundPercent < 1
                || dirtyHardPercent > 90
                || dirtyBackgroundPercent >= dirtyHardPercent) {
            throw new IllegalArgumentException(
                    "dirty limits must be 1 <= background < hard <= 90 percent: background="
                            + dirtyBackgroundPercent
                            + ", hard="
                            + dirtyHardPercent);
        }
        if (readAheadBytes < 0) {
            throw new IllegalArgumentException(
                    "read-ahead must be at least 0 bytes: readAheadBytes=" + readAheadBytes);
        }
        if (compactionPages < 0) {
            throw new IllegalArgumentException(
                    "pages to compact at a time must be at least 0: compactionPages="
                            + compactionPages);
        }
        if (dirtyAge.isNegative() || dirtyAge.isZero() || dirtyAge.compareTo(TIME_MAX) > 0) {
            throw new IllegalArgumentException(
                    "dirty age must be positive, and at most "
                            + TIME_MAX
                            + ": dirtyAge="
                            + dirtyAge);
        }
        if (stallMax.isNegative() || stallMax.compareTo(TIME_MAX) > 0) {
            throw new IllegalArgumentException(
                    "stall must be from 0 to " + TIME_MAX + ": stallMax=" + stallMax);
        }
        if (closeMax.isNegative() || closeMax.compareTo(TIME_MAX) > 0) {
            throw new IllegalArgumentException(
                    "close must take from 0 to " + TIME_MAX + ": closeMax=" + closeMax);
        }
    }

    /**
     * Starts a configuration from the defaults: pages of 8 KiB, memory as {@link
     * Builder#memoryBytes} says.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects the values of a {@link PageCacheConfig}. */
    public static final class Builder {
        private static final long AUTO = Long.MIN_VALUE;

        private long memoryBytes = AUTO;
        private int pageBytes = 8192;
        private AsyncIoConfig io = AsyncIoConfig.builder().build();
        private int dirtyBackgroundPercent = 10;
        private int dirtyHardPercent = 40;
        private Duration dirtyAge = Duration.ofSeconds(5);
        private Duration stallMax = Duration.ofSeconds(30);
        private long readAheadBytes = 1 << 20;
        private boolean checking;
        private Threading threading = Threading.own();
        private Duration closeMax = Duration.ofMinutes(2);
        private @Nullable PressureSource memoryPressure;
        private ReplacementPolicy replacement = ReplacementPolicy.RTQ;
        private int compactionPages;
        private SnapshotLimits snapshots = SnapshotLimits.DEFAULT;
        private UnaryOperator<AllocatorConfig.Builder> region = UnaryOperator.identity();
        private @Nullable String jmxName;
        private @Nullable Path statsFile;

        private Builder() {}

        /**
         * Sets the memory for pages. By default a quarter of what the machine has, or the control
         * group lets the process have, beyond the largest Java heap ({@code -Xmx}); so that a JVM
         * can have more than one cache, and the system its own.
         *
         * @param bytes at least 64 pages
         * @return this
         */
        public Builder memoryBytes(long bytes) {
            memoryBytes = bytes;
            return this;
        }

        /**
         * Sets the page size.
         *
         * @param bytes a power of two from 4096 to 65536
         * @return this
         */
        public Builder pageBytes(int bytes) {
            pageBytes = bytes;
            return this;
        }

        /**
         * Sets how files are read and written.
         *
         * @param config of the I/O engine that the cache opens for itself
         * @return this
         */
        public Builder io(AsyncIoConfig config) {
            io = config;
            return this;
        }

        /**
         * Sets the dirty limits.
         *
         * @param backgroundPercent of the pages, 1..89: the flusher starts
         * @param hardPercent of the pages, above background, at most 90: writers wait
         * @return this
         */
        public Builder dirtyPercent(int backgroundPercent, int hardPercent) {
            dirtyBackgroundPercent = backgroundPercent;
            dirtyHardPercent = hardPercent;
            return this;
        }

        /**
         * Sets how long a page stays dirty at most before the flusher writes it.
         *
         * @param age positive, at most 365 days
         * @return this
         */
        public Builder dirtyAge(Duration age) {
            dirtyAge = age;
            return this;
        }

        /**
         * Sets how long a thread waits at most for a frame before it fails.
         *
         * @param max 0 to 365 days
         * @return this
         */
        public Builder stallMax(Duration max) {
            stallMax = max;
            return this;
        }

        /**
         * Sets how far a file is read ahead of who reads it in order, unless {@link
         * PagedFile#readAheadBytes} says otherwise for it. Reading begins with little and grows to
         * this; an eighth of the cache is the most that counts.
         *
         * @param bytes at least 0; below two pages nothing is read ahead; 1 MiB by default
         * @return this
         */
        public Builder readAheadBytes(long bytes) {
            readAheadBytes = bytes;
            return this;
        }

        /**
         * Has cursors watch how they are used, for the tests of an engine: an optimistic read often
         * gives garbage first, and has to be repeated; a cursor that leaves a page whose bytes were
         * read without {@link PageCursor#retry} throws, and so does one that two threads use at
         * once. Slow; without it the checks cost nothing.
         *
         * @param checking true to watch; false by default
         * @return this
         */
        public Builder checking(boolean checking) {
            this.checking = checking;
            return this;
        }

        /**
         * Sets who runs the cache's agents, and how.
         *
         * @param threading own threads by default
         * @return this
         */
        public Builder threading(Threading threading) {
            this.threading = Objects.requireNonNull(threading, "threading");
            return this;
        }

        /**
         * Sets how long {@link PageCache#close} takes at most.
         *
         * @param max 0 to 365 days; 2 minutes by default
         * @return this
         */
        public Builder closeMax(Duration max) {
            closeMax = max;
            return this;
        }

        /**
         * Has the cache follow the memory pressure of the system: while tasks wait for memory in
         * more than a tenth of the time, it uses an eighth less every ten seconds, down to a
         * quarter; and when there was none for a while, more again. Costs a thread.
         *
         * @param source {@link PressureSource#ofThisProcess}, say; none by default
         * @return this
         */
        public Builder memoryPressure(PressureSource source) {
            memoryPressure = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Sets which page goes when a frame is needed.
         *
         * @param policy {@link ReplacementPolicy#RTQ} by default
         * @return this
         */
        public Builder replacement(ReplacementPolicy policy) {
            replacement = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Has large free blocks made in the background, ten times a second at most, by moving so
         * many pages at a time, see {@link PageCache#compact}. Costs a thread.
         *
         * @param pagesPerTurn at least 0; a block of 2 MiB in which more pages lie stays as it is;
         *     0 by default, for no such thread
         * @return this
         */
        public Builder compaction(int pagesPerTurn) {
            compactionPages = pagesPerTurn;
            return this;
        }

        /**
         * Sets what snapshots of files may cost.
         *
         * @param limits {@link SnapshotLimits#DEFAULT} by default
         * @return this
         */
        public Builder snapshots(SnapshotLimits limits) {
            snapshots = Objects.requireNonNull(limits, "limits");
            return this;
        }

        /**
         * Changes the allocator's defaults: huge pages, locked or prefaulted memory, poison,
         * tracking of who leaks frames. Memory and page size are the cache's.
         *
         * @param options applied to the allocator's configuration
         * @return this
         */
        public Builder region(UnaryOperator<AllocatorConfig.Builder> options) {
            region = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Shows the cache's statistics in JMX, as a {@link PageCacheMXBean}, until it is closed;
         * {@code quire stat PID} reads them there.
         *
         * @param name no other cache of this JVM has it: {@link PageCache#create} fails otherwise;
         *     none by default
         * @return this
         */
        public Builder jmxName(String name) {
            jmxName = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Has the cache's statistics written once a second to a file of text, a name and a number a
         * line, which {@code quire stat --file} reads, as anything can. It is replaced as a whole,
         * and removed when the cache is closed. Costs a thread.
         *
         * @param path a file of this cache alone, in a directory that exists; one that is there and
         *     holds no such statistics is not replaced, and {@link PageCache#create} fails; none by
         *     default
         * @return this
         */
        public Builder statsFile(Path path) {
            statsFile = Objects.requireNonNull(path, "path");
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the values so far
         * @throws IllegalArgumentException naming a value and its limit
         */
        public PageCacheConfig build() {
            return new PageCacheConfig(
                    memoryBytes == AUTO
                            ? MemoryBudget.ofThisProcess().cacheBytes(pageBytes)
                            : memoryBytes,
                    pageBytes,
                    io,
                    dirtyBackgroundPercent,
                    dirtyHardPercent,
                    dirtyAge,
                    stallMax,
                    readAheadBytes,
                    checking,
                    threading,
                    closeMax,
                    memoryPressure,
                    replacement,
                    compactionPages,
                    snapshots,
                    region,
                    jmxName,
                    statsFile);
        }
    }
}
