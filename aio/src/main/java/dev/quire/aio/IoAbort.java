package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

/** Why a request may have to end before its time: its deadline, or somebody who calls it off. */
final class IoAbort {
    private final IoCancellation all;
    private boolean timed;
    private long deadlineNanos;
    private @Nullable IoCancellation cancellation;

    /** With what calls every request of the engine off. */
    IoAbort(IoCancellation all) {
        this.all = all;
    }

    /** Takes over what options say, submitted now. */
    void begin(IoOptions options, long nowNanos, Runnable lookForAborts) {
        cancellation = options.cancellation();
        timed = options.deadlineNanos() != 0;
        deadlineNanos = nowNanos + options.deadlineNanos();
        if (cancellation != null) {
            cancellation.watchedBy(lookForAborts);
        }
    }

    /** Nothing can end the request. */
    void clear() {
        cancellation = null;
        timed = false;
    }

    boolean isPossible() {
        return timed || cancellation != null || all.isCancelled();
    }

    boolean isTimed() {
        return timed;
    }

    /** How long until the deadline; 0 or less when it has passed. Only when {@link #isTimed}. */
    long leftNanos(long nowNanos) {
        return deadlineNanos - nowNanos;
    }

    /** The error number of a request that is to end now, or {@link Errno#NONE}. */
    int errno(long nowNanos) {
        IoCancellation advice = cancellation;
        if (all.isCancelled() || (advice != null && advice.isCancelled())) {
            return Errno.ECANCELED;
        }
        return timed && leftNanos(nowNanos) <= 0 ? Errno.ETIMEDOUT : Errno.NONE;
    }
}
