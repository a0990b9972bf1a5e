package dev.quire.simulation.disk;

import java.io.IOException;

/** What happens to requests of a disk on their way: they take time, come back short, fail. */
public interface Weather {
    /** Nothing happens. */
    Weather CALM = new Weather() {};

    /** Kinds of request. */
    enum Kind {
        READ,
        WRITE,
        SYNC,
        RESIZE,
        OPEN
    }

    /** Lets time pass before a request has its effect, or after that. */
    default void pass(Kind kind, boolean before) {}

    /** Fails a request before its effect, or lets it go on. */
    default void check(Kind kind) throws IOException {}

    /** How many of the bytes of a transfer are moved in this try, at least 1. */
    default int length(Kind kind, int asked) {
        return asked;
    }

    /** Something has happened. */
    default void happened(Mishap mishap) {}

    /** A request is over. */
    default void over(Kind kind, String file, long position, long outcome) {}
}
