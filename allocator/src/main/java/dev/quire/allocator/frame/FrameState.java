package dev.quire.allocator.frame;

import java.util.StringJoiner;

/**
 * The layout of a frame word, and every transition it may make.
 *
 * <p>A transition is a pure function from the old word to the new one, or to {@link #REFUSED}. It
 * touches no memory, so that it can be tested exhaustively; {@link FrameTable} applies it by
 * compare-and-set.
 *
 * <pre>
 *  63           44 43            24 23             0
 * +---------------+----------------+----------------+
 * |     flags     |      pins      |   references   |
 * +---------------+----------------+----------------+
 * </pre>
 *
 * <ul>
 *   <li><b>references</b>: who keeps the frame: 0 means free, spare, frozen, deferred or
 *       quarantined (I1).
 *   <li><b>pins</b>: how many of those references belong to users' handles. A pin is a reference
 *       that blocks relocation and says so; {@code pins <= references} always.
 *   <li><b>flags</b>: below. A free frame's word is 0.
 * </ul>
 *
 * <p>Because counts and flags share one word, one CAS proves "exactly these references, no pins,
 * not dirty" ({@link #freeze}); Linux needs two words and a careful order for the same statement.
 */
public final class FrameState {
    /** The answer of a transition that may not happen; no legal word has this value. */
    public static final long REFUSED = -1L;

    private static final int REFS_BITS = 24;
    private static final int PINS_BITS = 20;
    private static final int FLAGS_BITS = 20;

    private static final int PINS_SHIFT = REFS_BITS;
    private static final int FLAGS_SHIFT = REFS_BITS + PINS_BITS;

    private static final long REF = 1L;
    private static final long REFS_MASK = (1L << REFS_BITS) - 1;
    private static final long PIN = 1L << PINS_SHIFT;
    private static final long PINS_MASK = ((1L << PINS_BITS) - 1) << PINS_SHIFT;

    /** The most references a frame can have; further ones are refused, never wrapped (S0.9). */
    public static final int REFS_MAX = (1 << REFS_BITS) - 128;

    /** The most pins a frame can have. */
    public static final int PINS_MAX = (1 << PINS_BITS) - 128;

    /** One thread fills, evicts, truncates or relocates the page; others wait or go elsewhere. */
    public static final long LOCKED = 1L << FLAGS_SHIFT;

    /** Somebody sleeps until LOCKED, EXCLUSIVE, SHARED_EXCLUSIVE or WRITEBACK is cleared. */
    public static final long WAITERS = LOCKED << 1;

    /** The bytes are the page's; without it they are not to be read. */
    public static final long UPTODATE = LOCKED << 2;

    /** The bytes are newer than the backing store's. */
    public static final long DIRTY = LOCKED << 3;

    /** The bytes are being written to the backing store; the page stays in its slot (I3). */
    public static final long WRITEBACK = LOCKED << 4;

    /** Dirtied again while under write-back. */
    public static final long REDIRTIED = LOCKED << 5;

    /** Linked in an LRU list, or about to be unlinked by the one who claims this flag (I2). */
    public static final long LRU = LOCKED << 6;

    /** On the main list rather than on probation. */
    public static final long ACTIVE = LOCKED << 7;

    /** Was ACTIVE once; remembered by the shadow when the page leaves. */
    public static final long WORKINGSET = LOCKED << 8;

    /** The address space keeps data of its own with the page, and one reference. */
    public static final long PRIVATE = LOCKED << 9;

    /** Read ahead of any use. */
    public static final long READAHEAD = LOCKED << 10;

    /** One writer may store into the bytes; nobody else reads or writes them meanwhile. */
    public static final long EXCLUSIVE = LOCKED << 11;

    /** One holder forbids writers; readers and pins go on. */
    public static final long SHARED_EXCLUSIVE = LOCKED << 12;

    /** References 0 while still on an LRU list: waits to be freed by {@link #claimDeferred}. */
    public static final long DEFERRED = LOCKED << 13;

    /** References 0 and exactly one owner, who may do anything with the frame. */
    public static final long FROZEN = LOCKED << 14;

    /** Failed a check when it was freed; never handed out again. */
    public static final long QUARANTINED = LOCKED << 15;

