package dev.quire.allocator;

import dev.quire.allocator.cache.FrameCache;
import dev.quire.allocator.debug.Handles;
import dev.quire.allocator.os.VirtualMemory;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.function.Consumer;

/** How an allocator is made. Immutable. */
public final class AllocatorConfig {
    /** The smallest frame, in bytes. */
    public static final int PAGE_BYTES_MIN = 4 << 10;

    /** The largest frame, in bytes. */
    public static final int PAGE_BYTES_MAX = 64 << 10;

    /** One allocation in so many is tracked by default, with {@link Tracking#SAMPLED}. */
    public static final int TRACKING_SAMPLE = 64;

    /** The most frames of an allocator. */
    public static final int FRAMES_MAX = 1 << 30;

    /** The most single frames that a frame cache may hold. */
    public static final int CACHE_FRAMES_MAX = FrameCache.LIMIT_MAX;

    private final int capacityFrames;
    private final int pageBytes;
    private final MemoryOption hugePages;
    private final MemoryOption hugetlb;
    private final MemoryOption mlock;
    private final MemoryOption prefault;
    private final int cacheFrames;
    private final Watermarks watermarks;
    private final boolean poison;
    private final Tracking tracking;
    private final int trackingSample;
    private final Consumer<BadPageReport> onBadPage;
    private final Consumer<LeakReport> onLeak;
    private final @Nullable String jmxName;

    private AllocatorConfig(Builder builder, int capacityFrames, Watermarks watermarks) {
        this.capacityFrames = capacityFrames;
        this.pageBytes = builder.pageBytes;
        this.hugePages = builder.hugePages;
        this.hugetlb = builder.hugetlb;
        this.mlock = builder.mlock;
        this.prefault = builder.prefault;
        this.cacheFrames = builder.cacheFramesOf(capacityFrames);
        this.watermarks = watermarks;
        this.poison = builder.poison;
        this.tracking = builder.tracking;
        this.trackingSample = builder.trackingSample;
        this.onBadPage = builder.onBadPage;
        this.onLeak = builder.onLeak;
        this.jmxName = builder.jmxName;
    }

    /**
     * A configuration with every value at its default.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Frames of the region.
     *
     * @return 1..{@link #FRAMES_MAX}
     */
    public int capacityFrames() {
        return capacityFrames;
    }

    /**
     * Bytes of a frame.
     *
     * @return a power of two, {@link #PAGE_BYTES_MIN}..{@link #PAGE_BYTES_MAX}
     */
    public int pageBytes() {
        return pageBytes;
    }

    /**
     * Whether the system is asked for transparent huge pages.
     *
     * @return how much it matters
     */
    public MemoryOption hugePages() {
        return hugePages;
    }

    /**
     * Whether the memory is made of huge pages of the system's pool.
     *
     * @return how much it matters
     */
    public MemoryOption hugetlb() {
        return hugetlb;
    }

    /**
     * Whether the memory is locked.
     *
     * @return how much it matters
     */
    public MemoryOption mlock() {
        return mlock;
    }

    /**
     * Whether the memory is provided before it is used.
     *
     * @return how much it matters
     */
    public MemoryOption prefault() {
        return prefault;
    }

    /**
     * Single frames that a frame cache may hold.
     *
     * @return 0..{@link #CACHE_FRAMES_MAX}
     */
    public int cacheFrames() {
        return cacheFrames;
    }

    Watermarks watermarks() {
        return watermarks;
    }

    /**
     * Whether free frames hold a pattern.
     *
     * @return true if they do
     */
    public boolean poison() {
        return poison;
    }

    /**
     * How much is remembered of who allocated and who freed.
     *
     * @return how much
     */
    public Tracking tracking() {
        return tracking;
    }

    /**
     * How many allocations there are for one that is tracked, with {@link Tracking#SAMPLED}.
     *
     * @return at least 1
     */
    public int trackingSample() {
        return trackingSample;
    }

    /** Whether any debug mode is on. */
    boolean debugs() {
        return poison || tracking != Tracking.OFF;
    }

    Consumer<BadPageReport> onBadPage() {
        return onBadPage;
    }

    Consumer<LeakReport> onLeak() {
        return onLeak;
    }

    /**
     * What its statistics are called in JMX.
     *
     * @return null when they are not there
     */
    public @Nullable String jmxName() {
        return jmxName;
    }

    @Override
    public String toString() {
        return "AllocatorConfig[capacityFrames="
                + capacityFrames
                + ", pageBytes="
                + pageBytes
                + ", hugePages="
                + hugePages
                + ", hugetlb="
                + hugetlb
                + ", mlock="
                + mlock
                + ", prefault="
                + prefault
                + ", cacheFrames="
                + cacheFrames
                + ", poison="
                + poison
                + ", tracking="
                + tracking
                + ", "
                + watermarks
                + "]";
    }

    /** Collects values; {@link #build} checks them. Not thread-safe. */
    public static final class Builder {
        private static final int AUTO = -1;
        private static final long HUGE_BYTES = VirtualMemory.HUGE_BYTES;

