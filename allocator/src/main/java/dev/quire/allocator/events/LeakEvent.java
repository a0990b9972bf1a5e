package dev.quire.allocator.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** An allocator was closed while blocks were allocated. */
@Name("quire.Leak")
@Label("Leak")
@Category({"Quire", "Allocator"})
@Description("Blocks were still allocated when their allocator was closed")
public final class LeakEvent extends Event {
    /** How many blocks. */
    @Label("Blocks")
    public int blocks;

    /** How many frames they have together. */
    @Label("Frames")
    public int frames;

    /** The first of them; with tracking, where they were allocated. */
    @Label("Report")
    public String report = "";

    /** A leak. */
    public LeakEvent() {}
}