    /**
     * Free, and held ready in a frame cache: the whole word of such a block. Four moves lead here
     * and away, by {@link FrameTable#move}, and whoever makes one has the block: {@code FREE ->
     * SPARE} by a refill, {@code SPARE -> LIVE} by an allocation, {@code LIVE -> SPARE} by the last
     * put, {@code SPARE -> FREE} by whoever empties the cache.
     */
    public static final long SPARE = LOCKED << 16;

    /** The whole word of a free frame, which the zone has. */
    public static final long FREE = 0;

    /** The whole word of a block that has one reference, and that nobody marked in any way. */
    public static final long LIVE = REF;

    /**
     * What may not be set on a frame that goes back to the free ones (Linux checks all but DIRTY).
     */
    public static final long BAD_AT_FREE =
            LOCKED
                    | DIRTY
                    | WRITEBACK
                    | REDIRTIED
                    | LRU
                    | PRIVATE
                    | EXCLUSIVE
                    | SHARED_EXCLUSIVE
                    | DEFERRED
                    | QUARANTINED
                    | SPARE;

    /** What eviction refuses: content not yet on the backing store, or somebody inside the page. */
    public static final long BUSY_FOR_EVICTION =
            DIRTY | WRITEBACK | EXCLUSIVE | SHARED_EXCLUSIVE | FROZEN;

    /** What removal without write-back refuses: as eviction, but the content may be dropped. */
    public static final long BUSY_FOR_REMOVAL = BUSY_FOR_EVICTION & ~DIRTY;

    /** What relocation refuses: somebody inside the page. Dirty content moves with it. */
    public static final long BUSY_FOR_RELOCATION = BUSY_FOR_EVICTION & ~DIRTY;

    /** What a page takes along to another frame; LRU and ACTIVE follow with its place in a list. */
    public static final long MOVES_ALONG = UPTODATE | DIRTY | WORKINGSET | PRIVATE | READAHEAD;

    private static final String[] FLAG_NAMES = {
        "LOCKED",
        "WAITERS",
        "UPTODATE",
        "DIRTY",
        "WRITEBACK",
        "REDIRTIED",
        "LRU",
        "ACTIVE",
        "WORKINGSET",
        "PRIVATE",
        "READAHEAD",
        "EXCLUSIVE",
        "SHARED_EXCLUSIVE",
        "DEFERRED",
        "FROZEN",
        "QUARANTINED",
        "SPARE",
    };

    static {
        check(REFS_BITS + PINS_BITS + FLAGS_BITS == Long.SIZE, "the fields fill the word");
        check(SPARE == LOCKED << (FLAG_NAMES.length - 1), "every flag has a name");
        check(FLAG_NAMES.length < FLAGS_BITS, "REFUSED is no word: one flag bit is never set");
        check(PINS_MAX <= REFS_MAX, "every pin finds a reference");
    }

    private FrameState() {}

    // ---- what a word says

    /**
     * How many references a word holds, pins included.
     *
     * @param word a frame word
     * @return 0..{@link #REFS_MAX}
     */
    public static int refs(long word) {
        return (int) (word & REFS_MASK);
    }

    /**
     * How many of the references are pins.
     *
     * @param word a frame word
     * @return 0..{@link #PINS_MAX}
     */
    public static int pins(long word) {
        return (int) ((word & PINS_MASK) >>> PINS_SHIFT);
    }

    /**
     * Whether any of the flags is set.
     *
     * @param word a frame word
     * @param flags one or more flags
     * @return true if at least one of them is set
     */
    public static boolean any(long word, long flags) {
        return (word & flags) != 0;
    }

    // ---- references

    /**
     * A new owner's first reference: a free frame's word becomes one reference and no flags.
     *
     * @param word a frame word
     * @return the next word; REFUSED unless the word is a free frame's
     */
    public static long allocate(long word) {
        return word == 0 ? REF : REFUSED;
    }

    /**
     * One more reference. Refused at 0 (free, frozen, deferred: nobody protects it) and near
     * overflow.
     *
     * @param word a frame word
     * @return the next word or REFUSED
     */
    public static long get(long word) {
        int refs = refs(word);
        return refs == 0 || refs >= REFS_MAX ? REFUSED : word + REF;
    }

