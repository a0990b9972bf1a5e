package dev.quire.bench.io;

import java.util.Locale;

/** Which requests a loop makes; the names are fio's. */
public enum IoPattern {
    /** Reads of random blocks. */
    RANDREAD(true, true, false),
    /** Writes of random blocks. */
    RANDWRITE(true, false, true),
    /** Reads of one block after the other. */
    READ(false, true, false),
    /** Writes of one block after the other. */
    WRITE(false, false, true),
    /** Random blocks, as many reads as writes. */
    RANDRW(true, true, true);

    private final boolean random;
    private final boolean reads;
    private final boolean writes;

    IoPattern(boolean random, boolean reads, boolean writes) {
        this.random = random;
        this.reads = reads;
        this.writes = writes;
    }

    boolean random() {
        return random;
    }

    boolean reads() {
        return reads;
    }

    boolean writes() {
        return writes;
    }

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
