package dev.quire.pagecache.backing;

import java.io.IOException;
import java.time.Duration;

/**
 * A cache could not be closed in time: a store hangs, or somebody keeps a latch. Closing goes on,
 * and closing again waits again. What has not been written may still be, or may be lost.
 */
public final class CloseTimeoutException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A close that took too long.
     *
     * @param limit how long it was waited for
     * @param left which files are not closed, and how many dirty pages each has
     */
    public CloseTimeoutException(Duration limit, String left) {
        super("cache is not closed yet: waited=" + limit + ", files=" + left);
    }
}
