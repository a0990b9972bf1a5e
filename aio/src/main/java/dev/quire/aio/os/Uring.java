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
 *   owner: add* -> enter(wait) -> next*          others: wake -> eventfd -> event in the ring
 * </pre>
 */
public final class Uring implements AutoCloseable {
    /** Opcodes of entries. */
    private static final int READV = 1;

    private static final int WRITEV = 2;
    private static final int FSYNC = 3;
    private static final int READ = 22;
    private static final int WRITE = 23;
    private static final int[] NEEDED = {READV, WRITEV, FSYNC, READ, WRITE};

    private static final int FSYNC_DATASYNC = 1;

    /** Entries are submitted in batches: a longer queue than this would only cost cache. */
    private static final int ENTRIES_MAX = 256;

    private static final int EVENTS_MIN = 8;

    /** Marks the entry of the doorbell; tags of callers are 0 or more. */
    private static final long DOORBELL = -1;

    private final int fd;
    private final int flags;
    private final MemorySegment rings;
    private final MemorySegment entries;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private final EventFd doorbell;
    private final MemorySegment doorbellCount;

    private boolean doorbellArmed;
    private boolean draining;
    private long wakes;

    private Uring(
            Arena arena,
            int fd,
            RingParams params,
            MemorySegment rings,
            MemorySegment entries,
            EventFd doorbell) {
        this.fd = fd;
        this.rings = rings;
        this.entries = entries;
        this.doorbell = doorbell;
        flags = params.flags();
        submissions = new SubmissionQueue(rings, entries, params);
        completions = new CompletionQueue(rings, params);
        doorbellCount = arena.allocate(ValueLayout.JAVA_LONG);
    }

    /**
     * Makes a ring for the calling thread.
     *
     * @param depth most entries under way at once, 1 to 32768; its caller keeps to it, so that the
     *     queue of events never overflows
     * @return the ring, to be closed by the calling thread
     * @throws RingException the kernel refused; says why and what helps
     */
    public static Uring open(int depth) throws RingException {
        int events = Math.max(EVENTS_MIN, powerOfTwo(depth + 1)); // one for the doorbell
        int entryCount = Math.min(events, ENTRIES_MAX);
        // The collector's: a thread may still be on its way out of wake() when the ring is closed.
        Arena arena = Arena.ofAuto();
        RingParams params = new RingParams(arena);
        int fd =
                RingFlags.open(
                        flags -> {
                            params.ask(flags, events);
                            return RingCalls.setup(entryCount, params.memory());
                        });
        if (fd < 0) {
            throw new RingException("io_uring_setup", -fd);
        }
        Mapping rings = Mapping.NONE;
        Mapping entries = Mapping.NONE;
        try {
            check(fd, params);
            rings = Mapping.of(fd, params.ringBytes(), RingCalls.OFFSET_RINGS);
            entries = Mapping.of(fd, params.entriesBytes(), RingCalls.OFFSET_ENTRIES);
            EventFd doorbell = EventFd.open(arena);
            return new Uring(arena, fd, params, rings.memory(), entries.memory(), doorbell);
        } catch (RingException e) {
            rings.close();
            entries.close();
            Posix.close(fd);
            throw e;
        }
    }

    /**
     * The flags of the kind of ring that the kernel made.
     *
     * @return {@code IORING_SETUP_*}
     */
    public int flags() {
        return flags;
    }

    /**
     * Whether there is no room for an entry; {@link #enter} makes room.
     *
     * @return true when the next entry must wait
     */
    public boolean isFull() {
        // One place is the doorbell's.
        return submissions.pending() >= entryCapacity() - 1;
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
        submissions.add(READ, fd, address, bytes, position, 0, tag);
    }

    /**
     * Adds a write. The memory and the file belong to the kernel until the event.
     *
     * @param fd descriptor
     * @param address memory to write from
     * @param bytes length in bytes
     * @param position offset in the file in bytes
     * @param tag what the event is to carry, 0 or more
     */
    public void write(int fd, long address, int bytes, long position, long tag) {
        submissions.add(WRITE, fd, address, bytes, position, 0, tag);
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
        submissions.add(READV, fd, vector.address(), vector.count(), position, 0, tag);
    }

