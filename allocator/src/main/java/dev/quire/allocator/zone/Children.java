package dev.quire.allocator.zone;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The children of a zone: a counter of tickets for every 512 frames. Two share a word. */
final class Children {
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    /** The first word: away from the array's header, which every access reads. */
    private static final int FIRST = 16;

    private final long[] words;
    private final int count;

    /** Children whose frames are all free; the last may have fewer than the others. */
    Children(int frameCount) {
        count = (frameCount + Child.FRAMES - 1) >>> Child.ORDER;
        words = new long[FIRST + ((count + 1) >>> 1)];
        for (int child = 0; child < count; child++) {
            int frames = Math.min(Child.FRAMES, frameCount - (child << Child.ORDER));
            words[at(child)] += Child.delta(child, frames);
        }
    }

    int count() {
        return count;
    }

    private static int at(int child) {
        return FIRST + (child >>> 1);
    }

    /** The word that a child shares with its buddy. */
    long word(int child) {
        return (long) WORDS.getAcquire(words, at(child));
    }

    int free(int child) {
        return Child.free(word(child), child);
    }

    /*
     * Ordering: tickets before bits when frames are taken, bits before tickets when they are given;
     *           every change of a word is a full CAS or add.
     * Pairs:    the CAS that takes a whole child with all gives that made it whole.
     * Gives:    free <= free bits at any moment, so that 512 means that nobody has a frame of it or
     *           is about to; and what the owners did before they gave is visible to who takes all.
     * Checked:  jcstress HugeAgainstSingle and AllocateAgainstFreeOfBuddy; the weaker twin takes the bit first.
     */

    /** Takes tickets; false when there are not as many. */
    boolean take(int child, int frames) {
        while (true) { // Again only when somebody else changed the word.
            long seen = word(child);
            long next = Child.take(seen, child, frames);
            if (next == Child.REFUSED) {
                return false;
            }
            if (cas(child, seen, next)) {
                return true;
            }
        }
    }

    /** Takes as many tickets as there are, at most so many. */
    int takeUpTo(int child, int frames) {
        while (true) {
            long seen = word(child);
            int taken = Math.min(frames, Child.free(seen, child));
            if (taken == 0 || cas(child, seen, Child.take(seen, child, taken))) {
                return taken;
            }
        }
    }

    /** Gives tickets back, whose frames are free; whether all of the child are now. */
    boolean give(int child, int frames) {
        long delta = Child.delta(child, frames);
        long seen = (long) WORDS.getAndAdd(words, at(child), delta);
        return Child.isWhole(seen + delta, child);
    }

    /** Takes all frames of a child, or of it and its buddy; false when not all are free. */
    boolean takeWhole(int child, int order) {
        while (true) {
            long seen = word(child);
            long next = order == Child.ORDER ? Child.takeHuge(seen, child) : Child.takePair(seen);
            if (next == Child.REFUSED) {
                return false;
            }
            if (cas(child, seen, next)) {
                return true;
            }
        }
    }

    /** Gives back what {@link #takeWhole} took; false when it is not handed out like that. */
    boolean giveWhole(int child, int order) {
        while (true) {
            long seen = word(child);
            long next = order == Child.ORDER ? Child.giveHuge(seen, child) : Child.givePair(seen);
            if (next == Child.REFUSED) {
                return false;
            }
            if (cas(child, seen, next)) {
                return true;
            }
        }
    }

    private boolean cas(int child, long seen, long next) {
        return WORDS.compareAndSet(words, at(child), seen, next);
    }

    long bytes() {
        return (long) words.length * Long.BYTES;
    }
}
