package dev.quire.pagecache.space;

/**
 * The layout of a translation slot: what is known of one page of a file, in 64 bits.
 *
 * <pre>
 *   63                    32 31                3 2    0
 *  +------------------------+-------------------+------+
 *  |        version         |       frame       | 01x  |    BUSY 010, READABLE 011
 *  +------------------------+-------------------+------+
 *  |                   memo                     | 100  |    SHADOW, memo: the policy's
 *  +--------------------------------------------+------+
 * </pre>
 *
 * <p>BUSY is also the page that a window of read-ahead begins with, until somebody comes to it: it
 * is READABLE from then on, see {@link ReadsAhead}.
 *
 * <p>The version stands in the slot, not in the frame word, so that an optimistic read needs one
 * word: it proves at once which frame holds the page, that its bytes may be read, and, when it is
 * still the same afterwards, that nobody stored into them meanwhile. A writer makes the slot BUSY
 * before its first store and READABLE with the next version of the frame after its last one;
 * eviction makes it a SHADOW before the frame can go to another page.
 */
public final class Slot {
    /** Nothing is known of the page. */
    public static final long ABSENT = 0;

    /** A value that no slot ever has: a shadow that no policy leaves. */
    public static final long NEVER = -4;

    // One bit each, so that one test tells.
    private static final long READABLE = 1;
    private static final long RESIDENT = 2;
    private static final long SHADOW = 4;

    private static final int FRAME_SHIFT = 3;
    private static final int FRAME_BITS = 29;
    private static final int VERSION_SHIFT = 32;
    private static final int MEMO_SHIFT = 3;

    /** Frames that a slot can name: 2 TiB of 4 KiB frames. */
    public static final int FRAMES_MAX = 1 << FRAME_BITS;

    static {
        if (FRAME_SHIFT + FRAME_BITS != VERSION_SHIFT
                || VERSION_SHIFT + Integer.SIZE != Long.SIZE) {
            throw new AssertionError("slot layout: the fields fill the word");
        }
    }

    private Slot() {}

    /**
     * A resident page whose bytes are valid and may be read.
     *
     * @param frame where it is
     * @param version the version of the frame's content
     * @return the slot
     */
    public static long readable(int frame, int version) {
        return busy(frame, version) | READABLE;
    }

    /**
     * A resident page that is being filled or written, or was read ahead and marked.
     *
     * @param frame where it is
     * @param version the version of the frame's content
     * @return the slot
     */
    public static long busy(int frame, int version) {
        return (long) version << VERSION_SHIFT | (long) frame << FRAME_SHIFT | RESIDENT;
    }

    /**
     * The same slot, not to be read.
     *
     * @param slot a resident slot
     * @return BUSY, same frame and version
     */
    public static long busy(long slot) {
        return slot & ~READABLE;
    }

    /**
     * The same slot, to be read.
     *
     * @param slot a resident slot
     * @return READABLE, same frame and version
     */
    public static long readable(long slot) {
        return slot | READABLE;
    }

    /**
     * The same page in another frame.
     *
     * @param slot a resident slot
     * @param frame where the page is from now on
     * @param version the version of that frame's content
     * @return BUSY or READABLE, as the slot was
     */
    public static long moved(long slot, int frame, int version) {
        return busy(frame, version) | (slot & READABLE);
    }

    /**
     * What is left of an evicted page.
     *
     * @param memo what the replacement policy wants to be told when the page comes back, at least 0
     *     and less than 2^60
     * @return the slot
     */
    public static long shadow(long memo) {
        return memo << MEMO_SHIFT | SHADOW;
    }

    /**
     * Whether the page's bytes may be read.
     *
     * @param slot any slot
     * @return true for READABLE
     */
    public static boolean isReadable(long slot) {
        return (slot & READABLE) != 0;
    }

    /**
     * Whether a frame holds the page.
     *
     * @param slot any slot
     * @return true for BUSY and READABLE
     */
    public static boolean isResident(long slot) {
        return (slot & RESIDENT) != 0;
    }

    /**
     * Whether the page was evicted and left a memo.
     *
     * @param slot any slot
     * @return true for SHADOW
     */
    public static boolean isShadow(long slot) {
        return (slot & SHADOW) != 0;
    }

    /**
     * The frame that holds the page.
     *
     * @param slot a resident slot
     * @return the frame
     */
    public static int frame(long slot) {
        return (int) slot >>> FRAME_SHIFT;
    }

    /**
     * Whether two slots name the same frame.
     *
     * @param slot a resident slot
     * @param frame a frame
     * @return true if the slot is resident and names the frame
     */
    public static boolean names(long slot, int frame) {
        return isResident(slot) && frame(slot) == frame;
    }

    /**
     * What the replacement policy noted when the page left.
     *
     * @param slot a shadow
     * @return what was given to {@link #shadow}
     */
    public static long memo(long slot) {
        return slot >>> MEMO_SHIFT;
    }

    /**
     * A slot in words, for messages.
     *
     * @param slot any slot
     * @return for example {@code READABLE F#1a2f v17}
     */
    public static String describe(long slot) {
        if (!isResident(slot)) {
            return isShadow(slot) ? "SHADOW " + Long.toHexString(memo(slot)) : "ABSENT";
        }
        return (isReadable(slot) ? "READABLE F#" : "BUSY F#")
                + Integer.toHexString(frame(slot))
                + " v"
                + Integer.toUnsignedString((int) (slot >>> VERSION_SHIFT));
    }
}
