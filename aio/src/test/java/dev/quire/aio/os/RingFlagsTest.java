package dev.quire.aio.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

final class RingFlagsTest {
    private static final int OLDEST = RingFlags.CQSIZE | RingFlags.CLAMP;

    private final List<Integer> asked = new ArrayList<>();

    @Test
    void shouldTakeTheBestKindThatTheKernelKnows() {
        assertThat(RingFlags.open(RingFlags.LADDER, kernel(~0))).isEqualTo(7);
        assertThat(asked).containsExactly(RingFlags.LADDER.getFirst());
        assertThat(asked.getFirst() & RingFlags.DEFER_TASKRUN).isNotZero();
    }

    @Test
    void shouldStepDownToOlderKernels() {
        // 6.0, 5.19, 5.18, 5.6: what each of them knows
        int[] known = {
            OLDEST | RingFlags.SUBMIT_ALL | RingFlags.COOP_TASKRUN | RingFlags.SINGLE_ISSUER,
            OLDEST | RingFlags.SUBMIT_ALL | RingFlags.COOP_TASKRUN,
            OLDEST | RingFlags.SUBMIT_ALL,
            OLDEST
        };
        for (int kernel : known) {
            asked.clear();
            assertThat(RingFlags.open(RingFlags.LADDER, kernel(kernel))).isEqualTo(7);
            assertThat(asked.getLast()).as("all that it knows").isEqualTo(kernel);
        }
    }

    // The kernel refuses a thread of its own together with the flags about the owner's work.
    @Test
    void shouldAskForPollingWithoutTheFlagsThatExcludeIt() {
        assertThat(RingFlags.SUBMISSION_POLLING)
                .allMatch(flags -> (flags & RingFlags.SQPOLL) != 0)
                .allMatch(
                        flags -> (flags & (RingFlags.COOP_TASKRUN | RingFlags.DEFER_TASKRUN)) == 0);
        assertThat(RingFlags.COMPLETION_POLLING)
                .allMatch(flags -> (flags & RingFlags.IOPOLL) != 0)
                .hasSameSizeAs(RingFlags.LADDER);
        int old = OLDEST | RingFlags.SUBMIT_ALL | RingFlags.SQPOLL;
        assertThat(RingFlags.open(RingFlags.SUBMISSION_POLLING, kernel(old))).isEqualTo(7);
        assertThat(asked.getLast()).isEqualTo(old);
    }

    @Test
    void shouldSayInvalidWhenEvenThePlainestKindIsUnknown() {
        assertThat(RingFlags.open(RingFlags.LADDER, kernel(0))).isEqualTo(-Errno.EINVAL);
        assertThat(asked).isEqualTo(RingFlags.LADDER);
    }

    @Test
    void shouldNotStepDownForAReasonThatIsNotAboutFlags() {
        for (int errno : new int[] {Errno.ENOSYS, Errno.EPERM, Errno.ENOMEM, Errno.EMFILE}) {
            asked.clear();
            IntUnaryOperator refuses =
                    flags -> {
                        asked.add(flags);
                        return -errno;
                    };
            assertThat(RingFlags.open(RingFlags.LADDER, refuses)).isEqualTo(-errno);
            assertThat(asked).hasSize(1);
        }
    }

    @Test
    void shouldSayWhatHelpsAgainstARefusal() {
        assertThat(new RingException("io_uring_setup", Errno.EPERM))
                .hasMessageStartingWith("io_uring_setup refused: EPERM (1); ")
                .hasMessageContaining("seccomp");
        assertThat(new RingException("io_uring_setup", Errno.ENOSYS))
                .hasMessageContaining("ENOSYS (38); use Linux 5.6 or later");
        assertThat(new RingException("mmap of a ring", Errno.ENOMEM))
                .hasMessageContaining("ulimit -l");
        assertThat(new RingException("eventfd", Errno.EMFILE)).hasMessageContaining("ulimit -n");
        assertThat(new RingException("io_uring_setup", Errno.EINVAL))
                .hasMessageContaining("use Linux 5.6 or later");
        assertThat(new RingException("io_uring_setup", Errno.EIO))
                .hasMessage("io_uring_setup refused: EIO (5)");
    }

    private IntUnaryOperator kernel(int known) {
        return flags -> {
            asked.add(flags);
            return (flags & ~known) == 0 ? 7 : -Errno.EINVAL;
        };
    }
}
