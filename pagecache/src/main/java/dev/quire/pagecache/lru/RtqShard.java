package dev.quire.pagecache.lru;

import static dev.quire.allocator.frame.FrameState.ACTIVE;
import static dev.quire.allocator.frame.FrameState.LRU;
import static dev.quire.allocator.frame.FrameState.REFUSED;
import static dev.quire.allocator.frame.FrameTable.NO_FRAME;
import static dev.quire.pagecache.lru.RtqColumns.MAIN;
import static dev.quire.pagecache.lru.RtqColumns.OLD;
import static dev.quire.pagecache.lru.RtqColumns.YOUNG;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import java.util.function.IntConsumer;
import java.util.function.LongUnaryOperator;

/**
 * The pages of one shard of {@link Rtq}: its lists, its clock and its rules. Thread-safe.
 *
 * <p>No hit, pin or latch takes the lock of the lists, nor does the end of a read that went well;
 * and pages that come in, go, or are put back do not wait for it, see {@link ListLock}.
 */
final class RtqShard {
    /** Shadows count for so many times the shard's frames, in misses. */
    private static final int MEMORY_FACTOR = 4;

    /** As far does a hand go at a time, so that the lock is not held for a whole list. */
    private static final int HAND_STEPS_MAX = 256;

    private final int number;
    private final FrameTable frames;
    private final RtqColumns columns;
    private final IntConsumer put;
    final ListLock<ListChange> lists = new ListLock<>(this::make);
    private final ShardCounts counts = new ShardCounts();
    private final FrameList young;
    private final FrameList old;
    private final FrameList main;

    /** How many pages it should have. Written under the lock. */
    private volatile int share;

    /** Under the lock. */
    private final Probation sizes;

    RtqShard(int number, int share, FrameTable frames, RtqColumns columns, IntConsumer put) {
        this.number = number;
        this.frames = frames;
        this.columns = columns;
        this.put = put;
        young = new FrameList(frames);
        old = new FrameList(frames);
        main = new FrameList(frames);
        this.share = share;
        sizes = new Probation(share);
    }

    /** It shall have more pages, or fewer. */
    void resize(int share) {
        lists.lock();
        try {
            this.share = share;
            sizes.resize(share);
        } finally {
            lists.unlock();
        }
    }

    // ---- in

    boolean insert(int frame, long memo) {
        frames.uses(frame, 0);
        if (!lists.tryLock()) {
            columns.stamp(frame, counts.time());
            columns.place(frame, number, YOUNG);
            if (isLeft(frame, ListChange.Kind.INSERT, memo)) {
                return false;
            }
            lists.lock();
        }
        try {
            return insertLocked(frame, memo);
        } finally {
            lists.unlock();
        }
    }

    private boolean insertLocked(int frame, long memo) {
        int time = counts.tick();
        boolean toMain = memo != Replacement.NO_MEMO && belongsToMain(memo, time);
        columns.stamp(frame, time);
        if (toMain) {
            link(frame, MAIN);
        } else {
            link(frame, YOUNG);
            crossMiddle();
        }
        counts.size(linked());
        return toMain;
    }

    private boolean belongsToMain(long memo, int time) {
        sizes.adapt(memo, counts.evictions(RtqMemo.fromMain(memo)));
        int age = time - RtqMemo.stamp(memo);
        if (!remembers(age)) {
            return false;
        }
        if (main.size() < sizes.mainMax()) {
            return true;
        }
        // The one that would have to go for it: was it seen in use later than the newcomer?
        int victim = mainVictim(time);
        return victim != NO_FRAME
                && Integer.compareUnsigned(time - columns.stamp(victim), age) >= 0;
    }

    private boolean remembers(int age) {
        return Integer.compareUnsigned(age, MEMORY_FACTOR * share) <= 0;
    }

    boolean remembers(long memo) {
        return remembers(counts.time() - RtqMemo.stamp(memo));
    }

    /** The use of a page counts once it is in the older half of what probation should be. */
    private void crossMiddle() {
        int youngMax = Math.max(1, sizes.target() / 2);
        while (young.size() > youngMax) {
            int frame = young.tail();
            young.unlink(frame);
            if (frames.uses(frame) > 0) { // a page that nobody asked for yet stays so
                frames.uses(frame, 0);
            }
            columns.place(frame, number, OLD);
            old.addFirst(frame);
        }
    }

    // ---- out

    /** Answers {@link Replacement#HELD_UP} if somebody has the lists. */
    int isolate(int[] batch, int max) {
        return lists.tryLock() ? isolateAndUnlock(batch, max) : Replacement.HELD_UP;
    }

