package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.SnapshotLostException;
import dev.quire.pagecache.readahead.ReadPattern;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The snapshots of one address space.
 *
 * <p>A snapshot is a moment in which nobody holds a write latch of the space. From then on the
 * first write to a page keeps what it held, before it stores anything, for the newest snapshot that
 * is wanted. Who reads a page of a snapshot looks for an image of it in that snapshot, then in each
 * that was taken later, and then reads the page itself: nobody wrote it since.
 */
public final class Snapshots {
    private static final SpaceSnapshot[] NO_SNAPSHOTS = {};

    private final AddressSpace space;
    private final CacheContext context;
    private final ReadPattern alone = new ReadPattern(ReadPattern.Order.RANDOM);

    private final SnapshotTaking taking;

    // Held for a moment while the list changes; who holds a latch takes it too.
    private final ReentrantLock lock = new ReentrantLock();
    private Epoch.Taking step = Epoch.Taking.NOTHING; // under the lock

    // The oldest first. Those that are closed, or lost, stay while an older one is wanted.
    private volatile SpaceSnapshot[] all = NO_SNAPSHOTS;

    Snapshots(AddressSpace space, CacheContext context) {
        this.space = space;
        this.context = context;
        taking = new SnapshotTaking(space, context);
    }

    // ---- taking one

    /**
     * Takes a snapshot: waits until nobody holds a write latch of the space, and keeps others from
     * latching meanwhile.
     *
     * @param spill where old images go that memory is too short for
     * @return what is read by {@link #read}, until {@link #close}
     * @throws IllegalStateException if the space is closed
     */
    public SpaceSnapshot take(Images.Spill spill) {
        Images images = new Images(space, context, spill);
        SpaceSnapshot taken = null;
        try {
            context.images().add(images);
            images.open();
            taken = taking.take(images);
            context.counters().snapshotsTaken.increment();
            return taken;
        } finally {
            if (taken == null) {
                images.free();
            }
        }
    }

    /**
     * Called by who was refused a latch by {@link AddressSpace#admits}, and holds none: waits until
     * it is worth another try.
     *
     * @return whether it waited
     */
    public boolean awaitTaken() {
        return space.epoch() != null && taking.await();
    }

    /** Whether a thread that has latched a page while one is taken may keep the latch. */
    boolean passes(Epoch seen) {
        return taking.passes(seen);
    }

    // ---- the list

    /** Says how far one is that is taken; the snapshot, once it is there. */
    void publish(Epoch.Taking step, @Nullable SpaceSnapshot taken) {
        lock.lock();
        try {
            this.step = step;
            if (taken != null) {
                SpaceSnapshot[] more = Arrays.copyOf(all, all.length + 1);
                more[all.length] = taken;
                all = more;
            }
            publishLocked();
        } finally {
            lock.unlock();
        }
    }

    private void publishLocked() {
        SpaceSnapshot[] keepers = NO_SNAPSHOTS;
        for (int i = all.length - 1; i >= 0 && keepers.length == 0; i--) {
            if (all[i].wanted()) {
                keepers = Arrays.copyOfRange(all, i, all.length);
            }
        }
        boolean none = step == Epoch.Taking.NOTHING && keepers.length == 0;
        space.epoch(none ? null : new Epoch(this, step, keepers));
    }

    /**
     * How many there are that can be read.
     *
     * @return neither closed nor lost, now
     */
    public int open() {
        int open = 0;
        for (SpaceSnapshot each : all) {
            open += each.wanted() ? 1 : 0;
        }
        return open;
    }

    /**
     * Ends a snapshot: nobody reads it any more. What older ones do not need is given back.
     *
     * @param snapshot of this space; nothing happens if it is closed
     */
    public void close(SpaceSnapshot snapshot) {
        SpaceSnapshot[] gone;
        SpaceSnapshot[] left;
        lock.lock();
        try {
            if (!snapshot.close()) {
                return;
            }
            gone = takeUnwanted();
            left = all;
            publishLocked();
        } finally {
            lock.unlock();
        }
        free(gone);
        int at = Arrays.asList(left).indexOf(snapshot);
        if (at < 0) {
            snapshot.images().free(); // it was lost before, and may still be about to be freed
        } else {
            dropWhatOlderOnesHave(left, at);
        }
    }