    /**
     * One reference less. The last one leaves the frame FROZEN, owned by the caller, who frees it;
     * or, if it is still on an LRU list, DEFERRED, for whoever takes it off the list (S1).
     *
     * @param word a frame word
     * @return the next word; REFUSED at 0, and when all references left are pins
     */
    public static long put(long word) {
        int refs = refs(word);
        if (refs == 0 || refs == pins(word)) {
            return REFUSED;
        }
        return refs > 1 ? word - REF : lastPut(word - REF);
    }

    /**
     * One more pin, and the reference that comes with it.
     *
     * @param word a frame word
     * @return the next word or REFUSED, as {@link #get}
     */
    public static long pin(long word) {
        int refs = refs(word);
        return refs == 0 || refs >= REFS_MAX || pins(word) >= PINS_MAX ? REFUSED : word + PIN + REF;
    }

    /**
     * One pin less, and its reference; the last one as {@link #put}.
     *
     * @param word a frame word
     * @return the next word; REFUSED without a pin, and without the reference it came with
     */
    public static long unpin(long word) {
        // A quarantined word keeps its pins at 0 references: taking one must not borrow from above.
        if (pins(word) == 0 || refs(word) == 0) {
            return REFUSED;
        }
        long next = word - PIN - REF;
        return refs(next) > 0 ? next : lastPut(next);
    }

    private static long lastPut(long word) {
        return any(word, LRU) ? word | DEFERRED : word | FROZEN;
    }

    /**
     * Whether a put or an unpin that led to this word took the last reference.
     *
     * @param word the word that a put, unpin or end of a latch answered
     * @return true when the frame is now FROZEN and the caller's, or DEFERRED
     */
    public static boolean reachedZero(long word) {
        return refs(word) == 0;
    }

    /**
     * Proves that the caller is alone and takes the frame: exactly the expected references, no
     * pins, none of the refused flags. A frame without references cannot be frozen: a free one
     * belongs to nobody, a deferred one to whoever takes it off its list.
     *
     * @param word a frame word
     * @param expected the references that the caller knows of, at least 1
     * @param refused flags that forbid it, e.g. {@link #BUSY_FOR_EVICTION}
     * @return the next word, references 0 and FROZEN; or REFUSED
     */
    public static long freeze(long word, int expected, long refused) {
        int refs = refs(word);
        if (refs == 0 || refs != expected || pins(word) != 0 || any(word, refused | FROZEN)) {
            return REFUSED;
        }
        return (word & ~REFS_MASK) | FROZEN;
    }

    /**
     * Gives a frozen frame its references back.
     *
     * @param word a frozen frame's word
     * @param refs references afterwards, 1..{@link #REFS_MAX}
     * @return the next word; REFUSED unless FROZEN, and when refs is out of range
     */
    public static long unfreeze(long word, int refs) {
        boolean inRange = refs > 0 && refs <= REFS_MAX;
        return any(word, FROZEN) && inRange ? (word & ~FROZEN) | refs : REFUSED;
    }

    /**
     * The end of a frame's use: a frozen word that passes the checks becomes a free frame's.
     *
     * @param word a frozen frame's word
     * @return 0; or REFUSED: not frozen, referenced, pinned, or with a flag of {@link #BAD_AT_FREE}
     */
    public static long free(long word) {
        boolean clean =
                any(word, FROZEN) && refs(word) == 0 && pins(word) == 0 && !any(word, BAD_AT_FREE);
        return clean ? 0 : REFUSED;
    }

    /**
     * Takes a frame out of use for good; flags and pins are kept for the report.
     *
     * @param word a frame word
     * @return the next word, references 0 and QUARANTINED
     */
    public static long quarantine(long word) {
        return (word & ~(REFS_MASK | FROZEN | DEFERRED | SPARE)) | QUARANTINED;
    }

    // ---- the LRU flag is a claim token

    /**
     * Puts a frame on an LRU list: the setter links it.
     *
     * @param word a frame word
     * @return the next word; REFUSED at 0 references or when already set
     */
    public static long setLru(long word) {
        return refs(word) == 0 || any(word, LRU) ? REFUSED : word | LRU;
    }

