package dev.quire.allocator.debug;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Who allocated each frame, and who freed it last: call stack, thread and time.
 *
 * <p>Stacks and thread names are kept once each, in tables that fill up; a report then says so.
 * With sampling, one allocation in so many is tracked, chosen at random, so that no pattern of a
 * program hides from it; the others are reported as not sampled.
 *
 * <p>Only whoever owns a block alone records for it, for each of its frames. Anybody may read: what
 * is read while the block changes hands may mix two lives of it.
 */
public final class OwnerTracker {
    /** Different stacks that are kept. */
    public static final int STACKS_MAX = 4096;

    /** Different thread names that are kept. */
    public static final int THREADS_MAX = 1024;

    /** {@link #allocationSite}: the allocation was not sampled. */
    public static final int UNTRACKED = InternTable.NONE;

    /** The least number of a site. */
    public static final int SITE_MIN = InternTable.FULL;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1000;

    private final String entryClass;
    private final int oneIn;
    private final LongSupplier nanoClock;
    private final InternTable<CallStack> stacks;
    private final InternTable<String> threads;
    private final Events allocations;
    private final Events frees;

    /**
     * A tracker that knows nothing yet.
     *
     * @param frameCount how many frames there are, at least 1
     * @param oneIn track one allocation in so many, at least 1
     * @param entryClass the class whose calls and what they call are left out of stacks
     */
    public OwnerTracker(int frameCount, int oneIn, String entryClass) {
        this(frameCount, oneIn, entryClass, System::nanoTime, STACKS_MAX, THREADS_MAX);
    }

    OwnerTracker(
            int frameCount,
            int oneIn,
            String entryClass,
            LongSupplier nanoClock,
            int stacksMax,
            int threadsMax) {
        this.oneIn = oneIn;
        this.entryClass = entryClass;
        this.nanoClock = nanoClock;
        stacks = new InternTable<>(stacksMax);
        threads = new InternTable<>(threadsMax);
        allocations = new Events(frameCount);
        frees = new Events(frameCount);
    }

    /** One row a frame: which stack, which thread, when. */
    private static final class Events {
        private static final VarHandle INTS = MethodHandles.arrayElementVarHandle(int[].class);
        private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);
        static final int BYTES_PER_FRAME = Integer.BYTES + Integer.BYTES + Long.BYTES;

        private final int[] stacks;
        private final int[] threads;
        private final long[] nanos;

        Events(int frameCount) {
            stacks = new int[frameCount];
            threads = new int[frameCount];
            nanos = new long[frameCount];
        }

        void record(int frame, int stack, int thread, long atNanos) {
            INTS.setOpaque(stacks, frame, stack);
            INTS.setOpaque(threads, frame, thread);
            LONGS.setOpaque(nanos, frame, atNanos);
        }

        void clear(int frame) {
            INTS.setOpaque(stacks, frame, InternTable.NONE);
        }

        boolean has(int frame) {
            return stack(frame) != InternTable.NONE;
        }

        int stack(int frame) {
            return (int) INTS.getOpaque(stacks, frame);
        }

        int thread(int frame) {
            return (int) INTS.getOpaque(threads, frame);
        }

