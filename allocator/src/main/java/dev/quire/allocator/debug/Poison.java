package dev.quire.allocator.debug;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A pattern in every free frame: who reads a frame after its free sees it, who writes there is
 * found when the frame is allocated again.
 *
 * <p>Fresh frames, and those given back to the system, hold zeros and no pattern; a column says
 * which frames have one. Only whoever owns a frame alone fills or forgets it.
 */
public final class Poison {
    /**
     * The byte. Eight of them are no address on any system (the upper bits of one are all equal),
     * odd, negative in every width, and no UTF-8.
     */
    public static final byte PATTERN = (byte) 0xE7;

    /** {@link #damage}: every byte is as it was left. */
    public static final long INTACT = -1;

    private static final VarHandle BYTES = MethodHandles.arrayElementVarHandle(byte[].class);

    private final MemorySegment region;
    private final long pageBytes;
    private final MemorySegment page;
    private final byte[] filled;

    /**
     * No frame has the pattern yet.
     *
     * @param region the memory of all frames
     * @param pageBytes bytes of a frame
     */
    public Poison(MemorySegment region, int pageBytes) {
        this.region = region;
        this.pageBytes = pageBytes;
        byte[] pattern = new byte[pageBytes];
        Arrays.fill(pattern, PATTERN);
        page = MemorySegment.ofArray(pattern);
        filled = new byte[Math.toIntExact(region.byteSize() / pageBytes)];
    }

    /**
     * Fills frames with the pattern.
     *
     * @param frame first of them; all are FROZEN, the caller's, and pass the checks of a free: the
     *     bytes of a block that fails them are evidence
     * @param count how many
     */
    public void fill(int frame, int count) {
        region.asSlice(frame * pageBytes, count * pageBytes).fill(PATTERN);
        mark(frame, count, (byte) 1);
    }

    /**
     * Frames have lost the pattern rightly: their memory was given back to the system.
     *
     * @param frame first of them
     * @param count how many
     */
    public void forget(int frame, int count) {
        mark(frame, count, (byte) 0);
    }

    private void mark(int frame, int count, byte mark) {
        for (int i = frame; i < frame + count; i++) {
            BYTES.setOpaque(filled, i, mark);
        }
    }

    /**
     * Looks for a byte that was written since the frames were filled.
     *
     * @param frame first of them
     * @param count how many
     * @return the offset of the first one in the region, or {@link #INTACT}
     */
    public long damage(int frame, int count) {
        for (int i = frame; i < frame + count; i++) {
            if ((byte) BYTES.getOpaque(filled, i) != 0) {
                long from = i * pageBytes;
                long at =
                        MemorySegment.mismatch(region, from, from + pageBytes, page, 0, pageBytes);
                if (at >= 0) {
                    return from + at;
                }
            }
        }
        return INTACT;
    }

    /**
     * The frame that was written to.
     *
     * @param damage what {@link #damage} answered
     * @return a frame
     */
    public int frame(long damage) {
        return (int) (damage / pageBytes);
    }

    /**
     * What was found, in words.
     *
     * @param damage what {@link #damage} answered
     * @return for example {@code offset=17, expected=0xe7, found=0x00}
     */
    public String describe(long damage) {
        byte found = region.get(ValueLayout.JAVA_BYTE, damage);
        return "offset="
                + damage % pageBytes
                + ", expected="
                + hex(PATTERN)
                + ", found="
                + hex(found);
    }

    private static String hex(byte value) {
        return "0x" + Integer.toHexString(0x100 | (value & 0xff)).substring(1);
    }

    /**
     * Heap that the column takes.
     *
     * @return bytes
     */
    public long metadataBytes() {
        return filled.length;
    }
}