    /** The same, if somebody has them for so long. */
    int isolate(int[] batch, int max, long nanos) {
        return lists.tryLock(nanos) ? isolateAndUnlock(batch, max) : Replacement.HELD_UP;
    }

    private int isolateAndUnlock(int[] batch, int max) {
        try {
            sizes.note(linked());
            int count = 0;
            int steps = handStepsMax();
            while (count < max && steps > 0 && hasSupply()) {
                steps--;
                int frame = takesFromProbation() ? probationVictim() : mainVictim(counts.time());
                if (frame != NO_FRAME && claim(frame)) {
                    batch[count++] = frame;
                }
            }
            counts.size(linked());
            return count;
        } finally {
            lists.unlock();
        }
    }

    int isolateUnlinked(int[] batch, int from, int max) {
        int to = from;
        while (to < max) {
            ListChange change = lists.take();
            if (change == null) {
                break;
            }
            int frame = change.frame();
            if (frames.uses(frame) > 0) { // as on probation: of who brought it in
                frames.uses(frame, 0);
            }
            batch[to++] = frame;
        }
        return to - from;
    }

    private static int handStepsMax() {
        return HAND_STEPS_MAX;
    }

    private boolean hasSupply() {
        return supply(false) + supply(true) > 0;
    }

    private int supply(boolean ofMain) {
        return (ofMain ? main.size() : probation()) - counts.rejected(ofMain);
    }

    private boolean takesFromProbation() {
        if (supply(false) <= 0 || supply(true) <= 0) {
            return supply(true) <= 0;
        }
        return main.size() <= sizes.mainMax();
    }

    /** The oldest on probation; or none, when it has been used and moves to the main list. */
    private int probationVictim() {
        FrameList list = old.size() > 0 ? old : young;
        int frame = list.tail();
        if (frames.uses(frame) == 0) {
            return frame;
        }
        list.unlink(frame);
        frames.uses(frame, 0);
        columns.stamp(frame, counts.time());
        columns.place(frame, number, MAIN);
        frames.update(frame, RtqShard::setActive);
        main.addFirst(frame);
        return NO_FRAME;
    }

    /** The next of the main list that was not used lately; none if that takes too long. */
    private int mainVictim(int time) {
        for (int steps = Math.min(handStepsMax(), main.size()); steps > 0; steps--) {
            int frame = main.tail();
            int uses = frames.uses(frame);
            if (uses == 0) {
                return frame;
            }
            frames.uses(frame, uses - 1);
            columns.stamp(frame, time);
            main.rotate(frame);
        }
        return NO_FRAME;
    }

    private boolean claim(int frame) {
        int list = columns.list(frame);
        if (frames.update(frame, FrameState::claimLru) == REFUSED) {
            list(list).rotate(frame); // deferred: drainDeferred frees it
            counts.reject(list == MAIN);
            return false;
        }
        list(list).unlink(frame);
        return true;
    }

    /** Takes no lock: called for every page that goes. */
    long leave(int frame) {
        boolean fromMain = columns.list(frame) == MAIN;
        counts.forgive(fromMain);
        return RtqMemo.of(columns.stamp(frame), counts.evict(fromMain), fromMain);
    }

    void putBack(int frame, boolean used) {
        if (!lists.tryLock()) {
            ListChange.Kind kind = used ? ListChange.Kind.PUT_BACK_USED : ListChange.Kind.PUT_BACK;
            if (isLeft(frame, kind, Replacement.NO_MEMO)) {
                return;
            }
            lists.lock();
        }
        try {
            putBackLocked(frame, used);
        } finally {
            lists.unlock();
        }
    }

    private void putBackLocked(int frame, boolean used) {
        boolean toMain = used || columns.list(frame) == MAIN;
        if (frames.uses(frame) == 0) {
            counts.reject(toMain); // in the way; pinned, even if it counts as used
        }
        if (used) {
            frames.uses(frame, 0);
            columns.stamp(frame, counts.time());
        }
        link(frame, toMain ? MAIN : YOUNG);
        counts.size(linked());
    }

    void replace(int from, int to) {
        lists.lock();
        try {
            int list = columns.list(from);
            columns.stamp(to, columns.stamp(from));
            setLru(to, list);
            list(list).replace(from, to);
            frames.clear(from, LRU | ACTIVE);
        } finally {
            lists.unlock();
        }
    }

    /** Takes a frame off whose LRU flag the caller has claimed. */
    void unlink(int frame) {
        lists.lock();
        try {
            unlinkLocked(frame);
        } finally {
            lists.unlock();
        }
    }

