package dev.quire.pagecache;

import org.jspecify.annotations.Nullable;

/** Called when a direct read or write of a {@link PagedFile} is over. */
@FunctionalInterface
public interface DirectCompletion {
    /**
     * Reports the outcome: exactly once for each accepted transfer, never on the stack that asked
     * for it, and with no lock of the cache held. The memory is the caller's again. It may ask for
     * further transfers; only the executor says whether it may wait. What it throws is counted and
     * logged, and goes no further.
     *
     * @param bytes how many bytes were transferred: for a write all, for a read fewer than asked
     *     only if the file ended there; -1 when it failed, so that no part is taken for success
     * @param failure null when it succeeded; else the first thing that failed
     */
    void complete(long bytes, @Nullable Throwable failure);
}
