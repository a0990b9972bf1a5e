package dev.quire.pagecache.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A thread was made to wait. */
@Name("quire.Stall")
@Label("Stall")
@Category({"Quire", "Page cache"})
@Description("A thread waited for a frame, for write-back, or for another thread's page")
@Threshold("10 ms")
public final class StallEvent extends Event {
    /** {@link StallKind}, by name. */
    @Label("Kind")
    public String kind = "";

    /** The file whose page was wanted; empty when there is none. */
    @Label("File")
    public String file = "";

    /** A wait that has not begun. */
    public StallEvent() {}
}
