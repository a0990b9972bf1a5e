package dev.quire.pagecache;

import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.ReadCompletion;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * A store in memory that checks how it is used, and fails on request.
 *
 * <p>It keeps what was written apart from what a sync made durable, so that a test can ask for
 * both.
 */
public final class MemoryBacking implements AddressSpaceOps {
    private final int pageBytes;
    private final ConcurrentMap<Long, byte[]> written = new ConcurrentHashMap<>();
    private volatile Map<Long, byte[]> durable = Map.of();
    private volatile long durableSize;

    private final ConcurrentMap<Long, AtomicInteger> inside = new ConcurrentHashMap<>();
    private final AtomicLong size = new AtomicLong();

    final ConcurrentMap<Long, AtomicInteger> freed = new ConcurrentHashMap<>();
    final ConcurrentMap<Long, AtomicInteger> readsOf = new ConcurrentHashMap<>();
    final AtomicInteger runs = new AtomicInteger();
    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger writes = new AtomicInteger();
    final AtomicInteger syncs = new AtomicInteger();
    final AtomicInteger closes = new AtomicInteger();

    /** What happens before a page is read, written or synced; tests replace them. */
    volatile Step beforeRead = page -> {};

    /** What happens when a page's bytes have been read, and the cache does not have them yet. */
    volatile Step afterBytes = page -> {};

    volatile Step beforeWrite = page -> {};
    volatile Step beforeSync = page -> {};
    volatile Step beforeTruncate = size -> {};
    volatile Step beforePunch = position -> {};
    volatile Step beforeSize = page -> {};
    volatile LongPredicate onPunch = position -> false;
    volatile LongPredicate mayRelease = page -> true;
    volatile LongConsumer onFree = page -> {};

    /** The hooks apart from those above. */
    volatile PageHooks hooks = PageHooks.NONE;

    /** Whether it returns no more bytes of a page than up to the last that is not zero. */
    volatile boolean trimsZeros;

    /**
     * What happens when pages are to be read while nobody waits; by default no store of that kind.
     */
    volatile AsyncRead onReadPages = (firstPage, pages, count, completion) -> false;

    interface AsyncRead {
        boolean begin(long firstPage, MemorySegment[] pages, int count, ReadCompletion completion)
                throws IOException;
    }

    /** Its direct side; tests may take it away. */
    final MemoryDirect direct = new MemoryDirect(this);

    volatile boolean hasDirect = true;

    volatile Release onRelease = (page, privateData) -> true;
    volatile Release onMigrate = (page, privateData) -> privateData == NO_PRIVATE_DATA;
    volatile Step onAfterRead = page -> {};

    /** What was still attached to pages that have left. */
    final Queue<Long> freedWith = new ConcurrentLinkedQueue<>();

    interface Release {
        boolean mayRelease(long page, long privateData);
    }

    interface Step {
        void run(long page) throws IOException;
    }

    public MemoryBacking(int pageBytes) {
        this.pageBytes = pageBytes;
    }

    @Override
    public int readPage(long page, MemorySegment into) throws IOException {
        enter(page);
        try {
            reads.incrementAndGet();
            count(readsOf, page).incrementAndGet();
            beforeRead.run(page);
            byte[] bytes = written.get(page);
            int valid = Math.clamp(size.get() - page * pageBytes, 0, pageBytes);
            into.fill((byte) 0x5A); // what is not read is not zero by luck
            if (valid > 0) {
                byte[] content = bytes == null ? new byte[pageBytes] : bytes;
                MemorySegment.copy(MemorySegment.ofArray(content), 0, into, 0, valid);
            }
            afterBytes.run(page);
            return trimsZeros ? trimmed(into, valid) : valid;
        } finally {
            leave(page);
        }
    }

    private static int trimmed(MemorySegment page, int valid) {
        int end = valid;
        while (end > 0 && page.get(ValueLayout.JAVA_BYTE, end - 1) == 0) {
            end--;
        }
        page.asSlice(end, valid - end).fill((byte) 0x5A);
        return end;
    }

    @Override
    public boolean readPages(
            long firstPage, MemorySegment[] pages, int count, ReadCompletion completion)
            throws IOException {
        return onReadPages.begin(firstPage, pages, count, completion);
    }

