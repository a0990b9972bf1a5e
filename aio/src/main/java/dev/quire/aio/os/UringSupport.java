package dev.quire.aio.os;

import java.util.Optional;

/** Whether {@link Uring} works in this process, and if not, why and what helps. */
public final class UringSupport {
    private UringSupport() {}

    /**
     * The reason why io_uring is refused. Asked anew each time: a limit may have been raised.
     *
     * @return empty when it works; otherwise the reason with its cure
     */
    public static Optional<String> refusal() {
        Optional<String> refusal = PosixSupport.refusal();
        if (refusal.isPresent()) {
            return refusal;
        }
        try {
            Uring.open(1).close();
            return Optional.empty();
        } catch (RingException e) {
            return Optional.ofNullable(e.getMessage());
        }
    }
}