    /**
     * Claims a live frame off its LRU list: the winner unlinks it and holds a reference.
     *
     * @param word a frame word
     * @return the next word: LRU clear, one more reference; or REFUSED
     */
    public static long claimLru(long word) {
        return any(word, LRU) ? get(word & ~LRU) : REFUSED;
    }

    /**
     * Claims a deferred frame off its LRU list: the winner unlinks and frees it.
     *
     * @param word a frame word
     * @return the next word: LRU and DEFERRED clear, FROZEN; or REFUSED
     */
    public static long claimDeferred(long word) {
        boolean deferred = any(word, DEFERRED) && any(word, LRU) && refs(word) == 0;
        return deferred ? (word & ~(LRU | DEFERRED)) | FROZEN : REFUSED;
    }

    // ---- relocation

    /**
     * Takes the lock of a page that is to move, and a reference that keeps its frame meanwhile.
     *
     * @param word a frame word
     * @return the next word; REFUSED at 0 references, when not up to date, locked, pinned, latched
     *     or under write-back
     */
    public static long beginMove(long word) {
        boolean free =
                any(word, UPTODATE) && pins(word) == 0 && !any(word, LOCKED | BUSY_FOR_RELOCATION);
        return free ? get(word | LOCKED) : REFUSED;
    }

    /**
     * Proves that a page may move: nobody has it but the cache, its private data, and the caller,
     * who has it locked; and takes its frame.
     *
     * @param word a frame word
     * @return the next word, references 0 and FROZEN, still LRU; or REFUSED
     */
    public static long freezeToMove(long word) {
        boolean held = any(word, LOCKED) && any(word, UPTODATE) && any(word, LRU);
        return held ? freeze(word, refsToMove(word), BUSY_FOR_RELOCATION) : REFUSED;
    }

    /**
     * The references of a page that may move: the cache's, the mover's, one for private data.
     *
     * @param word a frame word
     * @return 2 or 3
     */
    public static int refsToMove(long word) {
        return any(word, PRIVATE) ? 3 : 2;
    }

    /**
     * The page is in this frame from now on, locked; the frame's reference is the cache's.
     *
     * @param word the word of a frame that was just allocated; others may hold it for a moment
     * @param from the word of the frame that the page comes from, frozen
     * @return the next word; REFUSED at 0 references, and when there is a page already
     */
    public static long moveIn(long word, long from) {
        if (refs(word) == 0 || any(word, LOCKED | UPTODATE)) {
            return REFUSED;
        }
        long along = word | LOCKED | (from & MOVES_ALONG);
        return any(from, PRIVATE) ? get(along) : along;
    }

    /**
     * The page has left this frame, which is the mover's to free.
     *
     * @param word a frozen frame's word
     * @return the next word, FROZEN and nothing else; REFUSED unless FROZEN, and while on a list
     */
    public static long moveOut(long word) {
        return any(word, FROZEN) && !any(word, LRU) ? FROZEN : REFUSED;
    }

    // ---- a frame that changes its page where it is, on its list

    /**
     * Takes the lock of a page that only the cache has, and whose frame another page may have, and
     * a reference that keeps the frame meanwhile.
     *
     * @param word a frame word
     * @return the next word; REFUSED when off the lists, referenced or pinned by anybody else, not
     *     up to date, locked, or what eviction refuses
     */
    public static long lockListed(long word) {
        boolean alone =
                refs(word) == refsToMove(word) - 1
                        && pins(word) == 0
                        && any(word, LRU)
                        && any(word, UPTODATE);
        return alone && !any(word, LOCKED | BUSY_FOR_EVICTION) ? get(word | LOCKED) : REFUSED;
    }

    /**
     * Proves that still nobody but the cache has the page, and takes its frame, list and all.
     *
     * @param word a frame word
     * @return the next word, references 0 and FROZEN, still LRU; or REFUSED
     */
    public static long freezeListed(long word) {
        return any(word, LRU) ? freeze(word, 2, BUSY_FOR_EVICTION) : REFUSED;
    }