        /** A cache of fewer frames than this saves too few visits to the zone. */
        private static final int CACHE_FRAMES_AUTO_MIN = 8;

        private long capacityBytes = 64L << 20;
        private int pageBytes = PAGE_BYTES_MIN;
        private MemoryOption hugePages = MemoryOption.WANTED;
        private MemoryOption hugetlb = MemoryOption.OFF;
        private MemoryOption mlock = MemoryOption.OFF;
        private MemoryOption prefault = MemoryOption.OFF;
        private int cacheFrames = AUTO;
        private boolean watermarksSet;
        private int minFrames;
        private int lowFrames;
        private int highFrames;
        private boolean poison;
        private Tracking tracking = Tracking.OFF;
        private int trackingSample = TRACKING_SAMPLE;
        private Consumer<BadPageReport> onBadPage = report -> {};
        private Consumer<LeakReport> onLeak = report -> {};
        private @Nullable String jmxName;

        private Builder() {}

        /**
         * Memory for frames; default 64 MiB. Rounded down to whole frames. Address space only,
         * until the frames are used; but some 38 bytes of Java heap for each of them at once.
         *
         * @param capacityBytes at least one frame, at most {@link #FRAMES_MAX} of them
         * @return this
         */
        public Builder capacityBytes(long capacityBytes) {
            this.capacityBytes = capacityBytes;
            return this;
        }

        /**
         * Bytes of a frame; default 4096.
         *
         * @param pageBytes a power of two, {@link #PAGE_BYTES_MIN}..{@link #PAGE_BYTES_MAX}
         * @return this
         */
        public Builder pageBytes(int pageBytes) {
            this.pageBytes = pageBytes;
            return this;
        }

        /**
         * Whether to ask for transparent huge pages; default WANTED. A region of less than one of
         * them (2 MiB) does without.
         *
         * @param option REQUIRED is refused by a system that has them switched off; it does not
         *     promise that there always is one to be had
         * @return this
         */
        public Builder hugePages(MemoryOption option) {
            this.hugePages = Objects.requireNonNull(option, "hugePages");
            return this;
        }

        /**
         * Whether to take the memory from the system's pool of huge pages (vm.nr_hugepages);
         * default OFF. All of it is taken at once, is in memory from the beginning, is never
         * swapped, and goes back at close; the other three options have nothing left to do then.
         *
         * @param option WANTED falls back to ordinary memory and the other options
         * @return this
         */
        public Builder hugetlb(MemoryOption option) {
            this.hugetlb = Objects.requireNonNull(option, "hugetlb");
            return this;
        }

        /**
         * Whether to keep the memory from being swapped out; default OFF. All of it counts against
         * RLIMIT_MEMLOCK, but none is provided before it is touched: that is what {@link #prefault}
         * is for.
         *
         * @param option WANTED falls back to memory that may be swapped
         * @return this
         */
        public Builder mlock(MemoryOption option) {
            this.mlock = Objects.requireNonNull(option, "mlock");
            return this;
        }

        /**
         * Whether to have all of the memory provided before the allocator is there, so that nobody
         * meets a page fault later; default OFF. It takes a while (the system clears it), and a
         * system that overcommits may end processes rather than refuse it.
         *
         * @param option WANTED falls back to memory that is provided when it is touched
         * @return this
         */
        public Builder prefault(MemoryOption option) {
            this.prefault = Objects.requireNonNull(option, "prefault");
            return this;
        }

        /**
         * How many single frames a frame cache may hold; half as many in blocks of 2, of 4 and of 8
         * of them each. Every platform thread that allocates has a cache, virtual threads share a
         * few. The default is 1/1024 of the capacity, so that fragmentation stays low: none below
         * 8192 frames, and 64, the most, from 65536 on. A cache keeps blocks of one run of 512
         * frames at a time. What caches hold is given back before an allocation fails.
         *
         * @param cacheFrames 0..{@link #CACHE_FRAMES_MAX}; 0 for no caches
         * @return this
         */
        public Builder cacheFrames(int cacheFrames) {
            check(
                    cacheFrames >= 0 && cacheFrames <= CACHE_FRAMES_MAX,
                    "frames of a cache must be 0.."
                            + CACHE_FRAMES_MAX
                            + ": cacheFrames="
                            + cacheFrames);
            this.cacheFrames = cacheFrames;
            return this;
        }

        private int cacheFramesOf(int capacityFrames) {
            if (poison || tracking != Tracking.OFF) {
                return 0; // Every block passes the places that look at it.
            }
            if (cacheFrames != AUTO) {
                return cacheFrames;
            }
            int share = capacityFrames / 1024;
            return share < CACHE_FRAMES_AUTO_MIN ? 0 : Math.min(share, CACHE_FRAMES_MAX);
        }

