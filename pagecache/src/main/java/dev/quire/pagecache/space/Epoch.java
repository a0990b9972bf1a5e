package dev.quire.pagecache.space;

/**
 * What a write latch has to ask while there are snapshots of its address space, or one is being
 * taken. Immutable; a new one takes its place whenever anything of it changes.
 */
final class Epoch {
    /** How far a snapshot that is being taken has come. */
    enum Taking {
        /** None is. */
        NOTHING,
        /** Latches go; only who holds one gets another. */
        BEGUN,
        /** Nobody holds one, it seems: nobody gets one until that is certain. */
        SEALED
    }

    private final Snapshots snapshots;
    private final Taking taking;
    // The newest snapshot that is wanted, then those after it that others still look through.
    private final SpaceSnapshot[] keepers;

    Epoch(Snapshots snapshots, Taking taking, SpaceSnapshot[] keepers) {
        this.snapshots = snapshots;
        this.taking = taking;
        this.keepers = keepers;
    }

    /**
     * Asked by who has latched a page, before he stores into it: keeps what it holds.
     *
     * @param frame where it is, latched exclusively by the caller, who gives the latch back if
     *     refused
     * @return false when a snapshot is being taken, or there is no room at the moment and writers
     *     wait for that, and the caller holds no other latch: he waits by {@link
     *     Snapshots#awaitTaken}
     */
    boolean admits(int frame) {
        if (taking != Taking.NOTHING && !snapshots.passes(this)) {
            return false;
        }
        return keepers.length == 0 || snapshots.keep(keepers, frame);
    }

    boolean isTaking() {
        return taking != Taking.NOTHING;
    }

    boolean isSealed() {
        return taking == Taking.SEALED;
    }

    SpaceSnapshot[] keepers() {
        return keepers;
    }
}
