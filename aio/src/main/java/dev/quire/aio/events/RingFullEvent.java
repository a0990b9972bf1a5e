package dev.quire.aio.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A thread waited, because as many requests were under way as may be. */
@Name("quire.RingFull")
@Label("Ring Full")
@Category({"Quire", "I/O"})
@Description("A thread that submits a request waited for a place in the queue of its engine")
@Threshold("10 ms")
public final class RingFullEvent extends Event {
    /** How many places the engine has. */
    @Label("Queue Depth")
    public int queueDepth;

    /** A wait that has not begun. */
    public RingFullEvent() {}
}
