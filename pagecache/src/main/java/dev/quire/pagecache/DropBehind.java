package dev.quire.pagecache;

import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.Invalidation;

/** Has the pages dropped that one cursor leaves, see {@link CursorHint#DROP_BEHIND}. */
final class DropBehind {
    private static final long NONE = -1;

    private final AddressSpace space;
    private final Invalidation invalidation;
    private long page = NONE;

    DropBehind(AddressSpace space, Invalidation invalidation) {
        this.space = space;
        this.invalidation = invalidation;
    }

    /** The cursor was put on a page, which may be the one that it was on before. */
    void standsOn(long page) {
        long before = this.page;
        this.page = page; // first: a hook may use the cursor
        if (before != NONE && before != page) {
            invalidation.dropUnused(space, before);
        }
    }

    /** The cursor goes nowhere any more. */
    void end() {
        standsOn(NONE);
    }
}
