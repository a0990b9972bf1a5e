package dev.quire.pagecache.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** One write of neighbouring dirty pages. */
@Name("quire.WriteBack")
@Label("Write-Back")
@Category({"Quire", "Page cache"})
@Description("Neighbouring dirty pages were written to their store")
@Threshold("10 ms")
@StackTrace(false)
public final class WriteBackEvent extends Event {
    /** Whose pages. */
    @Label("File")
    public String file = "";

    /** The first of them. */
    @Label("First Page")
    public long firstPage;

    /** How many. */
    @Label("Pages")
    public long pages;

    /** Whether the store failed; the pages are dirty still. */
    @Label("Failed")
    public boolean failed;

    /** A write that has not begun. */
    public WriteBackEvent() {}
}
