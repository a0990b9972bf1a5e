package dev.quire.pagecache.lru;

import dev.quire.allocator.frame.FrameTable;

/** Every replacement policy, for tests that hold for all of them. */
public enum Policies {
    RTQ,
    TWO_LIST;

    public Replacement over(FrameTable frames) {
        return switch (this) {
            case RTQ -> new Rtq(frames);
            case TWO_LIST -> new TwoListLru(frames);
        };
    }
}