    /** Takes those off the list that nobody looks through: no older one is wanted. */
    private SpaceSnapshot[] takeUnwanted() {
        SpaceSnapshot[] before = all;
        int first = 0;
        while (first < before.length && !before[first].wanted()) {
            first++;
        }
        all = Arrays.copyOfRange(before, first, before.length);
        return Arrays.copyOf(before, first);
    }

    private static void free(SpaceSnapshot[] gone) {
        for (SpaceSnapshot each : gone) {
            each.images().free();
        }
    }

    /** Of a closed snapshot that stays, older ones look only for what they did not find before. */
    private static void dropWhatOlderOnesHave(SpaceSnapshot[] snapshots, int closed) {
        int older = closed - 1;
        while (older >= 0 && !snapshots[older].wanted()) {
            older--;
        }
        if (older >= 0) {
            SpaceSnapshot[] between = Arrays.copyOfRange(snapshots, older, closed);
            snapshots[closed].images().dropIf(page -> isKept(between, 0, page));
        }
    }

    private static boolean isKept(SpaceSnapshot[] snapshots, int from, long page) {
        for (int i = from; i < snapshots.length; i++) {
            if (snapshots[i].images().has(page)) {
                return true;
            }
        }
        return false;
    }

    // ---- keeping

    /**
     * Keeps what a page holds that is about to be written for the first time since the newest.
     *
     * @return false if the caller is to wait, by {@link #awaitTaken}, and then to try again
     */
    @SuppressWarnings("CatchThrowable") // The caller holds a latch, and shall not fail by this.
    boolean keep(SpaceSnapshot[] keepers, int frame) {
        long page = context.frames().page(frame);
        if (page >= keepers[0].sizePages()) {
            return true;
        }
        try {
            if (!isKept(keepers, 1, page)
                    && !keepers[0].images().keep(page, context.images().address(frame))) {
                if (mayWaitForRoom(keepers[0])) {
                    return false;
                }
                lose(keepers[0], page, null);
            }
        } catch (Throwable e) {
            lose(keepers[0], page, e);
        }
        return true;
    }

    private boolean mayWaitForRoom(SpaceSnapshot keeper) {
        return keeper.images().failure() == null
                && context.images().isRoomExpected()
                && !context.latches().anyMine();
    }

    /** A page is not kept: all who would look for it are lost. Never throws, never waits. */
    private void lose(SpaceSnapshot keeper, long page, @Nullable Throwable cause) {
        Throwable why = cause != null ? cause : keeper.images().failure();
        String what = "nothing can be kept of page=" + page + ", " + context.images();
        if (cause == null && why == null) {
            what += ", old images came faster than they could be spilled";
        }
        SpaceSnapshot[] gone;
        lock.lock();
        try {
            int i = Arrays.asList(all).indexOf(keeper);
            for (; i >= 0 && !all[i].images().has(page); i--) {
                if (page < all[i].sizePages()) {
                    lose(all[i], new SnapshotLostException(space.name(), what, why));
                }
            }
            gone = takeUnwanted();
            publishLocked();
        } finally {
            lock.unlock();
        }
        freeSoon(gone);
    }

    /** Under the lock. */
    private void lose(SpaceSnapshot snapshot, SnapshotLostException why) {
        if (snapshot.wanted()) {
            context.counters().snapshotsLost.increment();
        }
        snapshot.lose(why);
    }

