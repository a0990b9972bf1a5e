package dev.quire.aio.os;

/**
 * What kind of ring is wanted.
 *
 * @param depth most requests under way at once, 1 to 32768; a linked sync and a cancel do not count
 * @param submissionPollMillis how long a thread of the kernel's looks for entries before it sleeps;
 *     0 for no such thread
 * @param completionPolling whether events are fetched from the device, for reads and writes of
 *     direct files only; such a ring has no doorbell
 */
public record RingOptions(int depth, int submissionPollMillis, boolean completionPolling) {
    /**
     * An ordinary ring.
     *
     * @param depth most requests under way at once
     * @return options
     */
    public static RingOptions ofDepth(int depth) {
        return new RingOptions(depth, 0, false);
    }

    boolean submissionPolling() {
        return submissionPollMillis > 0;
    }
}
