package dev.quire.pagecache;

import static dev.quire.allocator.frame.FrameState.EXCLUSIVE;
import static dev.quire.allocator.frame.FrameState.LOCKED;
import static dev.quire.allocator.frame.FrameState.SHARED_EXCLUSIVE;

import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.Slot;
import dev.quire.pagecache.space.Translation;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file as a row of bytes over its cached pages: any range, whatever pages it touches, and an
 * exact end.
 *
 * <p>Bytes are read optimistically, a page at a time: each page's bytes belong together, those of
 * two pages need not. They are written under the page's latch. A write beyond the end stores its
 * bytes before the size says so: who sees the size sees the bytes.
 */
final class FileBytes implements AutoCloseable {
    /** The file was cut while bytes were written inside it. */
    private static final long CUT = -1;

    private final PagedFile file;
    private final AddressSpace space;
    private final CacheContext context;
    private final CursorPool cursors;
    private final int pageShift;
    private final int pageBytes;

    FileBytes(PagedFile file, AddressSpace space, CacheContext context) {
        this.file = file;
        this.space = space;
        this.context = context;
        cursors = new CursorPool(file);
        pageShift = context.pageShift();
        pageBytes = context.pageBytes();
    }

    /**
     * Reads bytes.
     *
     * @return how many: all, or as many as there are; -1 at the end of the file
     */
    long read(long position, MemorySegment into) {
        PageCursor cursor = cursors.take();
        try {
            return read(cursor, position, into);
        } finally {
            cursors.put(cursor);
        }
    }

    private long read(PageCursor cursor, long position, MemorySegment into) {
        long bytes = Math.min(into.byteSize(), space.sizeBytes() - position);
        long done = 0;
        while (done < bytes) {
            long page = (position + done) >>> pageShift;
            int offset = offset(position + done);
            int length = (int) Math.min(pageBytes - offset, bytes - done);
            try {
                do {
                    cursor.read(page);
                    cursor.copyTo(offset, into, done, length);
                } while (cursor.retry());
            } catch (RuntimeException e) {
                if (page < space.sizePages() && done == 0) {
                    throw e;
                }
                break; // cut off meanwhile; or read in part, and the next read fails
            }
            done += length;
        }
        return done > 0 ? done : -1;
    }

    /**
     * Writes bytes, and grows the file if need be; what lies between is zero.
     *
     * @return how many: all, unless a page failed that was not the first
     */
    long write(long position, MemorySegment from) throws IOException {
        long end = end(position, from.byteSize());
        if (end <= space.sizeBytes()) {
            long done = writePages(position, from, false);
            if (done != CUT) {
                return done;
            }
        }
        return appending(() -> writePages(position, from, true));
    }

    /**
     * Writes bytes at the end of the file; nothing that others write beyond the end gets in
     * between.
     *
     * @return how many, as {@link #write}
     */
    long append(MemorySegment from) throws IOException {
        return appending(
                () -> {
                    long position = space.sizeBytes();
                    end(position, from.byteSize());
                    return writePages(position, from, true);
                });
    }

    /** Several appends. */
    interface Appends {
        /** Answers how many bytes. */
        long run() throws IOException;
    }

    /** Makes several appends one. */
    long appending(Appends appends) throws IOException {
        lock(space.appendLock(), "a write beyond the end");
        try {
            return appends.run();
        } finally {
            space.appendLock().unlock();
        }
    }

    /**
     * Cuts the file, unless it is shorter.
     *
     * @return its size afterwards, as far as this call goes
     */
    long cut(long size) throws IOException {
        if (size < space.sizeBytes()) {
            file.shorten(size);
        }
        return size;
    }

    /**
     * Takes a lock whose holder may wait for pages; who must not wait for him is refused.
     *
     * @param operation what it is for, for the message
     */
    void lock(ReentrantLock lock, String operation) {
        if (!lock.tryLock()) {
            context.checkMayWait(operation, space);
            lock.lock();
        }
    }

    private long end(long position, long bytes) throws IOException {
        long bytesMax = Translation.PAGES_MAX << pageShift;
        if (bytes > bytesMax - position) {
            throw new IOException(
                    "File too large: the size must be at most "
                            + bytesMax
                            + " bytes: position="
                            + position
                            + ", bytes="
                            + bytes
                            + ", file="
                            + space.name());
        }
        return position + bytes;
    }

    /** Answers how many bytes; or CUT if it would have to grow the file, and may not. */
    private long writePages(long position, MemorySegment from, boolean grows) {
        PageCursor cursor = cursors.take();
        long done = 0;
        try {
            while (done < from.byteSize()) {
                long at = position + done;
                int offset = offset(at);
                int length = (int) Math.min(pageBytes - offset, from.byteSize() - done);
                if (!writePage(cursor, at, from.asSlice(done, length), grows)) {
                    return CUT;
                }
                done += length;
            }
        } catch (RuntimeException e) {
            if (done == 0) {
                throw e;
            }
        } finally {
            cursors.put(cursor);
        }
        return done;
    }