    @Override
    public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes)
            throws IOException {
        runs.incrementAndGet();
        for (int i = 0; i < count; i++) {
            long page = firstPage + i;
            enter(page);
            try {
                writes.incrementAndGet();
                beforeWrite.run(page);
                long start = page * pageBytes;
                int valid = Math.clamp(endBytes - start, 0, pageBytes);
                MemorySegment content = pages[i];
                // In one step: a truncate beside it cuts either this or what was there before.
                written.compute(
                        page,
                        (p, was) -> {
                            byte[] bytes = was == null ? new byte[pageBytes] : was.clone();
                            MemorySegment.copy(content, 0, MemorySegment.ofArray(bytes), 0, valid);
                            return bytes;
                        });
                size.accumulateAndGet(start + valid, Math::max);
            } finally {
                leave(page);
            }
        }
    }

    @Override
    public void sync() throws IOException {
        // A sync covers what was stored when it began.
        Map<Long, byte[]> covered = Map.copyOf(written);
        long coveredSize = size.get();
        beforeSync.run(-1);
        syncs.incrementAndGet();
        durable = covered; // the cache syncs a file once at a time
        durableSize = coveredSize;
    }

    @Override
    public @Nullable DirectStore directStore() {
        return hasDirect ? direct : null;
    }

    /** Reads bytes, and answers how many there are. */
    long readBytes(MemorySegment into, long position) {
        long bytes = Math.clamp(size.get() - position, 0, into.byteSize());
        long done = 0;
        while (done < bytes) {
            int offset = (int) ((position + done) % pageBytes);
            long length = Math.min(pageBytes - offset, bytes - done);
            byte[] content = written((position + done) / pageBytes);
            MemorySegment.copy(MemorySegment.ofArray(content), offset, into, done, length);
            done += length;
        }
        return bytes;
    }

    /** Writes bytes; what a reader gets of one page meanwhile belongs together. */
    void writeBytes(MemorySegment from, long position) {
        long done = 0;
        while (done < from.byteSize()) {
            long at = done;
            int offset = (int) ((position + done) % pageBytes);
            long length = Math.min(pageBytes - offset, from.byteSize() - done);
            written.compute(
                    (position + done) / pageBytes,
                    (page, was) -> {
                        byte[] bytes = was == null ? new byte[pageBytes] : was.clone();
                        MemorySegment.copy(from, at, MemorySegment.ofArray(bytes), offset, length);
                        return bytes;
                    });
            done += length;
        }
        size.accumulateAndGet(position + from.byteSize(), Math::max);
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        beforeTruncate.run(sizeBytes);
        size.set(sizeBytes);
        written.keySet().removeIf(page -> page * pageBytes >= sizeBytes);
        written.computeIfPresent(
                sizeBytes / pageBytes,
                (page, bytes) -> {
                    byte[] cut = bytes.clone();
                    Arrays.fill(cut, (int) (sizeBytes % pageBytes), pageBytes, (byte) 0);
                    return cut;
                });
    }

    @Override
    public boolean punchHole(long position, long bytes) throws IOException {
        beforePunch.run(position);
        if (!onPunch.test(position)) {
            return false;
        }
        written.keySet()
                .removeIf(
                        page ->
                                page * pageBytes >= position
                                        && page * pageBytes < position + bytes);
        return true;
    }

    @Override
    public long sizeBytes() throws IOException {
        beforeSize.run(-1);
        return size.get();
    }

    @Override
    public void afterRead(long page, MemorySegment memory) throws IOException {
        onAfterRead.run(page);
        hooks.afterRead(page, memory);
    }

    @Override
    public long beforeWrite(long page, MemorySegment image, long lsn) throws IOException {
        return hooks.beforeWrite(page, image, lsn);
    }

    @Override
    public void forceLog(long lsn) throws IOException {
        hooks.forceLog(lsn);
    }

    @Override
    public boolean stampsPages() {
        return hooks.stampsPages();
    }

    @Override
    public void dirtyPage(long page) {
        hooks.dirtyPage(page);
    }

    @Override
    public boolean releasePage(long page, long privateData) {
        return onRelease.mayRelease(page, privateData) && mayRelease.test(page);
    }

    @Override
    public boolean migratePage(long page, long privateData) {
        return onMigrate.mayRelease(page, privateData);
    }

    @Override
    public void freePage(long page, long privateData) {
        count(freed, page).incrementAndGet();
        if (privateData != NO_PRIVATE_DATA) {
            freedWith.add(privateData);
        }
        onFree.accept(page);
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }

    /** A page as it was last written; zeros when it never was. */
    byte[] written(long page) {
        return written.getOrDefault(page, new byte[pageBytes]);
    }

    /** A page as the last sync made it durable. */
    byte[] durable(long page) {
        return durable.getOrDefault(page, new byte[pageBytes]);
    }

    /** How long the store was at the last sync. */
    long durableSize() {
        return durableSize;
    }

    /** Puts a page into the store, behind the cache's back. */
    void put(long page, int fill) {
        byte[] bytes = new byte[pageBytes];
        Arrays.fill(bytes, (byte) fill);
        written.put(page, bytes);
        size.accumulateAndGet((page + 1) * pageBytes, Math::max);
    }

    /** From now on nothing fails and nothing waits. */
    void heal() {
        direct.heal();
        onReadPages = (firstPage, pages, count, completion) -> false;
        beforeRead = page -> {};
        afterBytes = page -> {};
        beforeWrite = page -> {};
        beforeSync = page -> {};
        beforeTruncate = page -> {};
        beforePunch = position -> {};
        beforeSize = page -> {};
        mayRelease = page -> true;
        onFree = page -> {};
        onRelease = (page, privateData) -> true;
        onMigrate = (page, privateData) -> privateData == NO_PRIVATE_DATA;
        onAfterRead = page -> {};
        hooks = PageHooks.NONE;
    }

    int readsOf(long page) {
        return count(readsOf, page).get();
    }

    int freedTotal() {
        return freed.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    int freed(long page) {
        return count(freed, page).get();
    }

    private static AtomicInteger count(ConcurrentMap<Long, AtomicInteger> counts, long page) {
        return counts.computeIfAbsent(page, p -> new AtomicInteger());
    }

    private void enter(long page) {
        int others = count(inside, page).getAndIncrement();
        if (others != 0) {
            throw new AssertionError("two transfers of one page at a time: page=" + page);
        }
    }

    private void leave(long page) {
        count(inside, page).decrementAndGet();
    }
}
