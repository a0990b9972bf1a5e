package dev.quire.aio;

/** What a request does; all but the transfers run an {@link IoCall}. */
enum IoOperation {
    READ("read"),
    WRITE("write"),
    READ_VECTOR("read"),
    WRITE_VECTOR("write"),
    OPEN("open"),
    SYNC("sync"),
    SYNC_DATA("syncData"),
    ALLOCATE("allocate"),
    PUNCH_HOLE("punchHole"),
    TRUNCATE("truncate"),
    SIZE("size"),
    CLOSE("close");

    private final String word;

    IoOperation(String word) {
        this.word = word;
    }

    boolean reads() {
        return this == READ || this == READ_VECTOR;
    }

    boolean writes() {
        return this == WRITE || this == WRITE_VECTOR;
    }

    boolean transfers() {
        return reads() || writes();
    }

    /** The operation as messages and {@link IoException#operation()} name it. */
    String word() {
        return word;
    }
}
