package dev.quire.aio.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What the kernel made for a ring: its descriptor and the memory that is shared.
 *
 * @param fd descriptor
 * @param params what the kernel answered
 * @param probe which operations it knows
 * @param rings both queues
 * @param entries what the queue of entries points to
 */
record RingParts(
        int fd,
        RingParams params,
        MemorySegment probe,
        MemorySegment rings,
        MemorySegment entries) {
    /** Entries are submitted in batches: a longer queue than this would only cost cache. */
    private static final int ENTRIES_MAX = 256;

    private static final int EVENTS_MIN = 8;

    /** Events of one request: its own, a linked sync's, a cancel's. */
    private static final int EVENTS_PER_REQUEST = 3;

    static RingParts make(RingOptions options, Arena arena, int... opcodes) throws RingException {
        int entryCount = powerOfTwo(Math.clamp(options.depth() + 3L, EVENTS_MIN, ENTRIES_MAX));
        int eventCount = powerOfTwo(Math.max(EVENTS_MIN, EVENTS_PER_REQUEST * options.depth() + 1));
        RingParams params = new RingParams(arena);
        int fd =
                RingFlags.open(
                        ladder(options),
                        flags -> {
                            params.ask(flags, eventCount, options.submissionPollMillis());
                            return RingCalls.setup(entryCount, params.memory());
                        });
        if (fd < 0) {
            throw new RingException("io_uring_setup", -fd);
        }
        MemorySegment rings = MemorySegment.NULL;
        try {
            checkFeatures(options, params);
            // A seccomp profile may allow the making of a ring only: all would be lost in it.
            int entered = RingCalls.enter(fd, 0, 0, RingCalls.ENTER_GETEVENTS, 0, 0);
            if (entered < 0) {
                throw new RingException("io_uring_enter", -entered);
            }
            MemorySegment probe = OpcodeProbe.ask(fd, arena);
            OpcodeProbe.check(probe, opcodes);
            rings = map(fd, params.ringBytes(), RingCalls.OFFSET_RINGS);
            MemorySegment entries = map(fd, params.entriesBytes(), RingCalls.OFFSET_ENTRIES);
            return new RingParts(fd, params, probe, rings, entries);
        } catch (RingException | RuntimeException | Error e) { // refused, no native memory
            if (rings.byteSize() > 0) {
                RingCalls.unmap(rings);
            }
            Posix.close(fd);
            throw e;
        }
    }

    boolean hasFeature(int feature) {
        return (params.features() & feature) != 0;
    }

    boolean hasFlag(int flag) {
        return (params.flags() & flag) != 0;
    }

    void free() {
        RingCalls.unmap(rings);
        RingCalls.unmap(entries);
        Posix.close(fd);
    }

    private static List<Integer> ladder(RingOptions options) {
        if (options.completionPolling()) {
            return RingFlags.COMPLETION_POLLING;
        }
        return options.submissionPolling() ? RingFlags.SUBMISSION_POLLING : RingFlags.LADDER;
    }

    private static void checkFeatures(RingOptions options, RingParams params) throws RingException {
        int needed =
                RingParams.FEATURE_SINGLE_MMAP
                        | RingParams.FEATURE_NODROP
                        | RingParams.FEATURE_SUBMIT_STABLE;
        if ((params.features() & needed) != needed) {
            throw new RingException("io_uring of Linux 5.6 or later", Errno.EINVAL);
        }
        if (options.submissionPolling()
                && (params.features() & RingParams.FEATURE_SQPOLL_ANY_FILE) == 0) {
            throw new RingException("submission polling needs Linux 5.11 or later");
        }
    }

    private static MemorySegment map(int fd, long bytes, long offset) throws RingException {
        long address = RingCalls.map(fd, bytes, offset);
        if (address < 0) {
            throw new RingException("mmap of a ring", (int) -address);
        }
        return RingCalls.memory(address, bytes);
    }

    private static int powerOfTwo(long atLeast) {
        return (int) (Long.highestOneBit(Math.max(1, atLeast - 1)) << 1);
    }
}
