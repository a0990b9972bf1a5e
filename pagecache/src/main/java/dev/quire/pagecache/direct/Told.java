package dev.quire.pagecache.direct;

import org.jspecify.annotations.Nullable;

/** Who is told of the end of a direct transfer. */
@FunctionalInterface
public interface Told {
    /**
     * Reports the outcome, once.
     *
     * @param bytes how many were transferred; -1 when it failed
     * @param failure null when it succeeded
     */
    void over(long bytes, @Nullable Throwable failure);
}