    /** The images of a snapshot have to go: it is lost, and so are older ones that look there. */
    void lose(Images images) {
        SpaceSnapshot[] gone;
        lock.lock();
        try {
            String what = "the cache has become too small for old images, " + context.images();
            boolean looks = false;
            for (int i = all.length - 1; i >= 0; i--) {
                looks |= all[i].images().equals(images);
                if (looks) {
                    lose(all[i], new SnapshotLostException(space.name(), what, images.failure()));
                }
            }
            gone = takeUnwanted();
            publishLocked();
        } finally {
            lock.unlock();
        }
        free(gone);
    }

    /** Others have a use for the memory, whoever closes them and when. */
    @SuppressWarnings("CatchThrowable") // The caller holds a latch; closing them frees them, too.
    private void freeSoon(SpaceSnapshot[] gone) {
        if (gone.length > 0) {
            try {
                context.startReader(() -> free(gone));
            } catch (Throwable e) {
                context.callbacks().contained("snapshot", space, -1, e);
            }
        }
    }

    /**
     * Whether something is still to be kept of one of some pages.
     *
     * @param firstPage the first page
     * @param endPage the page after the last
     * @return false while nothing of them is wanted
     */
    public boolean needs(long firstPage, long endPage) {
        for (long page = firstPage; space.epoch() != null && page < endPage; page++) {
            if (needs(page)) {
                return true;
            }
        }
        return false;
    }

    /** Whether something is still to be kept of a page that is not cached, and to be replaced. */
    boolean needs(long page) {
        Epoch epoch = space.epoch();
        return epoch != null
                && epoch.keepers().length > 0
                && page < epoch.keepers()[0].sizePages()
                && !isKept(epoch.keepers(), 0, page);
    }

