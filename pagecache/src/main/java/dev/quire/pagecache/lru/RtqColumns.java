package dev.quire.pagecache.lru;

/** What RTQ notes of each frame beside the side table: when it was last seen in use, and where. */
final class RtqColumns {
    /** The younger half of probation: uses here do not count. */
    static final int YOUNG = 0;

    /** The older half of probation. */
    static final int OLD = 1;

    /** The main list. */
    static final int MAIN = 2;

    /** Shards that a place can name. */
    static final int SHARDS_MAX = 64;

    private static final int LIST_BITS = 2;
    private static final int LIST_MASK = (1 << LIST_BITS) - 1;

    private final int[] stamps;

    /**
     * Shard and list; the shard stays the same from before the frame is linked until it is freed.
     */
    private final byte[] places;

    RtqColumns(int frameCount) {
        stamps = new int[frameCount];
        places = new byte[frameCount];
    }

    int stamp(int frame) {
        return stamps[frame];
    }

    void stamp(int frame, int time) {
        stamps[frame] = time;
    }

    int shard(int frame) {
        return Byte.toUnsignedInt(places[frame]) >>> LIST_BITS;
    }

    int list(int frame) {
        return places[frame] & LIST_MASK;
    }

    void place(int frame, int shard, int list) {
        places[frame] = (byte) (shard << LIST_BITS | list);
    }

    long bytes() {
        return (Integer.BYTES + Byte.BYTES) * (long) stamps.length;
    }
}
