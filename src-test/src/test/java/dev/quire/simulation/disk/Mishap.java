package dev.quire.simulation.disk;

/** What happens to requests and changes, each time that it has happened; counted by tests. */
public enum Mishap {
    /** Fewer bytes were read than asked for, though they are there. */
    SHORT_READ,
    SHORT_WRITE,
    FAILED_READ,
    FAILED_WRITE,
    FAILED_SYNC,
    FAILED_RESIZE,
    FAILED_OPEN,
    /** A request took very long. */
    LONG_WAIT,
    /** A request took effect after one that was begun later. */
    OVERTAKEN,
    /** Of a write that no sync had covered a crash left some sectors. */
    TORN_WRITE,
    /** A crash left nothing of such a write. */
    LOST_WRITE,
    /** A crash left such a write as a whole. */
    SURVIVING_WRITE,
    /** A crash undid a cut or an extension. */
    LOST_RESIZE,
    SURVIVING_RESIZE,
    /** A crash left nothing of a new file. */
    LOST_NAME;

    static Mishap failed(Weather.Kind kind) {
        return switch (kind) {
            case READ -> FAILED_READ;
            case WRITE -> FAILED_WRITE;
            case SYNC -> FAILED_SYNC;
            case RESIZE -> FAILED_RESIZE;
            case OPEN -> FAILED_OPEN;
        };
    }
}
