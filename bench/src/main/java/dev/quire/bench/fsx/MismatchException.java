package dev.quire.bench.fsx;

/** A file is not what its copy is; the message says where. */
final class MismatchException extends Exception {
    private static final long serialVersionUID = 1L;

    MismatchException(String what) {
        super(what);
    }
}
