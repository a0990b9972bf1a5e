package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An io_uring: a queue of entries to the kernel, a queue of events back, and a doorbell.
 *
 * <p>It belongs to the thread that opened it; only {@link #wake} is for others. That thread sleeps
 * in {@link #enter} alone. A read of an eventfd is always under way in the ring, so that whoever
 * writes to the eventfd ends the sleep.
 *
 * <pre>
 *   owner: add* -> enter(sleep) -> next*          others: wake -> eventfd -> event in the ring
 * </pre>
 *
 * <p>Files are registered on their first use and memory on request; both are used without a word
 * from then on. Where the kernel knows no better, they are used as they are.
 */
public final class Uring implements AutoCloseable {
    /** A sleep without an end but an event's or the doorbell's. */
    public static final long FOREVER = Long.MAX_VALUE;

    /** How many pieces of registered memory a ring takes. */
    public static final int MEMORY_PLACES = FixedMemory.PLACES;

    /** For {@link #write}: the bytes are durable when it is over. */
    public static final int DATA_SYNC = 2;

    private static final int READV = 1;
    private static final int WRITEV = 2;
    private static final int FSYNC = 3;
    private static final int READ_FIXED = 4;
    private static final int WRITE_FIXED = 5;
    private static final int ASYNC_CANCEL = 14;
    private static final int FALLOCATE = 17;
    private static final int READ = 22;
    private static final int WRITE = 23;
    private static final int[] NEEDED = {
        READV, WRITEV, FSYNC, READ_FIXED, WRITE_FIXED, READ, WRITE
    };

    private static final int FSYNC_DATASYNC = 1;

    /** Places kept for a linked sync, the doorbell and a cancel. */
    private static final int ENTRIES_KEPT = 3;

    /** Tags of the ring's own entries; those of callers are 0 or more. */
    private static final long DOORBELL = -1;

    private static final long CANCEL = -2;

    private final RingParts parts;
    private final RingEnter way;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final FixedFiles files;
    private final FixedMemory memory;
    private final RingCapabilities capabilities;
    private final EventFd doorbell;
    private final MemorySegment doorbellCount;
    private final int underWayMax;

    private int underWay;
    private boolean doorbellArmed;
    private boolean draining;
    private long wakes;

    private Uring(RingParts parts, RingOptions options, EventFd doorbell, Arena arena) {
        this.parts = parts;
        this.doorbell = doorbell;
        RingMemory rings = new RingMemory(parts.rings());
        submissions = new SubmissionQueue(rings, new RingMemory(parts.entries()), parts.params());
        completions = new CompletionQueue(rings, parts.params());
        underWayMax = parts.params().cqEntries() - ENTRIES_KEPT;
        files = FixedFiles.open(parts.fd(), arena);
        memory = new FixedMemory(parts.fd(), parts.hasFeature(RingParams.FEATURE_REGISTER_UPDATE));
        doorbellCount = arena.allocate(ValueLayout.JAVA_LONG);
        way = new RingEnter(parts, options, submissions, arena);
        capabilities =
                new RingCapabilities(
                        files.isPossible(),
                        memory.isPossible(),
                        way.isRegistered(),
                        way.canTimeSleep(),
                        OpcodeProbe.supports(parts.probe(), ASYNC_CANCEL),
                        OpcodeProbe.supports(parts.probe(), FALLOCATE),
                        parts.hasFlag(RingFlags.DEFER_TASKRUN),
                        options.submissionPolling(),
                        options.completionPolling());
    }

    /**
     * Makes an ordinary ring for the calling thread.
     *
     * @param depth most requests under way at once, 1 to 32768
     * @return the ring, to be closed by the calling thread
     * @throws RingException the kernel refused; says why and what helps
     */
    public static Uring open(int depth) throws RingException {
        return open(RingOptions.ofDepth(depth));
    }

    /**
     * Makes a ring for the calling thread.
     *
     * @param options what kind
     * @return the ring, to be closed by the calling thread
     * @throws RingException the kernel refused; says why and what helps
     */
    public static Uring open(RingOptions options) throws RingException {
        // The collector's: a thread may still be on its way out of wake() when the ring is closed.
        Arena arena = Arena.ofAuto();
        RingParts parts = RingParts.make(options, arena, NEEDED);
        try {
            return open(parts, options, EventFd.open(arena), arena);
        } catch (RingException | RuntimeException | Error e) {
            parts.free();
            throw e;
        }
    }

    private static Uring open(RingParts parts, RingOptions options, EventFd doorbell, Arena arena) {
        try {
            return new Uring(parts, options, doorbell, arena);
        } catch (RuntimeException | Error e) { // no native memory
            doorbell.close();
            throw e;
        }
    }

    /**
     * What its kernel can do for it.
     *
     * @return always the same value
     */
    public RingCapabilities capabilities() {
        return capabilities;
    }

    /**
     * The flags of the kind of ring that the kernel made.
     *
     * @return {@code IORING_SETUP_*}
     */
    public int flags() {
        return parts.params().flags();
    }

    // ---- entries

    /**
     * Whether there is no room for a request with its linked sync; {@link #enter} makes room, or
     * {@link #next}.
     *
     * @return true when the next entry must wait
     */
    public boolean isFull() {
        return submissions.pending() >= submissions.capacity() - ENTRIES_KEPT
                || underWay >= underWayMax;
    }

    /**
     * Adds a read. The memory and the file belong to the kernel until the event.
     *
     * @param fd descriptor
     * @param address memory to fill
     * @param bytes length in bytes
     * @param position offset in the file in bytes
     * @param tag what the event is to carry, 0 or more
     */
    public void read(int fd, long address, int bytes, long position, long tag) {
        int place = memory.place(address, bytes);
        if (place < 0) {
            add(READ, 0, fd, address, bytes, position, 0, 0, tag);
        } else {
            add(READ_FIXED, 0, fd, address, bytes, position, 0, place, tag);
        }
    }

    /**
     * Adds a write. The memory and the file belong to the kernel until the event.
     *
     * @param fd descriptor
     * @param address memory to write from
     * @param bytes length in bytes
     * @param position offset in the file in bytes
     * @param flags 0 or {@link #DATA_SYNC}
     * @param linked whether the entry added next, at once, is to begin when all was written, and to
     *     be cancelled otherwise
     * @param tag what the event is to carry, 0 or more
     */
    public void write(
            int fd, long address, int bytes, long position, int flags, boolean linked, long tag) {
        int place = memory.place(address, bytes);
        int link = linked ? SubmissionQueue.LINK : 0;
        if (place < 0) {
            add(WRITE, link, fd, address, bytes, position, flags, 0, tag);
        } else {
            add(WRITE_FIXED, link, fd, address, bytes, position, flags, place, tag);
        }
    }

    /**
     * Adds a vectored read. The vector too belongs to the kernel until the event.
     *
     * @param fd descriptor
     * @param vector memory to fill
     * @param position offset in the file in bytes
     * @param tag what the event is to carry, 0 or more
     */
    public void readVector(int fd, IoVector vector, long position, long tag) {
        add(READV, 0, fd, vector.address(), vector.count(), position, 0, 0, tag);
    }

    /**
     * Adds a vectored write. The vector too belongs to the kernel until the event.
     *
     * @param fd descriptor
     * @param vector memory to write from
     * @param position offset in the file in bytes
     * @param flags 0 or {@link #DATA_SYNC}
     * @param linked as {@link #write}
     * @param tag what the event is to carry, 0 or more
     */
    public void writeVector(
            int fd, IoVector vector, long position, int flags, boolean linked, long tag) {
        int link = linked ? SubmissionQueue.LINK : 0;
        add(WRITEV, link, fd, vector.address(), vector.count(), position, flags, 0, tag);
    }

    /**
     * Adds a sync.
     *
     * @param fd descriptor
     * @param metadata false for the data, and what is needed to find it
     * @param tag what the event is to carry, 0 or more
     */
    public void sync(int fd, boolean metadata, long tag) {
        add(FSYNC, 0, fd, 0, 0, 0, metadata ? 0 : FSYNC_DATASYNC, 0, tag);
    }

    /**
     * Adds an allocation of space, or of a hole. Only where {@link RingCapabilities#allocate}.
     *
     * @param fd descriptor
     * @param mode flags of {@code fallocate(2)}
     * @param position offset in the file in bytes
     * @param bytes length in bytes
     * @param tag what the event is to carry, 0 or more
     */
    public void allocate(int fd, int mode, long position, long bytes, long tag) {
        add(FALLOCATE, 0, fd, bytes, mode, position, 0, 0, tag);
    }

    /**
     * Adds advice to give an entry up; the entry's own event says what came of it. Only where
     * {@link RingCapabilities#cancel}.
     *
     * @param tag the entry's
     */
    public void cancel(long tag) {
        underWay++;
        submissions.add(ASYNC_CANCEL, 0, -1, tag, 0, 0, 0, 0, CANCEL);
    }

    // ---- the way through the kernel

    /**
     * Submits what was added and lets the kernel post events, in one call.
     *
     * @param sleepNanos how long to sleep at most until there is an event or the doorbell rings, or
     *     {@link #FOREVER}; 0 not to sleep. Where there is no {@link RingCapabilities#timedSleep}
     *     any sleep is for ever
     * @return 0, or minus an error number: EAGAIN and EBUSY pass once events are taken
     */
    public int enter(long sleepNanos) {
        if (!doorbellArmed && !draining && !capabilities.completionPolling()) {
            doorbellArmed = true;
            underWay++;
            submissions.add(
                    READ, 0, doorbell.fd(), doorbellCount.address(), Long.BYTES, 0, 0, 0, DOORBELL);
        }
        return way.enter(sleepNanos, isFull());
    }

    /**
     * Submits what was added, without a look at events.
     *
     * @return as {@link #enter}
     */
    public int submit() {
        return way.submit();
    }

    /**
     * Whether the kernel took a part of what it was given since this was asked last: then a link
     * may have been cut, and its second entry begun before the end of its first.
     *
     * @return true once for each time
     */
    public boolean wasCut() {
        return way.wasCut();
    }

    /**
     * Whether an event is ready.
     *
     * @return true when there may be something for {@link #next}
     */
    public boolean hasEvents() {
        return !completions.isEmpty();
    }

    /**
     * Whether an entry waits for {@link #enter}.
     *
     * @return true when there is something to submit
     */
    public boolean hasEntries() {
        return submissions.pending() > 0;
    }

    /**
     * Takes the next event.
     *
     * @return false when there is none
     */
    public boolean next() {
        while (completions.next()) { // bound: the doorbell, cancels and released memory
            long tag = completions.userData();
            if (tag >= 0) {
                underWay--;
                return true;
            }
            own(tag);
        }
        return false;
    }

    /** An event of the ring itself. */
    private void own(long tag) {
        if (tag != DOORBELL && tag != CANCEL) {
            memory.released(tag);
            return;
        }
        underWay--;
        if (tag == DOORBELL) {
            doorbellArmed = false;
            if (completions.result() == Long.BYTES) {
                wakes += doorbellCount.get(ValueLayout.JAVA_LONG, 0);
            }
        }
    }

    /**
     * The tag of the event taken last.
     *
     * @return as given with the entry
     */
    public long tag() {
        return completions.userData();
    }

    /**
     * The result of the event taken last.
     *
     * @return bytes or 0, or minus an error number
     */
    public int result() {
        return completions.result();
    }

    /**
     * Whether {@link #cancel} works here.
     *
     * @return false where it would be answered as an unknown entry
     */
    public boolean canCancel() {
        return capabilities.cancel() && !capabilities.completionPolling();
    }

    /**
     * Whether the kernel has entries of callers.
     *
     * @return true until all their events were taken
     */
    public boolean isBusy() {
        return underWay > (doorbellArmed ? 1 : 0);
    }

    // ---- what is registered

    /**
     * Lets go of a descriptor; before it is closed.
     *
     * @param fd descriptor without entries under way
     */
    public void forget(int fd) {
        files.forget(fd);
    }

    /**
     * Pins memory and uses it as registered from now on; may take long, as all of it is touched.
     *
     * @param run the memory, all of which stays where it is until it is let go
     * @throws RingException the kernel refused all of it; says what helps
     */
    public void register(MemoryRun run) throws RingException {
        memory.register(run);
    }

    /**
     * Uses memory as registered no more. The kernel lets go of it after its last entry.
     *
     * @param run as it was registered; one that was refused is nothing to do
     */
    public void unregister(MemoryRun run) {
        memory.unregister(run);
    }

    /**
     * Whether the kernel has not let go of some of a run.
     *
     * @param run as it was registered
     * @return false once it is forgotten here
     */
    public boolean holds(MemoryRun run) {
        return memory.holds(run);
    }

    // ---- doorbell and end

    /**
     * How many calls of {@link #wake} have arrived.
     *
     * @return calls whose event was taken
     */
    public long wakes() {
        return wakes;
    }

    /** Ends the owner's sleep, or its next one. Any thread, until the ring is closed. */
    public void wake() {
        doorbell.ring();
    }

    /**
     * Takes the doorbell away and frees everything. Nothing else may be under way: the kernel would
     * still write to it.
     */
    @Override
    public void close() {
        draining = true;
        if (doorbellArmed) {
            doorbell.ring();
        }
        while (underWay > 0) { // ends with the event of the doorbell
            enter(FOREVER);
            if (next()) {
                throw new IllegalStateException(
                        "ring closed with an entry under way: tag=" + tag());
            }
        }
        way.close();
        parts.free();
        doorbell.close();
    }

    private void add(
            int opcode,
            int entryFlags,
            int fd,
            long address,
            int length,
            long position,
            int operationFlags,
            int place,
            long tag) {
        underWay++;
        int index = files.index(fd);
        boolean fixed = index >= 0;
        submissions.add(
                opcode,
                fixed ? entryFlags | SubmissionQueue.FIXED_FILE : entryFlags,
                fixed ? index : fd,
                address,
                length,
                position,
                operationFlags,
                place,
                tag);
    }
}
