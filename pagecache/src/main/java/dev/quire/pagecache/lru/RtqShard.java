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

import java.util.concurrent.locks.ReentrantLock;

/**
 * The pages of one shard of {@link Rtq}: its lists, its clock and its rules. Thread-safe.
 *
 * <p>Whoever is held up with the lock holds up pages of the shard that come in or go, and nothing
 * else: no hit, pin or latch takes it, nor does the end of a read that went well.
 */
final class RtqShard {
    /** Of the shard's frames: the window in which an eviction counts as a mistake. */
    private static final int REGRET_PART = 10;

    private static final int TARGET_PART_START = 10;
    private static final int TARGET_PART_MIN = 100;
    private static final int TARGET_PART_MAX = 2;

    /** Shadows count for so many times the shard's frames, in misses. */
    private static final int MEMORY_FACTOR = 4;

    /** As far does a hand go at a time, so that the lock is not held for a whole list. */
    private static final int HAND_STEPS_MAX = 256;

    private static final int SIZES_MEANT = 64;

    private static final int SPINS_MAX = 100;

    private final int number;
    private final FrameTable frames;
    private final RtqColumns columns;
    private final ReentrantLock lock = new ReentrantLock();
    private final ShardCounts counts = new ShardCounts();
    private final FrameList young;
    private final FrameList old;
    private final FrameList main;

    /** How many pages it should have. Written under the lock. */
    private volatile int share;

    // Under the lock.

    private int regretWindow;
    private int targetMin;
    private int targetMax;

    /** How many pages the shard has when one has to go: what is held free is not counted. */
    private int full;

    /** The same, {@link #SIZES_MEANT} times. */
    private int fullSum;

    /** How many of them should be on probation. */
    private int target;

    RtqShard(int number, int share, FrameTable frames, RtqColumns columns) {
        this.number = number;
        this.frames = frames;
        this.columns = columns;
        young = new FrameList(frames);
        old = new FrameList(frames);
        main = new FrameList(frames);
        target = Math.max(1, share / TARGET_PART_START);
        sizeFor(share);
    }

    private void sizeFor(int share) {
        this.share = share;
        full = share;
        fullSum = share * SIZES_MEANT;
        targetMin = Math.max(1, share / TARGET_PART_MIN);
        targetMax = Math.max(1, share / TARGET_PART_MAX);
        regretWindow = Math.clamp(share / REGRET_PART, 1, RtqMemo.EVICTIONS_MAX / 2);
    }

    /** It shall have more pages, or fewer; probation keeps its part of them. */
    void resize(int share) {
        lock();
        try {
            int targetBefore = target;
            int shareBefore = this.share;
            sizeFor(share);
            long part = (long) targetBefore * share / shareBefore;
            target = Math.clamp(part, targetMin, targetMax);
        } finally {
            lock.unlock();
        }
    }

    // ---- in

    boolean insert(int frame, long memo) {
        lock();
        try {
            int time = counts.tick();
            boolean toMain = memo != Replacement.NO_MEMO && belongsToMain(memo, time);
            frames.uses(frame, 0);
            columns.stamp(frame, time);
            if (toMain) {
                link(frame, MAIN);
            } else {
                link(frame, YOUNG);
                crossMiddle();
            }
            counts.size(linked());
            return toMain;
        } finally {
            lock.unlock();
        }
    }

    private boolean belongsToMain(long memo, int time) {
        adapt(memo);
        int age = time - RtqMemo.stamp(memo);
        if (!remembers(age)) {
            return false;
        }
        if (main.size() < full - target) {
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

    /** A page comes back that had just left: its list was too short. */
    private void adapt(long memo) {
        boolean fromMain = RtqMemo.fromMain(memo);
        int since = RtqMemo.evictionsSince(memo, counts.evictions(fromMain));
        if (since <= regretWindow) {
            target = Math.clamp(target + (fromMain ? -1 : 1), targetMin, targetMax);
        }
    }

    /** The use of a page counts once it is in the older half of what probation should be. */
    private void crossMiddle() {
        int youngMax = Math.max(1, target / 2);
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

    int isolate(int[] batch, int max) {
        lock();
        try {
            noteSize();
            int count = 0;
            int steps = HAND_STEPS_MAX;
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
            lock.unlock();
        }
    }

    /**
     * The mean of many isolations: with a limit that follows each, pages of the main list would
     * come and go with it.
     */
    private void noteSize() {
        fullSum += linked() - full;
        full = fullSum / SIZES_MEANT;
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
        return main.size() <= full - target;
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
        for (int steps = Math.min(HAND_STEPS_MAX, main.size()); steps > 0; steps--) {
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
        counts.evict(list == MAIN);
        return true;
    }

    /** Takes no lock: called for every page that goes. */
    long leave(int frame) {
        boolean fromMain = columns.list(frame) == MAIN;
        counts.forgive(fromMain);
        return RtqMemo.of(columns.stamp(frame), counts.evictions(fromMain), fromMain);
    }

    void putBack(int frame, boolean used) {
        lock();
        try {
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
        } finally {
            lock.unlock();
        }
    }

    void replace(int from, int to) {
        lock();
        try {
            int list = columns.list(from);
            columns.stamp(to, columns.stamp(from));
            setLru(to, list);
            list(list).replace(from, to);
            frames.clear(from, LRU | ACTIVE);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a frame off whose LRU flag the caller has claimed. */
    void unlink(int frame) {
        lock();
        try {
            list(columns.list(frame)).unlink(frame); // it may have moved since it was claimed
            counts.size(linked());
        } finally {
            lock.unlock();
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

    private void lock() {
        // Held for some dozens of instructions: sleeping would take longer.
        for (int spins = 0; spins < SPINS_MAX; spins++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    // ---- for the policy

    /** Its pages, each list from the newest to the oldest: the main one, then probation. */
    int[][] snapshot() {
        lock();
        try {
            int[] ofMain = new int[main.size()];
            int[] onProbation = new int[probation()];
            main.copy(ofMain, 0);
            old.copy(onProbation, young.copy(onProbation, 0));
            return new int[][] {ofMain, onProbation};
        } finally {
            lock.unlock();
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
        lock();
        try {
            return target;
        } finally {
            lock.unlock();
        }
    }

    /** Checks the lists (I2); answers how many frames are linked. */
    int verify() {
        lock();
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
            lock.unlock();
        }
    }

    private boolean isAt(int frame, int list) {
        boolean active = FrameState.any(frames.word(frame), ACTIVE);
        return columns.shard(frame) == number
                && columns.list(frame) == list
                && active == (list == MAIN);
    }
}
