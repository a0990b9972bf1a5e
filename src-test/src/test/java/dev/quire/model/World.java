package dev.quire.model;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.Arrays;

/**
 * One page, two frames, a store, an LRU list, and threads between steps: all that a frame word is
 * about. The words are changed by the transitions of {@link FrameState} themselves.
 */
final class World {
    static final int FRAMES = 2;
    static final int NONE = -1;

    /** What a frame holds that belongs to no page, and while somebody is storing into it. */
    static final int GARBAGE = 200;

    static final int TORN = 201;

    /** The order column of a frame that is free, or inside a block. */
    static final int ORDER_NONE = FrameTable.ORDER_NONE;

    static final int TAIL = FrameTable.ORDER_TAIL;

    final long[] word = new long[FRAMES];
    final int[] content = {GARBAGE, GARBAGE};
    final boolean[] linked = new boolean[FRAMES];
    final boolean[] deferred = new boolean[FRAMES];
    final boolean[] free = {true, true};
    final boolean[] owned = new boolean[FRAMES];
    final int[] order = {ORDER_NONE, ORDER_NONE};

    int slotFrame = NONE;
    boolean slotReadable;
    int slotVersion;

    /** What the store holds, and what the last write put into the page. */
    int store;

    int written;

    /** Somebody cut the page off: pins of it may be left behind. */
    boolean cut;

    final int[] at; // where each thread is in its program; DONE at the end
    final int[] frame; // what it has found out
    final int[] other;
    final int[] seen;

    World(int threads) {
        at = new int[threads];
        frame = new int[threads];
        other = new int[threads];
        seen = new int[threads];
    }

    /** The page is cached in frame 0, clean, and on the list. */
    static World cached(int threads) {
        World world = new World(threads);
        world.free[0] = false;
        world.order[0] = 0;
        world.owned[0] = true;
        world.word[0] =
                FrameState.setLru(FrameState.allocate(FrameState.FREE)) | FrameState.UPTODATE;
        world.linked[0] = true;
        world.content[0] = 0;
        world.slotFrame = 0;
        world.slotReadable = true;
        return world;
    }

    World copy() {
        World copy = new World(at.length);
        System.arraycopy(word, 0, copy.word, 0, FRAMES);
        System.arraycopy(content, 0, copy.content, 0, FRAMES);
        System.arraycopy(linked, 0, copy.linked, 0, FRAMES);
        System.arraycopy(deferred, 0, copy.deferred, 0, FRAMES);
        System.arraycopy(free, 0, copy.free, 0, FRAMES);
        System.arraycopy(owned, 0, copy.owned, 0, FRAMES);
        System.arraycopy(order, 0, copy.order, 0, FRAMES);
        System.arraycopy(at, 0, copy.at, 0, at.length);
        System.arraycopy(frame, 0, copy.frame, 0, at.length);
        System.arraycopy(other, 0, copy.other, 0, at.length);
        System.arraycopy(seen, 0, copy.seen, 0, at.length);
        copy.slotFrame = slotFrame;
        copy.slotReadable = slotReadable;
        copy.slotVersion = slotVersion;
        copy.store = store;
        copy.written = written;
        copy.cut = cut;
        return copy;
    }

    /** Equal worlds have equal keys. */
    Key key() {
        long[] key = new long[FRAMES + 2 + at.length];
        System.arraycopy(word, 0, key, 0, FRAMES);
        long flags = 0;
        for (int f = 0; f < FRAMES; f++) {
            flags = flags << 8 | content[f];
            flags = flags << 1 | (linked[f] ? 1 : 0);
            flags = flags << 1 | (deferred[f] ? 1 : 0);
            flags = flags << 1 | (free[f] ? 1 : 0);
            flags = flags << 1 | (owned[f] ? 1 : 0);
            flags = flags << 5 | (order[f] + 1);
        }
        key[FRAMES] = flags;
        key[FRAMES + 1] =
                slotVersion
                        | (slotFrame + 1L) << 16
                        | (slotReadable ? 1L : 0) << 20
                        | (cut ? 1L : 0) << 21
                        | (long) store << 24
                        | (long) written << 40;
        for (int thread = 0; thread < at.length; thread++) {
            key[FRAMES + 2 + thread] =
                    at[thread]
                            | (frame[thread] + 1L) << 16
                            | (other[thread] + 1L) << 24
                            | (long) seen[thread] << 32;
        }
        return new Key(key);
    }

    /** Of a world. */
    static final class Key {
        private final long[] longs;

        Key(long[] longs) {
            this.longs = longs;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(longs, key.longs);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(longs);
        }
    }

    // ---- what steps are made of

    /** Changes a word; answers whether the transition was allowed. */
    boolean change(int of, long next) {
        if (next == FrameState.REFUSED) {
            return false;
        }
        word[of] = next;
        return true;
    }

    boolean any(int of, long flags) {
        return FrameState.any(word[of], flags);
    }

