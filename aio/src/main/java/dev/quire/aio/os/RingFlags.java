package dev.quire.aio.os;

import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * The kinds of ring from best to plainest: an older kernel refuses a flag that it does not know.
 */
final class RingFlags {
    static final int IOPOLL = 1;
    static final int SQPOLL = 1 << 1;
    static final int CQSIZE = 1 << 3;
    static final int CLAMP = 1 << 4;
    static final int SUBMIT_ALL = 1 << 7;
    static final int COOP_TASKRUN = 1 << 8;
    static final int SINGLE_ISSUER = 1 << 12;
    static final int DEFER_TASKRUN = 1 << 13;

    /** Plainest: Linux 5.6, which is also the first with plain reads and writes. */
    private static final int PLAIN = CQSIZE | CLAMP;

    /** Linux 6.1, 6.0, 5.19, 5.18, 5.6. */
    static final List<Integer> LADDER =
            List.of(
                    PLAIN | SUBMIT_ALL | SINGLE_ISSUER | DEFER_TASKRUN,
                    PLAIN | SUBMIT_ALL | SINGLE_ISSUER | COOP_TASKRUN,
                    PLAIN | SUBMIT_ALL | COOP_TASKRUN,
                    PLAIN | SUBMIT_ALL,
                    PLAIN);

    /**
     * With a thread of the kernel's that submits: the flags about its owner's do not go with it.
     */
    static final List<Integer> SUBMISSION_POLLING =
            List.of(
                    PLAIN | SQPOLL | SUBMIT_ALL | SINGLE_ISSUER,
                    PLAIN | SQPOLL | SUBMIT_ALL,
                    PLAIN | SQPOLL);

    /** Whose events are fetched from the device by its owner. */
    static final List<Integer> COMPLETION_POLLING = LADDER.stream().map(f -> f | IOPOLL).toList();

    private RingFlags() {}

    /**
     * Makes a ring of the best kind that the kernel knows.
     *
     * @param ladder kinds, the best first
     * @param setup from flags to a descriptor, or minus an error number
     * @return descriptor, or minus the error number that is not about flags
     */
    static int open(List<Integer> ladder, IntUnaryOperator setup) {
        int answer = -Errno.EINVAL;
        for (int flags : ladder) {
            answer = setup.applyAsInt(flags);
            if (answer != -Errno.EINVAL) {
                return answer;
            }
        }
        return answer;
    }
}
