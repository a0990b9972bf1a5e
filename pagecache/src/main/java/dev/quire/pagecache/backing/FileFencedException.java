package dev.quire.pagecache.backing;

/**
 * A sync of this file failed: nobody knows what of it is durable, and a second sync that succeeded
 * would prove nothing. Or the program said so itself, by {@code PagedFile.fence}. What the calls of
 * such a file do, on every handle:
 *
 * <table>
 * <caption>A fenced file</caption>
 * <tr><th>call</th><th>what it does</th></tr>
 * <tr><td>{@code read}, {@code tryRead}, {@code pin} of a cached page, and all that reads it</td>
 *     <td>works</td></tr>
 * <tr><td>{@code read}, {@code pin}, {@code readAsync}, {@code prefetch}, {@code prefetchRange} of
 *     pages that are not cached</td><td>throws this</td></tr>
 * <tr><td>{@code write}, {@code tryWrite}, {@code create}, {@code upgrade}, {@code append}, {@code
 *     truncate}, {@code invalidate}, {@code punchHole}</td><td>throws this</td></tr>
 * <tr><td>what a thread does under a latch that it had before, {@code lsn}, {@code downgrade},
 *     {@code release}</td><td>works; the change stays in memory, and is lost</td></tr>
 * <tr><td>{@code sync}, {@code syncRange}, {@code flush}</td><td>throws this; the sync that failed
 *     threw {@link WriteFailedException}</td></tr>
 * <tr><td>{@code snapshot}, and what is read from snapshots</td><td>works, as far as pages were
 *     kept or are cached; throws this for others</td></tr>
 * <tr><td>{@code warmUp}</td><td>throws this</td></tr>
 * <tr><td>{@code readDirect}, {@code writeDirect}, {@code tryReadDirect}, {@code
 *     tryWriteDirect}</td><td>throws this</td></tr>
 * <tr><td>{@code sizeBytes}, {@code oldestDirtyLsn}, {@code cursor}, {@code
 *     cursorGroup}, {@code readAheadBytes}, {@code dumpHotPages}, {@code fence} and the like</td>
 *     <td>works; no log position is given up any more</td></tr>
 * <tr><td>{@code close}</td><td>closes the handle, and throws {@link WriteFailedException}; the last
 *     one discards, closes the store, and says how many pages are lost</td></tr>
 * </table>
 *
 * <p>Only opening the file again after that clears it. A retry never helps.
 */
public class FileFencedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param file name of the address space
     * @param cause the sync that failed, or what the program gave up for
     */
    public FileFencedException(String file, Throwable cause) {
        super("file is fenced, nobody knows what of it is durable: file=" + file, cause);
    }
}
