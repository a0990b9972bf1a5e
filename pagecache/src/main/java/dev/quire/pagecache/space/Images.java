package dev.quire.pagecache.space;

import dev.quire.aio.AsyncFile;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.core.CacheCounters;

import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;

/**
 * The old images of pages that were first written after one snapshot was taken, each in memory or,
 * when that became short, in an unlinked file; of pages of zeros only that they are. Beside the
 * images it costs at most 50 bytes a page of a hash map, and 8 while the image is in memory.
 */
public final class Images {
    /** Where images go that memory is too short for. */
    public interface Spill {
        /**
         * Makes the file.
         *
         * @return an empty file that nobody else can open
         * @throws IOException if there can be none: the message says why
         */
        AsyncFile open() throws IOException;

        /**
         * How long it may become.
         *
         * @return bytes, at least 0
         */
        long bytesMax();
    }

    /** Nothing is kept of a page. */
    private static final long NONE = -1;

    /** In the file, at the place in the lower bits; otherwise in memory of that number. */
    private static final long SPILLED = 1L << 62;

    /** Nothing but zeros, as in a hole: kept nowhere. */
    private static final long ZEROS = Long.MAX_VALUE;

    private static final int STRIPES = 64;
    private static final int STRIPE_CAPACITY = 16;
    private static final float LOAD_FACTOR = 0.65f;

    /** Pages in one write. */
    private static final int BATCH = 64;

    /** The pages whose number has the same hash. */
    private static final class Stripe {
        final ReentrantLock lock = new ReentrantLock();
        final Long2LongHashMap places = new Long2LongHashMap(STRIPE_CAPACITY, LOAD_FACTOR, NONE);
        final LongArrayList inMemory = new LongArrayList();
    }

    private final AddressSpace space;
    private final String name;
    private final ImageMemory memory;
    private final CacheCounters counters;
    private final int pageShift;
    private final Spill spill;
    private final Stripe[] stripes = new Stripe[STRIPES];

    // Held while images go to the file, or away.
    private final ReentrantLock spillLock = new ReentrantLock();
    private long spilledPages;
    private volatile boolean freed; // before the stripes are emptied
    private volatile @Nullable AsyncFile file;
    private volatile @Nullable Exception failure;

