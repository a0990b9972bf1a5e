package dev.quire.aio.os;

import java.lang.foreign.Arena;

/** The one call by which an owner submits, lets events be posted, and sleeps. */
final class RingEnter {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final SubmissionQueue submissions;
    private final boolean polledSubmission;
    private final boolean timedSleep;
    private final TimedSleep timed;
    private final int ring;
    private final int index; // of the ring, or negative
    private final int fd; // what the call takes
    private final int flags;
    private boolean cut;

    RingEnter(RingParts parts, RingOptions options, SubmissionQueue submissions, Arena arena) {
        this.submissions = submissions;
        ring = parts.fd();
        polledSubmission = options.submissionPolling();
        timedSleep = parts.hasFeature(RingParams.FEATURE_TIMED_ENTER);
        timed = new TimedSleep(arena);
        index = RegisteredRing.register(ring);
        fd = index < 0 ? ring : index;
        flags = RingCalls.ENTER_GETEVENTS | (index < 0 ? 0 : RingCalls.ENTER_REGISTERED_RING);
    }

    boolean isRegistered() {
        return index >= 0;
    }

    boolean canTimeSleep() {
        return timedSleep;
    }

    /** Answers 0, or minus an error number; {@code full} when there is no room for entries. */
    int enter(long sleepNanos, boolean full) {
        submissions.show();
        if (!polledSubmission) {
            return call(submissions.pending(), sleepNanos, flags);
        }
        int more = 0;
        if (submissions.needsWakeUp()) {
            more = RingCalls.ENTER_SQ_WAKEUP;
        } else if (full) {
            more = RingCalls.ENTER_SQ_WAIT;
        } else if (sleepNanos == 0 && !submissions.holdsEventsBack()) {
            return 0; // nothing to call the kernel for
        }
        return call(0, sleepNanos, flags | more);
    }

    /** Lets the kernel have what was added, and nothing more. */
    int submit() {
        submissions.show();
        if (!polledSubmission) {
            return call(submissions.pending(), 0, flags & ~RingCalls.ENTER_GETEVENTS);
        }
        return submissions.needsWakeUp() ? call(0, 0, flags | RingCalls.ENTER_SQ_WAKEUP) : 0;
    }

    /** Whether a part of what was submitted was taken, once for each time. */
    boolean wasCut() {
        boolean seen = cut;
        cut = false;
        return seen;
    }

    /** Before the ring's descriptor is closed. */
    void close() {
        if (index >= 0) {
            RegisteredRing.unregister(ring, index);
        }
    }

    private int call(int submit, long sleepNanos, int callFlags) {
        int wait = sleepNanos > 0 ? 1 : 0;
        int answer;
        if (wait > 0 && sleepNanos != Uring.FOREVER && timedSleep) {
            timed.set(sleepNanos / SECOND_NANOS, sleepNanos % SECOND_NANOS);
            answer =
                    RingCalls.enter(
                            fd,
                            submit,
                            wait,
                            callFlags | RingCalls.ENTER_EXT_ARG,
                            timed.address(),
                            TimedSleep.BYTES);
        } else {
            answer = RingCalls.enter(fd, submit, wait, callFlags, 0, 0);
        }
        if (answer >= 0) {
            cut |= answer < submit;
            return 0;
        }
        // A signal or the time ended the sleep; the owner looks for work and comes back.
        return answer == -Errno.EINTR || answer == -Errno.ETIME ? 0 : answer;
    }
}
