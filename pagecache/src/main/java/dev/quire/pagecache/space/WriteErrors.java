package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The last failed write-back of an address space, until somebody was told of it. Write-back happens
 * when nobody is listening; the next sync or close reports the error, once.
 *
 * <p>Source: Linux {@code errseq_t}, here with one listener.
 */
public final class WriteErrors {
    private final AtomicReference<@Nullable Throwable> unreported = new AtomicReference<>();

    WriteErrors() {}

    /**
     * Records a failure; the first one that is not reported yet is kept.
     *
     * @param error what the store said
     */
    public void record(Throwable error) {
        unreported.compareAndSet(null, error);
    }

    /**
     * The failure that nobody was told of.
     *
     * @return null when there is none
     */
    public @Nullable Throwable peek() {
        return unreported.get();
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
