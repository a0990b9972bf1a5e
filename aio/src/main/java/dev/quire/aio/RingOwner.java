package dev.quire.aio;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.IoVector;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the thread of a ring does: requests in, events out, reports. No other thread calls it.
 *
 * <pre>
 *   inbox -> entries -> enter -> events -> report, or once more
 * </pre>
 */
final class RingOwner {
    private static final long REFUSED_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final Uring ring;
    private final RingInbox inbox;
    private final RingSlots slots;
    private final IoWorkers workers;

    // Transfers that moved a part and go on; as few as there are slots.
    private final ArrayDeque<IoRequest> again = new ArrayDeque<>();
    private boolean refusalLogged;

    RingOwner(Uring ring, RingInbox inbox, int queueDepth, Arena arena, IoWorkers workers) {
        this.ring = ring;
        this.inbox = inbox;
        this.workers = workers;
        slots = new RingSlots(queueDepth, arena);
    }

    /** Serves until the inbox is closed and nothing is under way. */
    void serve() {
        for (; ; ) { // an event loop
            takeRequests();
            if (isOver()) {
                break;
            }
            if (ring.hasEntries() || !ring.hasEvents()) {
                enter();
            }
            takeEvents();
        }
        // Who ended a sleep may not have rung yet, and the doorbell is about to go.
        while (ring.wakes() < inbox.ringsPromised()) { // bound: rings promised
            ring.enter(true);
            takeEvents();
        }
    }

    private boolean isOver() {
        return inbox.isClosed() && slots.isEmpty() && again.isEmpty() && inbox.isEmpty();
    }

    private void takeRequests() {
        while (!ring.isFull()) { // bound: admission
            IoRequest request = again.poll();
            if (request == null) {
                request = inbox.poll();
            }
            if (request == null) {
                return;
            }
            if (request.isRunning()) {
                submit(request);
            } else {
                workers.report(request);
            }
        }
    }

    private void enter() {
        boolean idle = again.isEmpty() && !ring.isFull() && !ring.hasEvents();
        int answer;
        if (idle) {
            answer = ring.enter(inbox.fallAsleep());
            inbox.wakeUp();
        } else {
            answer = ring.enter(false);
        }
        if (answer < 0) {
            refused(-answer);
        }
    }

    private void takeEvents() {
        while (ring.next()) { // bound: events ready; new ones need another enter or a device
            IoRequest request = slots.take(ring.tag());
            if (request == null) {
                workers.counters().completionsIgnored.increment();
                workers.log("an event without a request: tag=0x" + Long.toHexString(ring.tag()));
            } else {
                over(request, ring.result());
            }
        }
    }

    private void submit(IoRequest request) {
        Progress p = request.progress;
        IoOperation operation = request.operation;
        if (operation.transfers() && p.isDone()) { // of no bytes
            finish(request, 0, null);
            return;
        }
        int fd = Objects.requireNonNull(request.file).fd();
        long tag = slots.put(request);
        MemorySegment single = p.single;
        if (!operation.transfers()) {
            ring.sync(fd, operation == IoOperation.SYNC, tag);
        } else if (single != null) {
            submitOne(fd, p, single.address() + p.done, (int) (p.length - p.done), tag);
        } else {
            submitVector(fd, p, tag);
        }
    }

    private void submitOne(int fd, Progress p, long address, int bytes, long tag) {
        if (p.write) {
            ring.write(fd, address, bytes, p.position + p.done, tag);
        } else {
            ring.read(fd, address, bytes, p.position + p.done, tag);
        }
    }

    private void submitVector(int fd, Progress p, long tag) {
        IoVector vector = slots.vector(tag);
        vector.fill(p.segments, p.from, p.count(), p.skip);
        if (p.write) {
            ring.writeVector(fd, vector, p.position + p.done, tag);
        } else {
            ring.readVector(fd, vector, p.position + p.done, tag);
        }
    }

    /** The kernel is done with one try of a request. */
    void over(IoRequest request, int result) {
        if (!request.operation.transfers()) {
            finish(request, result < 0 ? -1 : 0, result < 0 ? failure(request, -result) : null);
            return;
        }
        try {
            Transfer transfer = Objects.requireNonNull(request.file).transfer();
            switch (transfer.step(request.progress, result)) {
                case OVER -> finish(request, request.progress.done, null);
                case AGAIN -> again.add(request);
                case PAUSE -> workers.goOn(request); // a pause here would be everybody's
            }
        } catch (IoException e) {
            finish(request, -1, e);
        }
    }

    private void finish(IoRequest request, long bytes, @Nullable IoException failure) {
        request.bytes = bytes;
        request.failure = failure;
        if (request.finished(request.generation())) {
            workers.report(request);
        }
    }

    /** The kernel took less than it was given. What it has is safe, and the rest is tried again. */
    private void refused(int errno) {
        // EAGAIN: out of memory for entries, for now. EBUSY: events are to be taken first. Others
        // should not be: said once, because giving up would strand requests that the kernel holds.
        if (errno != Errno.EAGAIN && errno != Errno.EBUSY && !refusalLogged) {
            refusalLogged = true;
            workers.log("io_uring_enter failed, it is tried again: " + Errno.name(errno));
        }
        if (!ring.hasEvents()) {
            LockSupport.parkNanos(REFUSED_PAUSE_NANOS);
        }
    }

    private static IoException failure(IoRequest request, int errno) {
        return new IoException(
                request.operation.word(),
                Objects.requireNonNull(request.path),
                -1,
                -1,
                errno,
                null);
    }
}
