package dev.quire.simulation.disk;

/** What a disk does that no disk may do: for the canaries of whoever checks. */
public enum Treachery {
    /** Keeps its promises. */
    NONE,
    /** Forgets a write now and then that a completed sync has covered. */
    LOSES_SYNCED_WRITE,
    /** Answers a sync before anything is durable; the next one catches up. */
    ANSWERS_SYNC_EARLY,
    /** Forgets one sector of a write that a completed sync has covered. */
    LOSES_SECTOR,
    /** Puts a write now and then where the one before it went. */
    MISPLACES_WRITE
}
