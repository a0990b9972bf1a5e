package dev.quire.pagecache.space;

/** A page lies beyond the end of its file: the caller's mistake, unless a cut came in between. */
public final class BeyondEndException extends IndexOutOfBoundsException {
    private static final long serialVersionUID = 1L;

    BeyondEndException(String message) {
        super(message);
    }
}
