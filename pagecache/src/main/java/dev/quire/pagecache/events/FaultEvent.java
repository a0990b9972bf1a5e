package dev.quire.pagecache.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A thread read a page that was not cached. */
@Name("quire.Fault")
@Label("Fault")
@Category({"Quire", "Page cache"})
@Description("A thread read a page from the store, because it was not cached")
@Threshold("10 ms")
public final class FaultEvent extends Event {
    /** Whose page. */
    @Label("File")
    public String file = "";

    /** Which. */
    @Label("Page")
    public long page;

    /** Whether the store failed, or the page was not good: the reader got an error. */
    @Label("Failed")
    public boolean failed;

    /** A read that has not begun. */
    public FaultEvent() {}
}
