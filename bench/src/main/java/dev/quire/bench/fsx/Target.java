package dev.quire.bench.fsx;

/** What is exercised. */
public enum Target {
    /** A file in Quire's page cache, through its channel. */
    QUIRE,
    /** The same operations on a file of the JDK: the exerciser's own check. */
    PLAIN
}
