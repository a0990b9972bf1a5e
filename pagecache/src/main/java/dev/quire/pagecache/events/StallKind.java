package dev.quire.pagecache.events;

/** What threads are made to wait for. */
public enum StallKind {
    /** A frame: none was free, and reclaim needed write-back or another thread. */
    FRAME,
    /** Write-back: too many pages are dirty. */
    WRITE_THROTTLE,
    /** A page that another thread reads, writes, latches or punches out. */
    PAGE
}
