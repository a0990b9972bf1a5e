package dev.quire.aio;

import dev.quire.aio.os.IoVector;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/** What a request, or what is left of it, is in entries of a ring. The owner's. */
final class RingEntries {
    // Flags of fallocate(2): the length of the file stays; the range becomes a hole.
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;

    private final Uring ordinary;
    private final @Nullable PolledRing polled;
    private final RingSlots slots;

    RingEntries(Uring ordinary, @Nullable PolledRing polled, RingSlots slots) {
        this.ordinary = ordinary;
        this.polled = polled;
        this.slots = slots;
    }

    /** Whether a write is to be followed by a sync. */
    static boolean syncs(IoRequest request) {
        return request.operation.writes()
                && request.progress.durability == WriteDurability.WRITE_THEN_SYNC;
    }

    /** Adds a request's entries; or none, if there is no memory for its vector. */
    void add(IoRequest request, EngineFile file) {
        int fd = file.fd();
        Progress p = request.progress;
        switch (request.operation) {
            case SYNC -> ordinary.sync(fd, true, alone(request));
            case SYNC_DATA -> ordinary.sync(fd, false, alone(request));
            case ALLOCATE -> allocate(request, fd, 0);
            case PUNCH_HOLE -> allocate(request, fd, PUNCH_HOLE | KEEP_SIZE);
            default -> {
                if (p.isDone()) {
                    RingSlot slot = slots.put(request, ordinary, RingSlot.SYNC);
                    ordinary.sync(fd, false, RingSlots.tag(slot, RingSlot.SYNC));
                } else {
                    transfer(request, file, fd, p);
                }
            }
        }
    }

    private long alone(IoRequest request) {
        return RingSlots.tag(slots.put(request, ordinary, RingSlot.TRANSFER), RingSlot.TRANSFER);
    }

    private void allocate(IoRequest request, int fd, int mode) {
        Progress p = request.progress;
        ordinary.allocate(fd, mode, p.position, p.length, alone(request));
    }

    private void transfer(IoRequest request, EngineFile file, int fd, Progress p) {
        Uring ring = polled != null && polled.takes(request, file) ? polled.ring() : ordinary;
        // A try that cannot move all of the rest is not the one to be followed by a sync; and where
        // a thread of the kernel's submits, nobody would hear that it has cut a link.
        boolean linked =
                syncs(request)
                        && (p.single != null || p.count() <= IoVector.SEGMENTS_MAX)
                        && !ring.capabilities().submissionPolling();
        MemorySegment single = p.single;
        if (single == null && p.count() > 1) {
            slots.prepareVector(); // fails, if it does, before anything is begun
        }
        RingSlot slot =
                slots.put(
                        request,
                        ring,
                        linked ? RingSlot.TRANSFER | RingSlot.SYNC : RingSlot.TRANSFER);
        long tag = RingSlots.tag(slot, RingSlot.TRANSFER);
        long at = p.position + p.done;
        if (single != null) {
            one(ring, fd, single.address() + p.done, p.length - p.done, at, p, linked, tag);
        } else if (p.count() == 1) { // one segment may be registered memory
            MemorySegment last = p.segments[p.from];
            one(ring, fd, last.address() + p.skip, p.length - p.done, at, p, linked, tag);
        } else {
            vector(ring, fd, slots.vector(slot), at, p, linked, tag);
        }
        if (linked) {
            ring.sync(fd, false, RingSlots.tag(slot, RingSlot.SYNC));
        }
    }

    private static void one(
            Uring ring,
            int fd,
            long address,
            long bytes,
            long at,
            Progress p,
            boolean linked,
            long tag) {
        if (p.write) {
            ring.write(fd, address, (int) bytes, at, flags(p), linked, tag);
        } else {
            ring.read(fd, address, (int) bytes, at, tag);
        }
    }

    private static void vector(
            Uring ring, int fd, IoVector vector, long at, Progress p, boolean linked, long tag) {
        vector.fill(p.segments, p.from, p.count(), p.skip);
        if (p.write) {
            ring.writeVector(fd, vector, at, flags(p), linked, tag);
        } else {
            ring.readVector(fd, vector, at, tag);
        }
    }

    /** What the kernel is told of a write besides its range. */
    static int flags(Progress p) {
        return p.durability == WriteDurability.DATA_SYNC ? Uring.DATA_SYNC : 0;
    }
}
