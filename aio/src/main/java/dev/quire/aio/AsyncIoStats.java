package dev.quire.aio;

/**
 * Counts of one {@link AsyncIo} since it was opened: reads, writes, syncs, allocations, holes,
 * truncations and size queries, in blocking and asynchronous form; not opens and closes.
 *
 * <p>The counts are taken one after the other while others move them: each is right at some moment
 * of the call, together they are exact only when nothing is under way.
 *
 * @param submitted requests accepted
 * @param completed requests over, failed ones included
 * @param failed requests that ended with an {@link IoException}
 * @param bytesRead bytes read by requests that succeeded
 * @param bytesWritten bytes written by requests that succeeded
 * @param inFlight requests accepted and not yet over
 * @param inFlightMax most places of the queue that were taken at once; system calls that a blocking
 *     form makes itself take none. May be a few too low when threads raise it at the same time
 * @param placeWaits times that a thread waited for a place of the queue, because all were taken
 * @param placeWaitNanos nanoseconds of those waits, all threads together
 * @param overflowed requests that a completion submitted while the queue was full, and that waited
 *     in the overflow queue in its stead
 * @param transfersResumed times a request went on after the system had moved only a part of it
 * @param completionsThrown completions that threw
 * @param completionsIgnored ends of requests that were signalled a second time and went no further
 * @param openFiles files open now
 */
public record AsyncIoStats(
        long submitted,
        long completed,
        long failed,
        long bytesRead,
        long bytesWritten,
        long inFlight,
        long inFlightMax,
        long placeWaits,
        long placeWaitNanos,
        long overflowed,
        long transfersResumed,
        long completionsThrown,
        long completionsIgnored,
        int openFiles) {}
