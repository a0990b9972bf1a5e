package dev.quire.allocator.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Frames whose free had to wait were freed. */
@Name("quire.DeferredFree")
@Label("Deferred Free")
@Category({"Quire", "Allocator"})
@Description(
        "Blocks whose last reference was dropped while they were on a list of the page cache were"
                + " taken off it and freed")
@StackTrace(false)
public final class DeferredFreeEvent extends Event {
    /** Blocks freed. */
    @Label("Freed")
    public int freed;

    /** Blocks that go on waiting, because they could not be taken off their list yet. */
    @Label("Kept")
    public int kept;

    /** A round that has not begun. */
    public DeferredFreeEvent() {}
}
