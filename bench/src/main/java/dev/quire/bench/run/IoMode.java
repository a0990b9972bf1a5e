package dev.quire.bench.run;

/** Whether the file is read and written past the operating system's own page cache. */
public enum IoMode {
    /** Direct where the file system offers it, else buffered. */
    AUTO,
    /** Direct, or the run is refused. */
    DIRECT,
    /** Through the operating system's page cache. */
    BUFFERED
}
