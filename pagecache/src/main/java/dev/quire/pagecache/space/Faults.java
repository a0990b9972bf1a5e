package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.core.Stalls;
import dev.quire.pagecache.events.FaultEvent;
import dev.quire.pagecache.events.StallKind;
import dev.quire.pagecache.readahead.ReadPattern;

import org.jspecify.annotations.Nullable;

/**
 * Brings pages into the cache.
 *
 * <p>The locked page, not yet up to date, is inserted before its read is issued. So there is one
 * reader a page (whoever comes later finds the slot taken and sleeps), no lock is held over I/O,
 * and a truncate that runs meanwhile can see the fill.
 */
public final class Faults {
    private final CacheContext context;
    private final ReadPattern alone = new ReadPattern(ReadPattern.Order.RANDOM);

    Faults(CacheContext context) {
        this.context = context;
    }

    /**
     * As {@link #fault(AddressSpace, long, ReadPattern)}, with nothing read ahead.
     *
     * @param space whose page
     * @param page page index, 0..sizePages-1
     * @return the slot, READABLE a moment ago
     */
    public long fault(AddressSpace space, long page) {
        return fault(space, page, alone);
    }

    /**
     * Makes a page resident, or waits until somebody else has.
     *
     * @param space whose page
     * @param page page index, 0..sizePages-1
     * @param pattern in what order the caller reads: what may be read ahead of him
     * @return the slot, READABLE a moment ago
     * @throws PageReadException if the store cannot read it; nothing is left behind
     * @throws IndexOutOfBoundsException if the page lies beyond the end
     */
    public long fault(AddressSpace space, long page, ReadPattern pattern) {
        while (true) {
            checkInside(space, page);
            long slot = space.translation().slot(page);
            if (Slot.isReadable(slot)) {
                asked(Slot.frame(slot));
                return slot;
            }
            if (Slot.isResident(slot)) {
                if (!context.readsAhead().arrived(space, page, Slot.frame(slot))) {
                    context.awaitFilled(space, page, Slot.frame(slot));
                }
            } else {
                space.checkOpen();
                Fill fill = Fill.insert(context, space, page, allocate(space, page));
                if (fill != null && !fill.removeIfPunched()) {
                    return read(fill, pattern);
                }
                if (fill != null) {
                    Stalls.Stall stall = context.counters().stalls.begin(StallKind.PAGE);
                    space.awaitPunched(context.latches());
                    stall.end(space.name());
                }
            }
        }
    }

    /** Who waited for a page that was read ahead is the first to ask for it: no use yet. */
    private void asked(int frame) {
        if (context.frames().isUnread(frame)) {
            context.frames().uses(frame, 0);
        }
    }

    private int allocate(AddressSpace space, long page) {
        try {
            return context.newFrames().take();
        } catch (RuntimeException | Error e) {
            Chunk made = space.translation().find(page);
            if (made != null) {
                space.translation().dropIfEmpty(made); // by who wanted to latch the page, say
            }
            throw e;
        }
    }

    @SuppressWarnings("CatchThrowable") // Foreign code: the page must not stay locked.
    private long read(Fill fill, ReadPattern pattern) {
        @Nullable FaultEvent event = null;
        try {
            event = new FaultEvent();
            event.begin();
            fill.checkWanted();
            // First, so that the device is at them while this thread is at its own.
            context.readsAhead().missed(fill.space(), fill.page(), pattern);
            fill.filled(fill.read());
        } catch (Throwable e) {
            tell(event, fill, true);
            throw unchecked(fill.remove(e));
        }
        long readable = fill.publish();
        tell(event, fill, false);
        return readable;
    }

    private static void tell(@Nullable FaultEvent event, Fill fill, boolean failed) {
        if (event != null && event.shouldCommit()) {
            event.file = fill.space().name();
            event.page = fill.page();
            event.failed = failed;
            event.commit();
        }
    }

    /** What ends a fill is unchecked, once it says which page it was about. */
    private static RuntimeException unchecked(Throwable failure) {
        return switch (failure) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> throw new AssertionError("fill failed by " + failure, failure);
        };
    }

    /**
     * Inserts a page of zeros without reading it, latched exclusively for the caller, who holds a
     * reference with the latch.
     *
     * @param space whose page; the caller holds its size lock, as does who publishes a direct write
     * @param page page index
     * @param chunk the page's chunk
     * @param seen the page's slot, not resident
     * @param frame a frame for it, from the allocator; stays the caller's when refused
     * @return the slot, BUSY; or ABSENT when somebody else changed the slot, or the page is under a
     *     direct write
     */
    long insertZeroed(AddressSpace space, long page, Chunk chunk, long seen, int frame) {
        if (space.directWrites().cover(page)) {
            return Slot.ABSENT;
        }
        context.memory(frame).fill((byte) 0);
        Fill fill = Fill.insert(context, space, page, chunk, seen, frame);
        return fill == null ? Slot.ABSENT : fill.latch();
    }

    /**
     * Fails unless a page lies inside the content.
     *
     * @param space whose page
     * @param page page index
     * @throws IndexOutOfBoundsException naming the page and the limit
     */
    public static void checkInside(AddressSpace space, long page) {
        if (page < 0 || page >= space.sizePages()) {
            throw beyondEnd(space, page);
        }
    }

    /**
     * A page that the file does not have.
     *
     * @param space whose
     * @param page page index
     * @return what to throw
     */
    public static BeyondEndException beyondEnd(AddressSpace space, long page) {
        return new BeyondEndException(
                "page must be below "
                        + space.sizePages()
                        + ": page="
                        + page
                        + ", file="
                        + space.name());
    }
}