    Images(AddressSpace space, CacheContext context, Spill spill) {
        this.space = space;
        name = space.name();
        memory = context.images();
        counters = context.counters();
        pageShift = context.pageShift();
        this.spill = spill;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    private Stripe stripe(long page) {
        return stripes[(int) page & (STRIPES - 1)];
    }

    /** Whether an image of a page is kept here. */
    boolean has(long page) {
        Stripe stripe = stripe(page);
        stripe.lock.lock();
        try {
            return stripe.places.get(page) != NONE;
        } finally {
            stripe.lock.unlock();
        }
    }

    /**
     * Keeps an image, unless there is one. Waits for nothing but a short lock.
     *
     * @param page page index
     * @param address of bytes that do not change meanwhile
     * @return false when there is no memory for it
     */
    boolean keep(long page, long address) {
        if (has(page)) {
            return true;
        }
        if (memory.isZero(address)) {
            put(page, ZEROS);
            return true;
        }
        int taken = memory.take();
        if (taken == ImageMemory.NONE) {
            memory.spillSoon();
            return false;
        }
        memory.copy(address, memory.address(taken));
        if (!put(page, taken)) {
            memory.give(taken);
        }
        memory.spillSoon();
        return true;
    }

    private boolean put(long page, long place) {
        Stripe stripe = stripe(page);
        stripe.lock.lock();
        try {
            // Kept by who cuts or punches the page out; or the snapshot was closed meanwhile.
            if (stripe.places.get(page) != NONE || freed) {
                return false;
            }
            stripe.places.put(page, place);
            if (place < SPILLED) {
                stripe.inMemory.addLong(page);
            }
            counters.imagesKept.increment();
            return true;
        } finally {
            stripe.lock.unlock();
        }
    }

    /**
     * Copies the image of a page.
     *
     * @return false when none is kept here
     * @throws PageReadException if it lies in the file, and cannot be read
     */
    boolean copyTo(long page, MemorySegment into) {
        Stripe stripe = stripe(page);
        long place;
        stripe.lock.lock();
        try {
            place = stripe.places.get(page);
            if (place != NONE && place < SPILLED) {
                memory.copy(memory.address((int) place), into.address()); // it stays while locked
            }
        } finally {
            stripe.lock.unlock();
        }
        if (place == ZEROS) {
            into.fill((byte) 0);
        } else if (place >= SPILLED) {
            read(page, place - SPILLED, into);
        }
        return place != NONE;
    }

    private void read(long page, long place, MemorySegment into) {
        AsyncFile from = file;
        try {
            if (from == null || from.read(into, place << pageShift) != into.byteSize()) {
                throw new IOException("old image is not in its file any more");
            }
        } catch (IOException e) {
            throw new PageReadException(name, page, e);
        }
    }

    // ---- spilling

    /**
     * Makes the file, before anybody holds a latch; if there can be none, images stay in memory.
     */
    void open() {
        if (!memory.isUsable()) {
            return;
        }
        try {
            file = spill.open();
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private AsyncFile opened() throws IOException {
        AsyncFile open = file;
        if (open == null) {
            throw new IOException("there is no file to spill to");
        }
        return open;
    }

    /** Writes some images to the file; answers whether that gave any memory back. */
    boolean spill() {
        spillLock.lock();
        try {
            return !freed && failure == null && spillSome();
        } catch (IOException | RuntimeException e) {
            failure = e; // what is in memory stays there
            return false;
        } finally {
            spillLock.unlock();
        }
    }

    private boolean spillSome() throws IOException {
        int most = batch();
        long[] pages = new long[most];
        int[] from = new int[most];
        MemorySegment[] images = new MemorySegment[most];
        int count = collect(pages, from);
        if (count == 0) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            images[i] = memory.segment(from[i]);
        }
        if ((spilledPages + count) << pageShift > spill.bytesMax()) {
            throw new IOException("the file has the most bytes: bytesMax=" + spill.bytesMax());
        }
        opened().write(images, 0, count, spilledPages << pageShift);
        for (int i = 0; i < count; i++) {
            moved(pages[i], spilledPages + i);
            memory.give(from[i]);
        }
        spilledPages += count;
        counters.imagesSpilled.add(count);
        return true;
    }

    private static int batch() {
        return BATCH;
    }

    /** Takes pages whose images are in memory; nobody else moves them, nor lets them go. */
    private int collect(long[] pages, int[] from) {
        int count = 0;
        for (int i = 0; i < STRIPES && count < pages.length; i++) {
            Stripe stripe = stripes[i];
            stripe.lock.lock();
            try {
                for (int last = stripe.inMemory.size() - 1;
                        last >= 0 && count < pages.length;
                        last--) {
                    pages[count] = stripe.inMemory.removeAt(last);
                    from[count] = (int) stripe.places.get(pages[count]);
                    count++;
                }
            } finally {
                stripe.lock.unlock();
            }
        }
        return count;
    }

    private void moved(long page, long place) {
        Stripe stripe = stripe(page);
        stripe.lock.lock();
        try {
            stripe.places.put(page, SPILLED | place);
        } finally {
            stripe.lock.unlock();
        }
    }

    /** Why memory that is short is not given back; null when it is, if not fast enough. */
    @Nullable Exception failure() {
        return failure;
    }

    // ---- the end

    /** Gives its memory back though it cannot be spilled: who looks for it is lost. */
    void lose() {
        space.snapshots().lose(this);
    }

    /** Lets images go that nobody needs. */
    void dropIf(LongPredicate needless) {
        spillLock.lock();
        try {
            for (Stripe stripe : stripes) {
                stripe.lock.lock();
                try {
                    drop(stripe, needless);
                } finally {
                    stripe.lock.unlock();
                }
            }
        } finally {
            spillLock.unlock();
        }
    }

    private void drop(Stripe stripe, LongPredicate needless) {
        stripe.inMemory.removeIfLong(
                page -> {
                    boolean goes = needless.test(page);
                    if (goes) {
                        memory.give((int) stripe.places.remove(page));
                    }
                    return goes;
                });
    }

    /** Lets everything go. */
    void free() {
        spillLock.lock();
        try {
            if (freed) {
                return;
            }
            freed = true;
            memory.remove(this);
            for (Stripe stripe : stripes) {
                stripe.lock.lock();
                try {
                    stripe.places.forEachLong((page, place) -> freeImage(place));
                    stripe.places.clear();
                    stripe.inMemory.clear();
                } finally {
                    stripe.lock.unlock();
                }
            }
            closeFile();
        } finally {
            spillLock.unlock();
        }
    }

    private void freeImage(long place) {
        if (place < SPILLED) {
            memory.give((int) place);
        }
    }

    private void closeFile() {
        AsyncFile open = file;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                failure = e; // nothing in it is wanted any more
            }
        }
    }

    /** In words, for why a snapshot is lost. */
    String describe() {
        return memory.toString();
    }
}