        long atNanos(int frame) {
            return (long) LONGS.getOpaque(nanos, frame);
        }
    }

    // ---- record

    /**
     * Records that the current thread allocates a block.
     *
     * @param head head frame of a block that nobody else can reach yet
     * @param count how many frames it has: each can be freed and reported as another block's
     */
    public void allocated(int head, int count) {
        boolean sampled = oneIn == 1 || ThreadLocalRandom.current().nextInt(oneIn) == 0;
        record(allocations, head, count, sampled);
    }

    /**
     * Records that the current thread frees a block, if its allocation is tracked.
     *
     * @param head head frame of a block that the caller owns alone
     * @param count how many frames it has
     */
    public void freed(int head, int count) {
        record(frees, head, count, allocations.has(head));
    }

    private void record(Events events, int head, int count, boolean sampled) {
        if (sampled) {
            int stack = stacks.intern(CallStack.capture(entryClass));
            int thread = threads.intern(threadName());
            long nowNanos = nanoClock.getAsLong();
            for (int frame = head; frame < head + count; frame++) {
                events.record(frame, stack, thread, nowNanos);
            }
        } else {
            for (int frame = head; frame < head + count; frame++) {
                events.clear(frame);
            }
        }
    }

    private static String threadName() {
        Thread thread = Thread.currentThread();
        String name = thread.getName();
        // Virtual threads mostly have no name, and are too many for one each.
        return name.isEmpty() && thread.isVirtual() ? "(virtual)" : name;
    }

    // ---- report

    /**
     * Where a block was allocated, as a number.
     *
     * @param head head frame of a block
     * @return the same for all blocks with one allocating stack, {@link #UNTRACKED}, or another one
     *     for all those that came when the table of stacks was full; {@link #SITE_MIN}..{@link
     *     #sites()}
     */
    public int allocationSite(int head) {
        return allocations.stack(head);
    }

    /**
     * The largest number of a site so far.
     *
     * @return 0..{@link #STACKS_MAX}
     */
    public int sites() {
        return stacks.size();
    }

    /**
     * The calls that led to the allocations of a site.
     *
     * @param site what {@link #allocationSite} answered
     * @return a line a call, the innermost first; or a line that says why there is none
     */
    public List<String> siteLines(int site) {
        CallStack stack = stacks.value(site);
        if (stack != null) {
            return stack.lines();
        }
        return List.of(site == InternTable.FULL ? stackTableFull() : notSampled());
    }

    /**
     * Where the current thread is.
     *
     * @return some lines, indented, the first one too
     */
    public String here() {
        List<String> calls = CallStack.capture(entryClass).lines();
        return "  found by thread " + threadName() + "\n    " + String.join("\n    ", calls);
    }

    /**
     * What is known of a frame's last allocation and last free.
     *
     * @param frame a frame, head or tail
     * @return some lines, indented, the first one too
     */
    public String history(int frame) {
        StringBuilder lines = new StringBuilder();
        if (allocations.has(frame)) {
            append(lines, "allocated", allocations, frame);
        } else {
            lines.append("  ").append(oneIn > 1 ? notSampled() : "never allocated");
        }
        if (frees.has(frame)) {
            // A block that is allocated again still knows who freed it before.
            boolean before = frees.atNanos(frame) - allocations.atNanos(frame) < 0;
            lines.append('\n');
            append(lines, before ? "freed before that," : "freed", frees, frame);
        }
        return lines.toString();
    }

    private void append(StringBuilder lines, String what, Events events, int head) {
        String thread = threads.value(events.thread(head));
        lines.append("  ").append(what).append(' ');
        appendAge(lines, nanoClock.getAsLong() - events.atNanos(head));
        lines.append(" ago by thread ").append(thread != null ? thread : "(thread table full)");
        for (String line : siteLines(events.stack(head))) {
            lines.append("\n    ").append(line);
        }
    }

    private static void appendAge(StringBuilder line, long nanos) {
        long millis = Math.max(0, nanos / NANOS_PER_MILLI);
        String fraction = Long.toString(MILLIS_PER_SECOND + millis % MILLIS_PER_SECOND);
        line.append(millis / MILLIS_PER_SECOND).append('.').append(fraction, 1, 4).append(" s");
    }

    private String notSampled() {
        return "(not sampled: 1 allocation in " + oneIn + " is)";
    }

    private String stackTableFull() {
        return "(stack table full: " + stacks.capacity() + " stacks)";
    }

    /**
     * Heap that the tracker takes, its bounded tables of stacks and names aside.
     *
     * @return bytes
     */
    public long metadataBytes() {
        return 2L * Events.BYTES_PER_FRAME * allocations.stacks.length;
    }

    /**
     * How full the tables are, in one line.
     *
     * @return for example {@code 1 allocation in 64, 12 of 4096 stacks, 3 of 1024 threads}
     */
    @Override
    public String toString() {
        return (oneIn == 1 ? "every allocation, " : "1 allocation in " + oneIn + ", ")
                + stacks.size()
                + " of "
                + stacks.capacity()
                + " stacks, "
                + threads.size()
                + " of "
                + threads.capacity()
                + " threads";
    }
}