    /**
     * Adds a vectored write. The vector too belongs to the kernel until the event.
     *
     * @param fd descriptor
     * @param vector memory to write from
     * @param position offset in the file in bytes
     * @param tag what the event is to carry, 0 or more
     */
    public void writeVector(int fd, IoVector vector, long position, long tag) {
        submissions.add(WRITEV, fd, vector.address(), vector.count(), position, 0, tag);
    }

    /**
     * Adds a sync.
     *
     * @param fd descriptor
     * @param metadata false for the data, and what is needed to find it
     * @param tag what the event is to carry, 0 or more
     */
    public void sync(int fd, boolean metadata, long tag) {
        submissions.add(FSYNC, fd, 0, 0, 0, metadata ? 0 : FSYNC_DATASYNC, tag);
    }

    /**
     * Submits what was added and lets the kernel post events, in one call.
     *
     * @param wait whether to sleep until there is an event, or the doorbell rings
     * @return 0, or minus an error number: EAGAIN and EBUSY pass once events are taken
     */
    public int enter(boolean wait) {
        if (!doorbellArmed && !draining) {
            doorbellArmed = true;
            submissions.add(
                    READ, doorbell.fd(), doorbellCount.address(), Long.BYTES, 0, 0, DOORBELL);
        }
        int answer =
                RingCalls.enter(fd, submissions.pending(), wait ? 1 : 0, RingCalls.ENTER_GETEVENTS);
        // EINTR: a signal ended the sleep; the owner looks for work and comes back.
        return answer == -Errno.EINTR ? 0 : Math.min(answer, 0);
    }

    /**
     * Whether an event is ready.
     *
     * @return true when {@link #next} answers true
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
        while (completions.next()) { // bound: one doorbell
            if (completions.userData() != DOORBELL) {
                return true;
            }
            doorbellArmed = false;
            if (completions.result() == Long.BYTES) {
                wakes += doorbellCount.get(ValueLayout.JAVA_LONG, 0);
            }
        }
        return false;
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
        while (doorbellArmed) { // ends with the event of the doorbell
            enter(true);
            if (next()) {
                throw new IllegalStateException(
                        "ring closed with an entry under way: tag=" + tag());
            }
        }
        RingCalls.unmap(rings);
        RingCalls.unmap(entries);
        Posix.close(fd);
        doorbell.close();
    }

    private int entryCapacity() {
        return (int) (entries.byteSize() / SubmissionQueue.ENTRY_BYTES);
    }

    private static void check(int fd, RingParams params) throws RingException {
        int features =
                RingParams.FEATURE_SINGLE_MMAP
                        | RingParams.FEATURE_NODROP
                        | RingParams.FEATURE_SUBMIT_STABLE;
        if ((params.features() & features) != features) {
            throw new RingException("io_uring of Linux 5.6 or later", Errno.EINVAL);
        }
        // A seccomp profile may allow the making of a ring only: all would be lost in it.
        int entered = RingCalls.enter(fd, 0, 0, RingCalls.ENTER_GETEVENTS);
        if (entered < 0) {
            throw new RingException("io_uring_enter", -entered);
        }
        try (Arena arena = Arena.ofConfined()) {
            OpcodeProbe.check(fd, arena, NEEDED);
        }
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(Math.max(1, atLeast - 1)) << 1;
    }

    /** A mapped part of a ring. */
    private record Mapping(MemorySegment memory) {
        static final Mapping NONE = new Mapping(MemorySegment.NULL);

        static Mapping of(int fd, long bytes, long offset) throws RingException {
            long address = RingCalls.map(fd, bytes, offset);
            if (address < 0) {
                throw new RingException("mmap of a ring", (int) -address);
            }
            return new Mapping(RingCalls.memory(address, bytes));
        }

        void close() {
            if (memory.byteSize() > 0) {
                RingCalls.unmap(memory);
            }
        }
    }
}
