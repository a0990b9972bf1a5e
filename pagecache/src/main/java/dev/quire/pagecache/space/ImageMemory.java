package dev.quire.pagecache.space;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.Mobility;
import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.os.RawMemory;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory for the old images of pages that all snapshots of a cache share: free frames up to a
 * limit, then a few pages beside them for the moments in which no frame is free. Whoever takes one
 * holds a latch, so that nothing here waits: what is short is made up for by {@link #spill}, on a
 * thread of its own.
 */
public final class ImageMemory {
    /** No memory for an image. */
    static final int NONE = -1;

    /** What lies beside the frames, in bytes; made when the cache's first snapshot is taken. */
    private static final int SPARE_BYTES = 1 << 20;

    private final CacheContext context;
    private final PageAllocator allocator;
    private final int frameCount;
    private final int pageBytes;
    private final long regionAddress;
    private final AtomicInteger framesUsed = new AtomicInteger();
    private final Set<Images> users = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean spilling = new AtomicBoolean();
    private volatile int percent;
    private volatile int framesMax;
    private volatile long waitNanosMax;
    private volatile long exhausted; // when there was none since some was given back; 0: there is

    private final ReentrantLock lock = new ReentrantLock();
    // Under the lock.
    private @Nullable MemorySegment spareMemory;
    private int[] spares = new int[0];
    private volatile int sparesFree;
    private volatile int sparesMax;
    private volatile long spareAddress;

    ImageMemory(CacheContext context) {
        this.context = context;
        allocator = context.allocator();
        frameCount = allocator.frameCount();
        pageBytes = context.pageBytes();
        regionAddress = allocator.region().address();
    }

    /**
     * Says how much may be used.
     *
     * @param percent part of the frames, 0..50; with 0 there is no memory for images at all
     * @param waitNanosMax how long writers that hold no latch wait for some to be given back
     */
    public void limit(int percent, long waitNanosMax) {
        this.percent = percent;
        this.waitNanosMax = waitNanosMax;
        resize(allocator.limitFrames());
    }

    /**
     * Says how many frames there are now. Images that take more than their part of fewer ones are
     * spilled; a snapshot whose images cannot be is lost.
     *
     * @param frames at least 1
     */
    public void resize(int frames) {
        framesMax = (int) ((long) frames * percent / 100);
        spillSoon();
    }

    /**
     * Frames that hold old images now.
     *
     * @return at least 0
     */
    public int framesUsed() {
        return framesUsed.get();
    }

    boolean isUsable() {
        return framesMax > 0;
    }

    /** Whether somebody who finds none should wait, because images are being spilled. */
    boolean isRoomExpected() {
        long since = exhausted;
        return since != 0 && System.nanoTime() - since < waitNanosMax;
    }

    /** A snapshot is going to keep images: what lies beside the frames is made. */
    void add(Images user) {
        users.add(user);
        lock.lock();
        try {
            if (spareMemory == null && framesMax > 0) {
                int count = SPARE_BYTES / pageBytes;
                MemorySegment made = Arena.ofAuto().allocate((long) count * pageBytes, pageBytes);
                spareMemory = made; // keeps it
                spareAddress = made.address();
                spares = new int[count];
                for (int i = 0; i < count; i++) {
                    spares[i] = frameCount + i;
                }
                sparesFree = count;
                sparesMax = count;
            }
        } finally {
            lock.unlock();
        }
    }

    void remove(Images user) {
        users.remove(user);
    }

    /** Memory of one page, or NONE; waits for nothing. */
    int take() {
        if (tryUseFrame()) {
            int frame =
                    allocator.frame(
                            allocator.tryAllocate(0, AllocContext.NO_WAIT, Mobility.UNMOVABLE));
            if (frame != PageAllocator.NO_FRAME) {
                return frame;
            }
            framesUsed.decrementAndGet();
        }
        return takeSpare();
    }

    /** Never one too many, not even for a moment: who sees that takes it for a smaller cache. */
    private boolean tryUseFrame() {
        int used;
        do {
            used = framesUsed.get();
            if (used >= framesMax) { // looked at once a try: it may change in between
                return false;
            }
        } while (!framesUsed.compareAndSet(used, used + 1));
        return true;
    }

    private int takeSpare() {
        lock.lock();
        try {
            int free = sparesFree;
            if (free == 0) {
                exhausted = exhausted == 0 ? System.nanoTime() | 1 : exhausted;
                return NONE;
            }
            sparesFree = free - 1;
            return spares[free - 1];
        } finally {
            lock.unlock();
        }
    }

    /** Takes memory back. */
    void give(int memory) {
        exhausted = 0;
        if (memory < frameCount) {
            framesUsed.decrementAndGet();
            allocator.put(memory);
            return;
        }
        lock.lock();
        try {
            int free = sparesFree;
            spares[free] = memory;
            sparesFree = free + 1;
        } finally {
            lock.unlock();
        }
    }

    /** Where it lies. */
    long address(int memory) {
        return memory < frameCount
                ? regionAddress + (long) memory * pageBytes
                : spareAddress + (long) (memory - frameCount) * pageBytes;
    }

    /** The same for who writes it to a file. */
    MemorySegment segment(int memory) {
        if (memory < frameCount) {
            return context.memory(memory);
        }
        lock.lock();
        try {
            MemorySegment all = spareMemory;
            if (all == null) {
                throw new AssertionError("no spare pages: memory=" + memory);
            }
            return all.asSlice((long) (memory - frameCount) * pageBytes, pageBytes);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a page holds nothing but zeros. */
    boolean isZero(long address) {
        // The first of it, and then each byte like the one eight before it.
        return RawMemory.ALL.get(ValueLayout.JAVA_LONG, address) == 0
                && MemorySegment.mismatch(
                                RawMemory.ALL,
                                address,
                                address + pageBytes - Long.BYTES,
                                RawMemory.ALL,
                                address + Long.BYTES,
                                address + pageBytes)
                        < 0;
    }

    /** Copies a page. */
    void copy(long fromAddress, long toAddress) {
        MemorySegment.copy(RawMemory.ALL, fromAddress, RawMemory.ALL, toAddress, pageBytes);
    }

    // ---- when it becomes short

    private boolean isShort() {
        return framesUsed.get() > framesMax / 2 || sparesFree < sparesMax;
    }

    /** Has images written to files when half of the memory is in use; waits for nothing. */
    void spillSoon() {
        if (isShort() && spilling.compareAndSet(false, true)) {
            boolean started = false;
            try {
                context.newReader(this::spillOnThread).start();
                started = true;
            } finally {
                if (!started) {
                    spilling.set(false);
                }
            }
        }
    }

    private void spillOnThread() {
        boolean again;
        do {
            int max = framesMax;
            try {
                again = spill() || loseWhatCannotBeSpilled() || max != framesMax;
            } finally {
                spilling.set(false);
            }
            // Somebody who found the flag set relies on this thread.
        } while (again && isShort() && spilling.compareAndSet(false, true));
    }

    /** The cache has become smaller: pages could not come in while images have all of it. */
    private boolean loseWhatCannotBeSpilled() {
        boolean any = false;
        for (Images user : users) {
            if (framesUsed.get() > framesMax && user.failure() != null) {
                user.lose();
                any = true;
            }
        }
        return any;
    }

    /**
     * Writes images to files until memory is no longer short; may wait for those files.
     *
     * @return whether any memory was given back
     */
    public boolean spill() {
        boolean any = false;
        for (Images user : users) {
            while (isShort() && user.spill()) {
                any = true;
            }
        }
        return any;
    }

    @Override
    public String toString() {
        return "ImageMemory[framesUsed="
                + framesUsed
                + ", framesMax="
                + framesMax
                + ", sparesFree="
                + sparesFree
                + "]";
    }
}
