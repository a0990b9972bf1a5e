package dev.quire.bench.stat;

/** There is nothing more to tell of: the cache was closed, or its process has ended. */
final class SourceEndedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SourceEndedException(String message, Throwable cause) {
        super(message, cause);
    }

    SourceEndedException(String message) {
        super(message);
    }
}