    /**
     * Claims a frame of these lists, and takes it off; does not wait.
     *
     * @return whether it was claimed; false also when somebody has the lists, or it is on others.
     *     Only who has claimed it can be sure which: if it came to others between look and claim,
     *     it is still there
     */
    boolean tryRemove(int frame, LongUnaryOperator claim) {
        if (!lists.tryLock()) {
            return false;
        }
        try {
            boolean claimed =
                    columns.shard(frame) == number && frames.update(frame, claim) != REFUSED;
            if (claimed && columns.shard(frame) == number) {
                unlinkLocked(frame);
            }
            return claimed;
        } finally {
            lists.unlock();
        }
    }

    private void unlinkLocked(int frame) {
        list(columns.list(frame)).unlink(frame); // it may have moved since it was claimed
        counts.size(linked());
    }

    // ---- what is left to who has the lists

    /** Answers false if there is no memory for it. */
    private boolean isLeft(int frame, ListChange.Kind kind, long memo) {
        ListChange change;
        try {
            change = new ListChange(frame, kind, memo);
        } catch (OutOfMemoryError e) {
            return false;
        }
        frames.require(frame, frames.update(frame, FrameState::get), "get");
        lists.leave(change);
        return true;
    }

    /**
     * Under the lock. The page may be gone by now: if it is linked all the same, the reference that
     * is dropped then was its last, and the frame is deferred (S1).
     */
    private void make(ListChange change) {
        int frame = change.frame();
        try {
            switch (change.kind()) {
                case INSERT -> insertLocked(frame, change.memo());
                case PUT_BACK -> putBackLocked(frame, false);
                case PUT_BACK_USED -> putBackLocked(frame, true);
            }
        } finally {
            put.accept(frame);
        }
    }

    // ---- lists

    private void link(int frame, int list) {
        setLru(frame, list);
        list(list).addFirst(frame);
    }

    private void setLru(int frame, int list) {
        // Ordering: the place, then the flag by a full CAS.
        // Pairs:    a claim: the flag by a full CAS, then the place.
        // Gives:    who claims a page takes it off the lists of the shard that it is on.
        // Checked:  src-test jcstress PlaceBeforeLruFlag.
        columns.place(frame, number, list);
        long outcome =
                list == MAIN
                        ? frames.update(frame, RtqShard::setLruActive)
                        : frames.update(frame, RtqShard::setLruInactive);
        frames.require(frame, outcome, "setLru");
    }

    /** Also of a page without references: one that is frozen, to be moved, may thaw again. */
    private static long setActive(long word) {
        return word | ACTIVE;
    }

    private static long setLruActive(long word) {
        long next = FrameState.setLru(word);
        return next == REFUSED ? REFUSED : next | ACTIVE;
    }

    private static long setLruInactive(long word) {
        long next = FrameState.setLru(word);
        return next == REFUSED ? REFUSED : next & ~ACTIVE;
    }

    private FrameList list(int list) {
        return list == MAIN ? main : list == OLD ? old : young;
    }

    private int probation() {
        return young.size() + old.size();
    }

    private int linked() {
        return probation() + main.size();
    }

    // ---- for the policy

    /** Its pages, each list from the newest to the oldest: the main one, then probation. */
    int[][] snapshot() {
        lists.lock();
        try {
            int[] ofMain = new int[main.size()];
            int[] onProbation = new int[probation()];
            main.copy(ofMain, 0);
            old.copy(onProbation, young.copy(onProbation, 0));
            return new int[][] {ofMain, onProbation};
        } finally {
            lists.unlock();
        }
    }

    /** How many pages it could give up; 0 when all of them were refused. */
    int supply() {
        return counts.supply();
    }

    /** Every page may be asked for again. */
    void forgive() {
        counts.forgive(false);
        counts.forgive(true);
    }

    int size() {
        return counts.size();
    }

    /** How many pages should be on probation. */
    int target() {
        lists.lock();
        try {
            return sizes.target();
        } finally {
            lists.unlock();
        }
    }

    /** Checks the lists (I2); answers how many frames are linked. */
    int verify() {
        lists.lock();
        try {
            int linked =
                    young.verify(frame -> isAt(frame, YOUNG))
                            + old.verify(frame -> isAt(frame, OLD))
                            + main.verify(frame -> isAt(frame, MAIN));
            if (linked != counts.size()) {
                throw new AssertionError(
                        "I2: shard's size=" + counts.size() + ", frames linked=" + linked);
            }
            return linked;
        } finally {
            lists.unlock();
        }
    }

    private boolean isAt(int frame, int list) {
        boolean active = FrameState.any(frames.word(frame), ACTIVE);
        return columns.shard(frame) == number
                && columns.list(frame) == list
                && active == (list == MAIN);
    }
}
