package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The last failed write-back of an address space, until somebody was told of it. Write-back happens
 * when nobody is listening; the next sync or close reports the error, once. Apart from that,
 * whether write-back fails at present: a report does not make a store well, and a store that is
 * well again may still have something to report.
 *
 * <p>Source: Linux {@code errseq_t}, here with one listener.
 */
public final class WriteErrors {
    private final AtomicReference<@Nullable Throwable> unreported = new AtomicReference<>();

    private volatile @Nullable Throwable current;

    WriteErrors() {}

    /**
     * Records a failure; the first one that is not reported yet is kept.
     *
     * @param error what the store said
     */
    public void record(Throwable error) {
        current = error;
        unreported.compareAndSet(null, error);
    }

    /** Write-back works: all that a pass found was stored. */
    public void recovered() {
        if (current != null) {
            current = null;
        }
    }

    /**
     * Why write-back fails at present.
     *
     * @return null when it does not
     */
    public @Nullable Throwable current() {
        return current;
    }

    /**
     * Takes the failure that nobody was told of: the caller reports it.
     *
     * @return null when there is none
     */
    public @Nullable Throwable take() {
        return unreported.getAndSet(null);
    }
}