    /** Writes bytes that lie in one page; false if it would have to grow the file, and may not. */
    private boolean writePage(PageCursor cursor, long position, MemorySegment from, boolean grows) {
        long page = position >>> pageShift;
        int length = (int) from.byteSize();
        boolean whole = length == pageBytes;
        while (true) { // ends: unless others cut and grow the file all the time
            if (writeInside(cursor, page, position + length, whole)) {
                cursor.copyFrom(offset(position), from, 0, length);
                cursor.release();
                return true;
            }
            if (!grows) {
                return false;
            }
            if (page < space.sizePages()
                    ? writeLast(cursor, page, position, from)
                    : writeBeyond(cursor, page, position, from)) {
                return true;
            }
        }
    }

    private boolean writeInside(PageCursor cursor, long page, long endBytes, boolean whole) {
        try {
            return cursor.writeInside(page, endBytes, whole);
        } catch (IndexOutOfBoundsException e) {
            return againIfCut(page, e);
        }
    }

    /** Writes bytes to the page that the file ends in, and beyond; false to look again. */
    private boolean writeLast(PageCursor cursor, long page, long position, MemorySegment from) {
        boolean latched = false;
        if (bringIn(cursor, page)) { // before the lock: a fault may have to wait for write-back
            cursor.beforeWrite();
            space.lockToGrow(context.latches());
            try {
                latched =
                        page < space.sizePages()
                                && position + from.byteSize() > space.sizeBytes()
                                && cursor.tryWriteLast(page);
                if (latched) {
                    store(cursor, position, from);
                }
            } finally {
                space.sizeLock().unlock();
            }
        }
        if (latched) {
            cursor.release();
        } else {
            awaitUnlatched(page);
        }
        return latched;
    }

    private boolean bringIn(PageCursor cursor, long page) {
        try {
            cursor.read(page);
            return true;
        } catch (IndexOutOfBoundsException e) {
            return againIfCut(page, e);
        }
    }

    private void awaitUnlatched(long page) {
        context.awaitDirectWrite(space, page);
        long slot = space.translation().slot(page);
        if (!space.snapshots().awaitTaken() && Slot.isResident(slot)) {
            context.awaitAny(space, page, Slot.frame(slot), LOCKED | EXCLUSIVE | SHARED_EXCLUSIVE);
        }
    }

    /** Writes bytes to a page that lies beyond the end; answers false to look again. */
    private boolean writeBeyond(PageCursor cursor, long page, long position, MemorySegment from) {
        cursor.beforeWrite();
        int frame = context.newFrames().take(); // before the lock, as above
        boolean latched = false;
        try {
            space.lockToGrow(context.latches());
            try {
                latched = page >= space.sizePages() && cursor.tryWriteBeyond(page, frame);
                if (latched) {
                    store(cursor, position, from);
                }
            } finally {
                space.sizeLock().unlock();
            }
        } finally {
            if (!latched) {
                context.newFrames().giveBack(frame);
            }
        }
        if (latched) {
            cursor.release();
        } else {
            context.awaitDirectWrite(space, page);
        }
        return latched;
    }

    /** Bytes, then the size; nobody can read the page before it is released. */
    private void store(PageCursor cursor, long position, MemorySegment from) {
        try {
            cursor.copyFrom(offset(position), from, 0, (int) from.byteSize());
        } finally {
            space.growToBytes(position + from.byteSize()); // no latched page may lie beyond the end
        }
    }

    /** Answers false if the page was cut off between two looks, which is no error. */
    private boolean againIfCut(long page, IndexOutOfBoundsException e) {
        if (page < space.sizePages()) {
            throw e;
        }
        return false;
    }

    // ---- holes

    /** Makes a range zeros: whole pages go, what is left of it at the edges is overwritten. */
    void punch(long position, long bytes) {
        long size = space.sizeBytes();
        long end = bytes > size - position ? size : position + bytes;
        if (position >= end) {
            return;
        }
        long first = space.pagesFor(position);
        // Not the page that the file ends in: bytes may be appended to it meanwhile.
        long endPage = end >>> pageShift;
        if (first >= endPage) {
            zero(position, end);
            return;
        }
        zero(position, first << pageShift);
        zero(endPage << pageShift, end);
        if (!tryPunch(first, endPage)) {
            zero(first << pageShift, endPage << pageShift);
        }
    }

    private boolean tryPunch(long firstPage, long endPage) {
        try {
            return context.holePunch().punch(space, firstPage, endPage);
        } catch (IOException e) {
            return false; // zeros are as good, and whoever syncs them hears of a store that fails
        }
    }

    /** Overwrites with zeros what the file has of a range. */
    private void zero(long from, long end) {
        MemorySegment zeros = MemorySegment.ofArray(new byte[pageBytes]);
        PageCursor cursor = cursors.take();
        try {
            long at = from;
            while (true) {
                long length =
                        Math.min(pageBytes - offset(at), Math.min(end, space.sizeBytes()) - at);
                if (length <= 0) {
                    return;
                }
                // Never beyond the end; if the file is cut meanwhile, less is left of the range.
                if (writeInside(cursor, at >>> pageShift, at + length, length == pageBytes)) {
                    cursor.copyFrom(offset(at), zeros, 0, (int) length);
                    cursor.release();
                    at += length;
                }
            }
        } finally {
            cursors.put(cursor);
        }
    }

    private int offset(long position) {
        return (int) (position & (pageBytes - 1));
    }

    @Override
    public void close() {
        cursors.close();
    }
}
