package dev.quire.aio;

import dev.quire.aio.os.Errno;

/** A fault that a {@link FaultPlan} can make of a request that would have gone well. */
public enum Fault {
    /**
     * The system moved only a part: at least a byte, in direct mode at least a block. The request
     * goes on with the rest, so that its caller sees nothing of it.
     */
    SHORT_TRANSFER(Errno.NONE),

    /** The system had no resources for now. Tried again up to a limit, then the request fails. */
    EAGAIN(Errno.EAGAIN),

    /** A signal came first. Tried again; its caller sees nothing of it. */
    EINTR(Errno.EINTR),

    /** The device failed: the request fails, whatever part of it was done. */
    EIO(Errno.EIO),

    /** No space is left: a write or a sync fails, whatever part of it was done. */
    ENOSPC(Errno.ENOSPC),

    /** The request is begun, and so is over, up to 5 milliseconds later. */
    LATE(Errno.NONE),

    /** The request is begun after the one that was submitted next. */
    REORDERED(Errno.NONE),

    /**
     * The end of the request is signalled a second time, by its event in a ring or after its
     * report, when its place may be another request's already. The engine is to see through it;
     * counted in {@link AsyncIoStats#completionsIgnored()}.
     */
    DUPLICATED(Errno.NONE),

    /**
     * The submit is refused: it throws {@link IllegalStateException}, nothing has happened, and no
     * completion runs.
     */
    REFUSED(Errno.NONE);

    private final int errno;

    Fault(int errno) {
        this.errno = errno;
    }

    /** The error number that the system would give, or {@link Errno#NONE}. */
    int errno() {
        return errno;
    }

    boolean strikes(IoOperation operation) {
        return switch (this) {
            case SHORT_TRANSFER, EAGAIN, EINTR -> operation.transfers();
            case ENOSPC -> !operation.reads();
            default -> true;
        };
    }
}
