package dev.quire.pagecache.lru;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.function.IntConsumer;

/** Every replacement policy, for tests that hold for all of them. */
public enum Policies {
    RTQ,
    TWO_LIST;

    public Replacement over(FrameTable frames) {
        return switch (this) {
            case RTQ -> new Rtq(frames, putting(frames));
            case TWO_LIST -> new TwoListLru(frames);
        };
    }

    static Rtq rtq(FrameTable frames, int shards) {
        return new Rtq(frames, putting(frames), shards);
    }

    /** Who puts the last reference to a page that is not on a list frees it. */
    static IntConsumer putting(FrameTable frames) {
        return frame -> {
            if (FrameState.any(frames.update(frame, FrameState::put), FrameState.FROZEN)) {
                frames.update(frame, FrameState::free);
            }
        };
    }
}
