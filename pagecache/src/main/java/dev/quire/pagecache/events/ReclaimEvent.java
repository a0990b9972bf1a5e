package dev.quire.pagecache.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A run of reclaim. */
@Name("quire.Reclaim")
@Label("Reclaim")
@Category({"Quire", "Page cache"})
@Description("Frames were taken back from pages")
@StackTrace(false)
@Threshold("10 ms")
public final class ReclaimEvent extends Event {
    /** Whether a thread did it that needed a frame, rather than the background. */
    @Label("Direct")
    public boolean direct;

    /** Frames that are free by it. */
    @Label("Frames Freed")
    public long framesFreed;

    /** Dirty pages that stood in the way at the end. */
    @Label("Dirty Pages Seen")
    public long dirtyPagesSeen;

    /** How many frames earlier than at the watermark it began. */
    @Label("Frames Ahead")
    public long framesAhead;

    /** A run that has not begun. */
    public ReclaimEvent() {}
}
