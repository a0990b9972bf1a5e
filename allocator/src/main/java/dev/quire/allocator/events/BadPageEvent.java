package dev.quire.allocator.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A frame was misused. */
@Name("quire.BadPage")
@Label("Bad Page")
@Category({"Quire", "Allocator"})
@Description("A misuse of a frame was found, as a put too many; up to a rate, as in the log")
public final class BadPageEvent extends Event {
    /** What was broken. */
    @Label("Rule")
    public String rule = "";

    /** The frame; -1 for memory that is none. */
    @Label("Frame")
    public int frame;

    /** What it was then, in words. */
    @Label("State")
    public String state = "";

    /** Reports that were counted but not told since the one before. */
    @Label("Suppressed")
    public long suppressed;

    /** A misuse. */
    public BadPageEvent() {}
}
