package dev.quire.pagecache.backing;

import java.io.IOException;

/**
 * Pages could not be written to the store behind them. They stay dirty and cached; once the cause
 * is gone (space made, say), the next sync tries again.
 */
public class WriteFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A failed write-back.
     *
     * @param file name of the address space
     * @param detail what is not written
     * @param cause what the store said
     */
    public WriteFailedException(String file, String detail, Throwable cause) {
        super(
                "pages could not be written: file="
                        + file
                        + ", "
                        + detail
                        + ": "
                        + cause.getMessage(),
                cause);
    }
}