        /**
         * Free frames at which reclaim begins and ends. The default grows with the square root of
         * the capacity, and is a small part of it, at most 1/128 for min; and the default min
         * counts only while a shrinker is registered: without one every frame can be had.
         *
         * @param minFrames kept for reclaim, write-back and completions, at least 0
         * @param lowFrames below it the shrinker is woken, at least minFrames
         * @param highFrames up to it background reclaim runs, at least lowFrames, at most the
         *     capacity
         * @return this
         */
        public Builder watermarksFrames(int minFrames, int lowFrames, int highFrames) {
            this.watermarksSet = true;
            this.minFrames = minFrames;
            this.lowFrames = lowFrames;
            this.highFrames = highFrames;
            return this;
        }

        /**
         * Whether a freed block is filled with a pattern, which is checked when its frames are
         * allocated again; default false. A write after free is reported, and the block
         * quarantined. Turns frame caches off, and costs the fill and the check of every block.
         *
         * @param poison whether to
         * @return this
         */
        public Builder poison(boolean poison) {
            this.poison = poison;
            return this;
        }

        /**
         * How much is remembered of who allocated and who freed, for reports of misuse and leaks;
         * default {@link Tracking#OFF}. All else turns frame caches off; {@link Tracking#FULL}
         * needs 4 bits of an int for generations, so that it is refused above 2^27 frames.
         *
         * @param tracking how much
         * @return this
         */
        public Builder tracking(Tracking tracking) {
            this.tracking = Objects.requireNonNull(tracking, "tracking");
            return this;
        }

        /**
         * With {@link Tracking#SAMPLED}: track one allocation in so many, on average; default
         * {@link #TRACKING_SAMPLE}.
         *
         * @param oneIn at least 1
         * @return this
         */
        public Builder trackingSample(int oneIn) {
            check(oneIn >= 1, "tracking sample must be at least 1: oneIn=" + oneIn);
            this.trackingSample = oneIn;
            return this;
        }

        /**
         * Told of misuse, besides the log, up to 60 times a minute. Runs on the thread that was
         * caught, must not block; what it throws is logged.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onBadPage(Consumer<BadPageReport> handler) {
            this.onBadPage = Objects.requireNonNull(handler, "onBadPage");
            return this;
        }

        /**
         * Told at close of what is still allocated, besides the log. What it throws is logged.
         *
         * @param handler the handler
         * @return this
         */
        public Builder onLeak(Consumer<LeakReport> handler) {
            this.onLeak = Objects.requireNonNull(handler, "onLeak");
            return this;
        }

        /**
         * Shows the allocator's numbers in JMX, as an {@link AllocatorMXBean}, until it is closed.
         *
         * @param name no other allocator of this JVM has it: {@link PageAllocator#create} fails
         *     otherwise; none by default
         * @return this
         */
        public Builder jmxName(String name) {
            this.jmxName = Objects.requireNonNull(name, "jmxName");
            return this;
        }

        /**
         * Checks the values.
         *
         * @return the configuration
         * @throws IllegalArgumentException naming the value and its limit
         */
        public AllocatorConfig build() {
            check(
                    pageBytes >= PAGE_BYTES_MIN
                            && pageBytes <= PAGE_BYTES_MAX
                            && Integer.bitCount(pageBytes) == 1,
                    "page size must be a power of two in "
                            + PAGE_BYTES_MIN
                            + ".."
                            + PAGE_BYTES_MAX
                            + ": pageBytes="
                            + pageBytes);
            check(
                    capacityBytes >= pageBytes,
                    "capacity must be at least one page of "
                            + pageBytes
                            + " bytes: capacityBytes="
                            + capacityBytes);
            long frames = capacityBytes / pageBytes;
            check(
                    hugePages != MemoryOption.REQUIRED || capacityBytes >= HUGE_BYTES,
                    "capacity must be at least one huge page of "
                            + HUGE_BYTES
                            + " bytes when hugePages is REQUIRED: capacityBytes="
                            + capacityBytes);
            check(
                    frames <= FRAMES_MAX,
                    "capacity must be at most 2^30 pages of "
                            + pageBytes
                            + " bytes: capacityBytes="
                            + capacityBytes);
            check(
                    tracking != Tracking.FULL || frames <= Handles.FRAMES_MAX,
                    "tracking FULL needs "
                            + Handles.GENERATION_BITS_MIN
                            + " bits of a handle for generations, so at most "
                            + Handles.FRAMES_MAX
                            + " frames: capacityFrames="
                            + frames);
            return new AllocatorConfig(this, (int) frames, watermarks((int) frames));
        }

        private Watermarks watermarks(int capacityFrames) {
            if (!watermarksSet) {
                return Watermarks.scaled(capacityFrames, pageBytes);
            }
            check(
                    0 <= minFrames
                            && minFrames <= lowFrames
                            && lowFrames <= highFrames
                            && highFrames <= capacityFrames,
                    "watermarks must be 0 <= min <= low <= high <= capacity: min="
                            + minFrames
                            + ", low="
                            + lowFrames
                            + ", high="
                            + highFrames
                            + ", capacity="
                            + capacityFrames
                            + " frames");
            return new Watermarks(minFrames, lowFrames, highFrames, true);
        }

        private static void check(boolean holds, String rule) {
            if (!holds) {
                throw new IllegalArgumentException(rule);
            }
        }
    }
}
