package dev.quire.pagecache.backing;

/**
 * The call would have to wait for a thread that waits for the caller. Nothing was changed; release
 * what is latched, and call again.
 */
public class WouldBlockException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * A refusal.
     *
     * @param file name of the address space
     * @param operation what was refused
     * @param reason what it would wait for
     */
    public WouldBlockException(String file, String operation, String reason) {
        super(operation + " would wait for " + reason + ": file=" + file);
    }

    /**
     * The same refusal, for another thread that asked for the same.
     *
     * @param same what the first one got
     */
    public WouldBlockException(WouldBlockException same) {
        super(same.getMessage(), same);
    }
}
