package dev.quire.pagecache.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A store made durable what it was given. */
@Name("quire.Sync")
@Label("Sync")
@Category({"Quire", "Page cache"})
@Description("A store made durable what it was given before, as by fdatasync")
@Threshold("10 ms")
public final class SyncEvent extends Event {
    /** Whose store. */
    @Label("File")
    public String file = "";

    /** Whether the store failed: the file is fenced then. */
    @Label("Failed")
    public boolean failed;

    /** A sync that has not begun. */
    public SyncEvent() {}
}