    /** Takes the first free frame; NONE when there is none. */
    int allocate() {
        for (int f = 0; f < FRAMES; f++) {
            if (free[f]) {
                free[f] = false;
                order[f] = 0;
                require(change(f, FrameState.allocate(word[f])), "a free frame's word is 0");
                content[f] = GARBAGE;
                return f;
            }
        }
        return NONE;
    }

    /** Takes both frames out of the zone, as a block of order 1; answers whether they were free. */
    boolean takeBlock() {
        if (!free[0] || !free[1]) {
            return false;
        }
        Arrays.fill(free, false);
        Arrays.fill(content, GARBAGE);
        return true;
    }

    /** What follows a transition that may have taken the last reference. */
    void afterPut(int of) {
        if (FrameState.reachedZero(word[of])) {
            if (any(of, FrameState.DEFERRED)) {
                deferred[of] = true;
            } else {
                release(of);
            }
        }
    }

    /** A FROZEN frame, and the tails of its block, go back to the free ones. */
    void release(int of) {
        require(order[of] == 0 || order[of] == 1, "I4: a head is freed, with its order");
        int end = of + (1 << order[of]);
        require(end <= FRAMES, "I4: a block is freed as long as it is");
        require(change(of, FrameState.free(word[of])), "a frame that is freed is clean");
        for (int f = of; f < end; f++) {
            require(!free[f], "a frame is freed once");
            require(f == of || order[f] == TAIL, "I4: a block is freed with its own tails");
            require(!owned[f] && !linked[f], "a frame that is freed is nobody's");
            require(word[f] == FrameState.FREE, "I4: nobody has a tail");
            order[f] = ORDER_NONE;
            free[f] = true;
            content[f] = GARBAGE;
        }
    }

    void store(int of, int value) {
        require(
                any(of, FrameState.EXCLUSIVE | FrameState.FROZEN) || !any(of, FrameState.UPTODATE),
                "bytes change only while nobody may take them for good");
        content[of] = value;
    }

    void slot(int to, boolean readable) {
        slotFrame = to;
        slotReadable = readable;
        slotVersion++;
    }

    // ---- what is always true

    void verify() {
        for (int f = 0; f < FRAMES; f++) {
            boolean zero = FrameState.refs(word[f]) == 0;
            boolean ownWord = order[f] >= 0;
            boolean nobody = any(f, FrameState.FROZEN) || any(f, FrameState.DEFERRED);
            require(
                    zero == (nobody || word[f] == FrameState.FREE),
                    "I1: references 0 and free, FROZEN or DEFERRED");
            require(!free[f] || word[f] == FrameState.FREE, "I1: nobody has what is free");
            require(zero || ownWord, "I4: who has a reference has a head, of some order");
            require(!free[f] || order[f] == ORDER_NONE, "I4: what is free has no order");
            require(order[f] != TAIL || order[0] == 1, "I4: a tail is behind its head");
            require(order[f] != TAIL || word[f] == FrameState.FREE, "I4: nobody has a tail");
            require(any(f, FrameState.LRU) == linked[f], "I2: LRU and linked");
            require(!any(f, FrameState.WRITEBACK) || slotFrame == f, "I3: WRITEBACK and slot");
            require(slotFrame != f || (owned[f] && !free[f]), "I5: slot and owner");
            require(FrameState.pins(word[f]) <= FrameState.refs(word[f]), "a pin is a reference");
        }
    }

    /** When all threads are done and what was deferred is freed. */
    void verifyEnd() {
        for (int f = 0; f < FRAMES; f++) {
            if (deferred[f]) {
                drain(f);
            }
            if (free[f]) {
                require(word[f] == FrameState.FREE, "I6: a free frame's word is 0");
            } else {
                require(slotFrame == f, "I6: a frame that is not free is the page's");
                require(FrameState.refs(word[f]) == 1, "only the cache has it");
                require(linked[f], "it is on the list");
                require(
                        !any(f, FrameState.LOCKED | FrameState.EXCLUSIVE | FrameState.WRITEBACK),
                        "nobody is inside");
                require(content[f] == written, "the page holds the last write");
                require(
                        any(f, FrameState.DIRTY) || store == content[f],
                        "I7: what is not stored is dirty");
            }
        }
        require(slotFrame != NONE || store == written, "the store holds the last write");
    }

    void drain(int of) {
        deferred[of] = false;
        require(change(of, FrameState.claimDeferred(word[of])), "what is deferred waits");
        linked[of] = false;
        release(of);
    }

    static void require(boolean holds, String rule) {
        if (!holds) {
            throw new BrokenRule(rule);
        }
    }

    /** A rule that does not hold in some world. */
    static final class BrokenRule extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BrokenRule(String rule) {
            super(rule);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int f = 0; f < FRAMES; f++) {
            text.append(
                    "frame %d %s content %d%s%s; "
                            .formatted(
                                    f,
                                    FrameState.describe(word[f]),
                                    content[f],
                                    free[f] ? " free" : "",
                                    linked[f] ? " linked" : ""));
        }
        return text
                + "slot %d%s, store %d, written %d"
                        .formatted(slotFrame, slotReadable ? "" : " busy", store, written);
    }
}
