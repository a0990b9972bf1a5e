package dev.quire.pagecache.backing;

/**
 * A sync of this file failed: nobody knows what of it is durable, and a second sync that succeeded
 * would prove nothing. Cached pages can still be read; writes, faults and syncs are refused. Only
 * closing and opening the file again ends it.
 */
public class FileFencedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param file name of the address space
     * @param cause the sync that failed
     */
    public FileFencedException(String file, Throwable cause) {
        super("file is fenced after a failed sync: file=" + file, cause);
    }
}