    /**
     * Keeps what pages hold that are about to change in the store, or to leave it: for who cuts or
     * punches them out, writes them past the cache, or replaces one that is not cached. Reads those
     * that are not cached. Waits for other threads' latches, but not for memory; what cannot be
     * kept is the snapshots' loss, not the caller's.
     *
     * @param firstPage the first page
     * @param endPage the page after the last; may lie beyond the end
     * @return for {@link #areKept}
     */
    public @Nullable SpaceSnapshot keep(long firstPage, long endPage) {
        Epoch epoch = space.epoch();
        if (epoch == null || epoch.keepers().length == 0) {
            return null;
        }
        SpaceSnapshot keeper = epoch.keepers()[0];
        long end = Math.min(endPage, keeper.sizePages());
        if (firstPage < end) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = arena.allocate(context.pageBytes(), context.pageBytes());
                for (long page = firstPage; page < end && keeper.wanted(); page++) {
                    keepUnlatched(keeper, page, bytes);
                }
            }
        }
        return keeper;
    }

    @SuppressWarnings("CatchThrowable") // What cannot be read is not the caller's failure.
    private void keepUnlatched(SpaceSnapshot keeper, long page, MemorySegment bytes) {
        try {
            while (keeper.wanted() && !isKeptSince(keeper, page)) { // or it is closed meanwhile
                // First read, then looked whether somebody wrote it: what was read is old, then.
                if (copyLive(page, bytes, alone) && !isKeptSince(keeper, page)) {
                    boolean kept = keeper.images().keep(page, bytes.address());
                    while (!kept) {
                        boolean room = context.images().spill(); // or somebody else made some
                        kept = keeper.images().keep(page, bytes.address());
                        if (!kept && !room) {
                            lose(keeper, page, null);
                            return;
                        }
                    }
                }
            }
        } catch (Throwable e) {
            if (!isKeptSince(keeper, page)) { // else it was cut meanwhile
                lose(keeper, page, e);
            }
        }
    }

    /**
     * Whether what {@link #keep(long, long)} kept is all there is to keep.
     *
     * @param kept what it answered; the caller holds the size lock, or has a direct transfer under
     *     way: no snapshot is taken meanwhile
     * @return false if one was taken or closed before: keep again
     */
    public boolean areKept(@Nullable SpaceSnapshot kept) {
        Epoch epoch = space.epoch();
        if (epoch == null || epoch.keepers().length == 0) {
            return true;
        }
        // Closed or lost is said before the epoch says whose turn it is: keeping has ended there.
        return kept != null && kept == epoch.keepers()[0] && kept.wanted();
    }

    // ---- reading

    /**
     * Reads a page of a snapshot. Any thread.
     *
     * @param snapshot of this space
     * @param page page index, 0..sizePages-1 of the snapshot
     * @param into native memory of exactly a page; what lies beyond the snapshot's end is zero
     * @param pattern in what order the caller reads
     * @throws SnapshotLostException if the snapshot is lost
     * @throws dev.quire.pagecache.backing.PageReadException if the page cannot be read
     * @throws IllegalStateException if the snapshot is closed, or the file is
     */
    public void read(SpaceSnapshot snapshot, long page, MemorySegment into, ReadPattern pattern) {
        snapshot.check();
        if (page < 0 || page >= snapshot.sizePages()) {
            throw new IndexOutOfBoundsException(
                    "page must be below "
                            + snapshot.sizePages()
                            + ": page="
                            + page
                            + ", "
                            + snapshot);
        }
        try {
            while (!copyKept(snapshot, page, into)
                    && !copyUnwritten(snapshot, page, into, pattern)) {
                snapshot.check();
            }
        } catch (RuntimeException e) {
            snapshot.check(); // what it says is why
            throw e;
        }
        snapshot.check(); // after: whoever closes or loses it says so first
        long inside = snapshot.sizeBytes() - (page << context.pageShift());
        if (inside < into.byteSize()) {
            into.asSlice(inside).fill((byte) 0);
        }
    }

    private boolean copyKept(SpaceSnapshot snapshot, long page, MemorySegment into) {
        SpaceSnapshot[] snapshots = all;
        int i = Arrays.asList(snapshots).indexOf(snapshot);
        for (; i >= 0 && i < snapshots.length; i++) {
            if (snapshots[i].images().copyTo(page, into)) {
                return true;
            }
        }
        return false;
    }

    /** Reads the page itself; false if it changed its place meanwhile: look again. */
    private boolean copyUnwritten(
            SpaceSnapshot snapshot, long page, MemorySegment into, ReadPattern pattern) {
        // Ordering: the bytes, validated by their slot, then the images.
        // Pairs:    Epoch.admits: the image, then the slot BUSY, then stores, then the new slot.
        // Gives:    bytes of who wrote the page since are not taken: there is an image then.
        // Checked:  src-test jcstress FirstWriteAgainstSnapshot, SnapshotModelTest.
        boolean read;
        try {
            read = copyLive(page, into, pattern);
        } catch (BeyondEndException e) {
            if (!isKeptSince(snapshot, page)) {
                snapshot.check();
                throw new AssertionError("page was cut, and not kept: page=" + page, e);
            }
            read = false;
        }
        return read && (!isKeptSince(snapshot, page) || copyKept(snapshot, page, into));
    }

    private boolean isKeptSince(SpaceSnapshot snapshot, long page) {
        SpaceSnapshot[] snapshots = all;
        int i = Arrays.asList(snapshots).indexOf(snapshot);
        return i >= 0 && isKept(snapshots, i, page);
    }

    /** Copies what a page holds now, all of one moment; false to try again. */
    private boolean copyLive(long page, MemorySegment into, ReadPattern pattern) {
        SlotWindow window = space.translation().windowOrMake(page);
        long at = window.firstSlot() + (page - window.firstPage());
        long slot = Slots.get(at);
        // By this, or ahead of it: whoever it was, nobody has asked for it.
        boolean brought = !Slot.isResident(slot) || context.frames().isUnread(Slot.frame(slot));
        if (!Slot.isReadable(slot)) {
            slot = context.faults().fault(space, page, pattern);
        }
        context.images().copy(context.images().address(Slot.frame(slot)), into.address());
        boolean valid = Slots.validate(at, slot);
        if (brought && valid) {
            context.invalidation().dropUnused(space, page); // unless somebody has since
        }
        return valid;
    }
}
