package dev.quire.aio;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.Uring;

/**
 * Requests of a ring that may have to end before their time. The owner's.
 *
 * <p>It advises the kernel; what comes of it is the request's own event.
 */
final class RingAborts {
    private static final long FAR_NANOS = Long.MAX_VALUE / 4;

    private final RingSlots slots;
    private final RingInbox inbox;

    // No deadline of a request in the slots is before this; only when some are timed.
    private boolean timed;
    private long nearestNanos;

    RingAborts(RingSlots slots, RingInbox inbox) {
        this.slots = slots;
        this.inbox = inbox;
    }

    /** Takes note of a request that the kernel is about to get. */
    void watch(IoAbort abort) {
        if (abort.isTimed()) {
            long now = System.nanoTime();
            noteDeadline(now, abort.leftNanos(now));
        }
    }

    /** How long the owner may sleep. */
    long sleepNanos() {
        return timed ? Math.max(1, nearestNanos - System.nanoTime()) : Uring.FOREVER;
    }

    /** Advises the kernel to give up what is called off or late, if there is a reason to look. */
    void look() {
        boolean wanted = inbox.takeAbortsWanted();
        if (!wanted && !timed) {
            return;
        }
        long now = System.nanoTime();
        if (!wanted && nearestNanos - now > 0) {
            return;
        }
        timed = false;
        for (RingSlot slot : slots.all()) {
            IoRequest request = slot.request;
            if (request != null && request.abort.isPossible() && !slot.calledOff) {
                look(slot, request.abort, now);
            }
        }
    }

    private void look(RingSlot slot, IoAbort abort, long now) {
        if (abort.errno(now) == Errno.NONE) {
            if (abort.isTimed()) {
                noteDeadline(now, abort.leftNanos(now));
            }
            return;
        }
        Uring ring = slot.ring;
        if (ring == null || !ring.canCancel()) {
            slot.calledOff = true;
        } else if (ring.isFull()) {
            noteDeadline(now, 0); // at the next look
        } else {
            slot.calledOff = true;
            // A link goes with its first part; when that is over, the sync is what is left.
            ring.cancel(
                    RingSlots.tag(
                            slot,
                            slot.awaits(RingSlot.TRANSFER) ? RingSlot.TRANSFER : RingSlot.SYNC));
        }
    }

    private void noteDeadline(long now, long leftNanos) {
        // Far enough not to matter, near enough to compare with times of the past.
        long at = now + Math.min(leftNanos, FAR_NANOS);
        if (!timed || at - nearestNanos < 0) {
            timed = true;
            nearestNanos = at;
        }
    }
}
