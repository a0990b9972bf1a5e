package dev.quire.pagecache.space;

import static dev.quire.allocator.frame.FrameState.PRIVATE;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.pagecache.backing.PageHooks.NO_PRIVATE_DATA;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The word that an engine keeps with a cached page. It is worth one reference and the flag PRIVATE;
 * memory is taken for 512 frames together when the first of them has one.
 *
 * <p>The word is the truth: whoever changes it by CAS, from or to none, also changes flag and
 * reference, a few instructions later. Everybody who does so holds a pin, the latch or the page
 * lock, so that the frame stays.
 */
public final class PrivateData {
    private static final int BLOCK_SHIFT = 9;
    private static final int BLOCK_FRAMES = 1 << BLOCK_SHIFT;

    private final FrameTable frames;
    private final AtomicReferenceArray<@Nullable AtomicLongArray> blocks;

    /**
     * A table without a word.
     *
     * @param frames the side table
     */
    public PrivateData(FrameTable frames) {
        this.frames = frames;
        blocks = new AtomicReferenceArray<>((frames.frameCount() >>> BLOCK_SHIFT) + 1);
    }

    /**
     * What is attached to a page.
     *
     * @param frame where it is
     * @return NO_PRIVATE_DATA when there is none
     */
    public long get(int frame) {
        AtomicLongArray block = blocks.get(frame >>> BLOCK_SHIFT);
        return block == null ? NO_PRIVATE_DATA : block.get(frame & (BLOCK_FRAMES - 1));
    }

    /**
     * Attaches a word to a page that has none.
     *
     * @param frame where it is; the caller has it pinned or latched
     * @param data the word, not NO_PRIVATE_DATA
     * @return false when there is one
     */
    public boolean attach(int frame, long data) {
        if (!block(frame).compareAndSet(frame & (BLOCK_FRAMES - 1), NO_PRIVATE_DATA, data)) {
            return false;
        }
        while (frames.update(frame, FrameState::attachPrivate) == REFUSED) {
            Thread.onSpinWait(); // who detached last has yet to clear the flag
        }
        return true;
    }

    /**
     * Detaches a word.
     *
     * @param frame where the page is; the caller has it pinned, latched or locked
     * @param data the word
     * @return false when another word is attached, or none
     */
    public boolean detach(int frame, long data) {
        AtomicLongArray block = blocks.get(frame >>> BLOCK_SHIFT);
        if (data == NO_PRIVATE_DATA
                || block == null
                || !block.compareAndSet(frame & (BLOCK_FRAMES - 1), data, NO_PRIVATE_DATA)) {
            return false;
        }
        while (frames.update(frame, FrameState::detachPrivate) == REFUSED) {
            Thread.onSpinWait(); // who attached it has yet to set the flag
        }
        return true;
    }

    /**
     * Detaches whatever is attached.
     *
     * @param frame where the page is; the caller has it pinned, latched or locked
     * @return NO_PRIVATE_DATA when there was none
     */
    public long take(int frame) {
        while (FrameState.any(frames.word(frame), PRIVATE)) {
            long data = get(frame);
            if (detach(frame, data)) {
                return data;
            }
        }
        return NO_PRIVATE_DATA;
    }

    /**
     * The word follows its page to another frame; flag and reference go with the frames' words.
     *
     * @param from where the page was, FROZEN by the caller
     * @param to where it is going to be, not in its slot yet
     */
    void move(int from, int to) {
        block(to).set(to & (BLOCK_FRAMES - 1), get(from));
        block(from).set(from & (BLOCK_FRAMES - 1), NO_PRIVATE_DATA);
    }

    /**
     * How much heap it takes, object headers aside.
     *
     * @return bytes; nearly none while nothing was attached
     */
    public long metadataBytes() {
        long bytes = 4L * blocks.length();
        for (int i = 0; i < blocks.length(); i++) {
            bytes += blocks.get(i) == null ? 0 : (long) BLOCK_FRAMES * Long.BYTES;
        }
        return bytes;
    }

    private AtomicLongArray block(int frame) {
        int index = frame >>> BLOCK_SHIFT;
        AtomicLongArray block = blocks.get(index);
        if (block != null) {
            return block;
        }
        AtomicLongArray made = new AtomicLongArray(BLOCK_FRAMES);
        AtomicLongArray before = blocks.compareAndExchange(index, null, made);
        return before == null ? made : before;
    }
}
