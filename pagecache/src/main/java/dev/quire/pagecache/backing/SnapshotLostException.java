package dev.quire.pagecache.backing;

import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a file could not be kept: a page was about to be changed, and there was no place
 * for what it held. Writers go on; whatever is read from the snapshot from now on throws this, also
 * of pages that are still there. A retry never helps; another snapshot may, with more memory for
 * old images or a place to spill them to.
 */
public class SnapshotLostException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * A loss.
     *
     * @param file name of the address space
     * @param reason which page it was, and what was missing
     * @param cause what failed; null when nothing did
     */
    public SnapshotLostException(String file, String reason, @Nullable Throwable cause) {
        super("snapshot is lost: file=" + file + ": " + reason, cause);
    }

    /**
     * The same loss, told to one more reader.
     *
     * @param loss what happened to the snapshot
     */
    public SnapshotLostException(SnapshotLostException loss) {
        super(loss.getMessage(), loss);
    }
}