    /**
     * Takes a deferred frame as it is, list and all.
     *
     * @param word a frame word
     * @return the next word: DEFERRED clear, FROZEN, still LRU; or REFUSED
     */
    public static long takeDeferred(long word) {
        boolean deferred = any(word, DEFERRED) && any(word, LRU) && refs(word) == 0;
        return deferred ? (word & ~DEFERRED) | FROZEN : REFUSED;
    }

    /**
     * The frame is another page's from now on, which is about to be filled: locked, and listed
     * where the old one was.
     *
     * @param word the word of a frame that was frozen so
     * @return the next word, with one reference, the cache's; REFUSED unless FROZEN and LRU
     */
    public static long unfreezeToFill(long word) {
        boolean taken = any(word, FROZEN) && any(word, LRU);
        return taken ? (word & (LRU | ACTIVE | WAITERS)) | LOCKED | REF : REFUSED;
    }

    // ---- locks and latches

    /**
     * Takes the page lock.
     *
     * @param word a frame word
     * @return the next word; REFUSED at 0 references or when already locked
     */
    public static long lock(long word) {
        return refs(word) == 0 || any(word, LOCKED) ? REFUSED : word | LOCKED;
    }

    /**
     * Gives the page lock back. The old word's WAITERS says whether to wake somebody.
     *
     * @param word a frame word
     * @return the next word; REFUSED when not locked
     */
    public static long unlock(long word) {
        return any(word, LOCKED) ? word & ~(LOCKED | WAITERS) : REFUSED;
    }

    /**
     * Ends a fill that succeeded: the bytes are valid and the page lock is given back.
     *
     * @param word a frame word
     * @return the next word; REFUSED when not locked or already up to date
     */
    public static long fillDone(long word) {
        return any(word, LOCKED) && !any(word, UPTODATE)
                ? (word & ~(LOCKED | WAITERS)) | UPTODATE
                : REFUSED;
    }

    /**
     * Takes the exclusive latch and a reference with it.
     *
     * @param word a frame word
     * @return the next word; REFUSED at 0 references, when not up to date, or latched by anybody
     */
    public static long beginExclusive(long word) {
        return !any(word, UPTODATE) || any(word, EXCLUSIVE | SHARED_EXCLUSIVE)
                ? REFUSED
                : get(word | EXCLUSIVE);
    }

    /**
     * Gives the exclusive latch and its reference back, content unchanged.
     *
     * @param word a frame word
     * @return the next word; REFUSED when not latched exclusively
     */
    public static long endExclusive(long word) {
        return any(word, EXCLUSIVE) ? put(word & ~(EXCLUSIVE | WAITERS)) : REFUSED;
    }

    /**
     * Gives the exclusive latch and its reference back, content changed.
     *
     * @param word a frame word
     * @return the next word, DIRTY and, under write-back, REDIRTIED; REFUSED when not latched
     */
    public static long endExclusiveDirty(long word) {
        long redirtied = any(word, WRITEBACK) ? REDIRTIED : 0;
        return endExclusive(word | DIRTY | redirtied);
    }

    /**
     * Takes the shared exclusive latch and a reference with it: no writer until it is given back.
     *
     * @param word a frame word
     * @return the next word; REFUSED as {@link #beginExclusive}
     */
    public static long beginShared(long word) {
        return !any(word, UPTODATE) || any(word, EXCLUSIVE | SHARED_EXCLUSIVE)
                ? REFUSED
                : get(word | SHARED_EXCLUSIVE);
    }

    /**
     * Gives the shared exclusive latch and its reference back.
     *
     * @param word a frame word
     * @return the next word; REFUSED when not held
     */
    public static long endShared(long word) {
        return any(word, SHARED_EXCLUSIVE) ? put(word & ~(SHARED_EXCLUSIVE | WAITERS)) : REFUSED;
    }

    // ---- write-back

    /**
     * Starts writing a page back. The shared exclusive latch makes its image stable meanwhile.
     *
     * @param word a frame word
     * @return the next word: DIRTY clear, WRITEBACK and SHARED_EXCLUSIVE set; REFUSED when clean,
     *     locked, latched, frozen, or under write-back already
     */
    public static long beginWriteback(long word) {
        boolean ready =
                any(word, DIRTY)
                        && refs(word) > 0
                        && !any(word, LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE | WRITEBACK | FROZEN);
        return ready ? (word & ~DIRTY) | WRITEBACK | SHARED_EXCLUSIVE : REFUSED;
    }

