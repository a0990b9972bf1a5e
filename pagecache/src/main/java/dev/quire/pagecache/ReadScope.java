package dev.quire.pagecache;

import dev.quire.pagecache.space.Slots;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Several pages of a file, read optimistically and validated together: what was read of all of them
 * was there at one moment. For descents of a tree, whose inner nodes may split or move meanwhile.
 * For one thread; reusable; nothing is allocated by using it, once it has grown to the depth that
 * is wanted.
 *
 * <pre>{@code
 * long value;
 * try (ReadScope scope = file.readScope()) {
 *     do {
 *         scope.read(c, root);
 *         long child = c.getLong(childOffset);
 *         scope.read(c, child);           // sound although child may be garbage
 *         value = c.getLong(valueOffset);
 *     } while (scope.retry());
 * }
 * }</pre>
 *
 * <p>As with a single page, everything read until {@link #retry} answers false may be garbage:
 * decide nothing by it but where to read next. A loop over what was read must be bounded.
 *
 * <p>Who leaves a round without {@link #retry}, by an exception of his own, say, calls {@link
 * #close}: the round may hold writers off its pages.
 */
public final class ReadScope implements AutoCloseable {
    private static final int DEPTH_MIN = 8;

    private final PagedFile file;
    private long[] places = new long[DEPTH_MIN];
    private long[] slots = new long[DEPTH_MIN];
    private int depth;
    private int rounds;

    /** A page that was read is no longer what it was: the rest of the round is for nothing. */
    private boolean broken;

    /** A checked cursor was given garbage. */
    private boolean garbage;

    private final List<CursorCheck> checks = new ArrayList<>();

    /** In a starved round: they hold the pages, so that nobody writes them. */
    private @Nullable PageCursor[] holders = new @Nullable PageCursor[0];

    private int held;
    private long inTheWay = -1;

    ReadScope(PagedFile file) {
        this.file = file;
    }

    /**
     * Puts a cursor on a page, as {@link PageCursor#read}, and takes the page into the scope. Call
     * {@link #retry} of the scope at the end, not the cursor's.
     *
     * <p>A page number that was read from a page of the scope may be garbage. So before anything is
     * done for a page that is not cached, or does not exist, the pages of the scope are validated;
     * if one has changed, the cursor reads zeros from here on, and {@code retry} answers true.
     *
     * @param cursor a cursor of the same file
     * @param page page index
     * @throws IndexOutOfBoundsException if the page lies beyond the end of the file, and what was
     *     read before is valid
     * @throws dev.quire.pagecache.backing.PageReadException if the page is not cached and cannot be
     *     read
     * @throws IllegalArgumentException if the cursor is another file's
     * @throws IllegalStateException if the cursor holds a pin or a latch, or the file is closed
     */
    public void read(PageCursor cursor, long page) {
        if (cursor.space != file.space()) {
            throw new IllegalArgumentException(
                    "cursor must be of file " + file.name() + ": cursor=" + cursor);
        }
        boolean read = false;
        try {
            read =
                    !broken
                            && (rounds < CursorPosition.ROUNDS_MAX || hold(page))
                            && cursor.readInScope(page, this);
        } catch (RuntimeException | Error e) {
            letGo(); // nobody may call retry any more
            if (e instanceof Error || depth == 0 || valid()) {
                throw e;
            } // what led to the page changed meanwhile: there may be no such page
        }
        if (!read) {
            broken = true;
            cursor.standBroken();
            return;
        }
        if (cursor.check != null) {
            garbage |= cursor.check.inScope();
            checks.add(cursor.check);
        }
        record(cursor.at, cursor.slot);
    }

    private void record(long at, long slot) {
        if (depth == places.length) {
            places = Arrays.copyOf(places, 2 * depth);
            slots = Arrays.copyOf(slots, 2 * depth);
        }
        places[depth] = at;
        slots[depth++] = slot;
    }

    /** Whether all pages of the scope are what they were, and were shown as they were. */
    boolean valid() {
        if (garbage) {
            return false;
        }
        for (int i = 0; i < depth; i++) {
            if (!Slots.validate(places[i], slots[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether everything must be read again, from the first page on, because one of the pages was
     * written, or left, meanwhile. The scope is empty afterwards.
     *
     * <p>After 8 rounds in vain the next one locks writers out of the pages that it reads.
     *
     * @return false when everything read in this round is valid and belongs together
     */
    public boolean retry() {
        boolean again = broken || !valid();
        long inTheWay = this.inTheWay;
        empty();
        rounds = again ? rounds + 1 : 0;
        if (again && inTheWay >= 0) {
            awaitFree(inTheWay);
        }
        return again;
    }

    private void empty() {
        letGo();
        depth = 0;
        broken = false;
        garbage = false;
        checks.forEach(CursorCheck::scopeEnded);
        checks.clear();
        inTheWay = -1;
    }

    /**
     * Gives up a round that {@link #retry} did not end, and the cursors that the scope keeps. It
     * may be used again.
     */
    @Override
    public void close() {
        empty();
        rounds = 0;
        for (PageCursor holder : holders) {
            if (holder != null) {
                holder.close();
            }
        }
        holders = new @Nullable PageCursor[0];
    }

    // ---- starved rounds

    /** Locks writers out of a page; never waits for a latch while holding others. */
    private boolean hold(long page) {
        if (depth > 0 && !file.has(page) && !valid()) {
            return false;
        }
        for (int i = 0; i < held; i++) {
            if (holder(i).page() == page) {
                return true;
            }
        }
        if (holder(held).tryHold(page)) {
            held++;
            return true;
        }
        inTheWay = page;
        return false;
    }

    private void awaitFree(long page) {
        try {
            holder(0).awaitFree(page); // holding nothing
        } catch (RuntimeException e) {
            rounds = 0; // the page may be garbage; if it is not, a round that holds nothing says so
        }
    }

    private PageCursor holder(int i) {
        if (i >= holders.length) {
            holders = Arrays.copyOf(holders, i + 1);
        }
        PageCursor holder = holders[i];
        if (holder == null) {
            holder = file.cursor();
            holders[i] = holder;
        }
        return holder;
    }

    private void letGo() {
        while (held > 0) {
            holder(--held).letGo();
        }
    }

    @Override
    public String toString() {
        return "ReadScope[file=" + file.name() + ", pages=" + depth + "]";
    }
}