    /**
     * Lets who has a page under write-back store into it: a checksum, say.
     *
     * @param word a frame word
     * @return the next word: EXCLUSIVE in place of SHARED_EXCLUSIVE; REFUSED when not under
     *     write-back
     */
    public static long beginStamp(long word) {
        return any(word, WRITEBACK) && any(word, SHARED_EXCLUSIVE)
                ? (word & ~SHARED_EXCLUSIVE) | EXCLUSIVE
                : REFUSED;
    }

    /**
     * The image is complete: readers may see it, writers wait on.
     *
     * @param word a frame word
     * @return the next word: SHARED_EXCLUSIVE in place of EXCLUSIVE; REFUSED when not being stamped
     */
    public static long endStamp(long word) {
        return any(word, WRITEBACK) && any(word, EXCLUSIVE)
                ? (word & ~(EXCLUSIVE | WAITERS)) | SHARED_EXCLUSIVE
                : REFUSED;
    }

    /**
     * Ends a write-back that reached the backing store; DIRTY again only if dirtied meanwhile.
     *
     * @param word a frame word
     * @return the next word; REFUSED when not under write-back
     */
    public static long endWriteback(long word) {
        if (!any(word, WRITEBACK)) {
            return REFUSED;
        }
        long next = word & ~(WRITEBACK | SHARED_EXCLUSIVE | REDIRTIED | WAITERS);
        return any(word, REDIRTIED) ? next | DIRTY : next;
    }

    /**
     * Ends a write-back that failed: the page stays dirty, nothing is lost.
     *
     * @param word a frame word
     * @return the next word; REFUSED when not under write-back
     */
    public static long failWriteback(long word) {
        return any(word, WRITEBACK) ? endWriteback(word | REDIRTIED) : REFUSED;
    }

    // ---- private data

    /**
     * Marks a page as one that has private data, which is worth one reference.
     *
     * @param word a frame word
     * @return the next word: PRIVATE, one more reference; REFUSED at 0 references, near overflow,
     *     and when already marked
     */
    public static long attachPrivate(long word) {
        return any(word, PRIVATE) ? REFUSED : get(word | PRIVATE);
    }

    /**
     * Takes the mark and its reference back.
     *
     * @param word a frame word
     * @return the next word, as after {@link #put}; REFUSED when not marked
     */
    public static long detachPrivate(long word) {
        return any(word, PRIVATE) ? put(word & ~PRIVATE) : REFUSED;
    }

    // ---- single flags

    /**
     * Sets flags of a live frame.
     *
     * @param word a frame word
     * @param flags what to set
     * @return the next word; REFUSED at 0 references or when all are set already
     */
    public static long set(long word, long flags) {
        return refs(word) == 0 || (word & flags) == flags ? REFUSED : word | flags;
    }

    /**
     * Clears flags.
     *
     * @param word a frame word
     * @param flags what to clear
     * @return the next word; REFUSED when none of them is set
     */
    public static long clear(long word, long flags) {
        return any(word, flags) ? word & ~flags : REFUSED;
    }

    /**
     * A word in words, for messages.
     *
     * @param word a frame word
     * @return for example {@code [refs 2, pins 1, UPTODATE DIRTY]}
     */
    public static String describe(long word) {
        String counts = "[refs " + refs(word) + ", pins " + pins(word);
        String flags = flagNames(word);
        return flags.isEmpty() ? counts + "]" : counts + ", " + flags + "]";
    }

    /**
     * The names of the flags that are set, for messages.
     *
     * @param flags flags, or a whole word
     * @return for example {@code UPTODATE DIRTY}; empty when none is set
     */
    public static String flagNames(long flags) {
        StringJoiner names = new StringJoiner(" ");
        for (int i = 0; i < FLAG_NAMES.length; i++) {
            if (any(flags, LOCKED << i)) {
                names.add(FLAG_NAMES[i]);
            }
        }
        return names.toString();
    }

    private static void check(boolean holds, String rule) {
        if (!holds) {
            throw new AssertionError("frame word layout: " + rule);
        }
    }
}
