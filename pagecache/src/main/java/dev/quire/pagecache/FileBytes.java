package dev.quire.pagecache;

import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.DirtyThrottle;
import dev.quire.pagecache.space.PageLatches;
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
    private final PagedFile file;
    private final AddressSpace space;
    private final CacheContext context;
    private final DirtyThrottle throttle;
    private final PageLatches latches;
    private final CursorPool cursors;
    private final int pageShift;
    private final int pageBytes;

    FileBytes(PagedFile file, AddressSpace space, CacheContext context, DirtyThrottle throttle) {
        this.file = file;
        this.space = space;
        this.context = context;
        this.throttle = throttle;
        latches = new PageLatches(space, context, throttle);
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
            return writePages(position, from);
        }
        return appending(() -> writePages(position, from));
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
                    return writePages(position, from);
                });
    }

    /** Several appends. */
    interface Appends {
        /** Answers how many bytes. */
        long run() throws IOException;
    }

    /** Makes several appends one. */
    long appending(Appends appends) throws IOException {
        lockToAppend();
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
            file.truncate(size);
        }
        return size;
    }

    private void lockToAppend() {
        ReentrantLock lock = space.appendLock();
        if (!lock.tryLock()) {
            context.latches().checkNoneMine("a write beyond the end");
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

    private long writePages(long position, MemorySegment from) {
        long done = 0;
        try {
            while (done < from.byteSize()) {
                long at = position + done;
                int length = (int) Math.min(pageBytes - offset(at), from.byteSize() - done);
                writePage(at, from.asSlice(done, length));
                done += length;
            }
        } catch (RuntimeException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    /** Writes bytes that lie in one page. */
    private void writePage(long position, MemorySegment from) {
        long page = position >>> pageShift;
        boolean done = false;
        while (!done) { // ends: unless others cut and grow the file all the time
            if (throttle.active()) {
                throttle.beforeDirtying(space);
            }
            if (position + from.byteSize() <= space.sizeBytes()) {
                done = writeInside(page, position, from);
            } else if (page < space.sizePages()) {
                done = writeLast(page, position, from);
            } else {
                done = writeBeyond(page, position, from);
            }
        }
    }

    /** Writes bytes that lie inside the file; answers false if it was cut meanwhile. */
    private boolean writeInside(long page, long position, MemorySegment from) {
        boolean whole = from.byteSize() == pageBytes;
        int frame = latches.latchInside(page, position + from.byteSize(), whole);
        if (frame == FrameTable.NO_FRAME) {
            return false;
        }
        try {
            copy(position, from, frame);
        } finally {
            latches.end(page, frame);
        }
        return true;
    }

    /** Writes bytes to the page that the file ends in, and beyond; answers false to look again. */
    private boolean writeLast(long page, long position, MemorySegment from) {
        latches.prepareLast(page); // before the lock: it may have to wait for write-back
        int frame = FrameTable.NO_FRAME;
        space.lockToGrow(context.latches());
        try {
            if (page < space.sizePages() && position + from.byteSize() > space.sizeBytes()) {
                frame = latches.tryLatchLast(page);
                store(position, from, frame);
            }
        } finally {
            space.sizeLock().unlock();
            release(page, frame);
        }
        return frame != FrameTable.NO_FRAME;
    }

    /** Writes bytes to a page that lies beyond the end; answers false to look again. */
    private boolean writeBeyond(long page, long position, MemorySegment from) {
        int spare = context.allocator().allocate(0); // before the lock, as above
        boolean inserted = false;
        try {
            space.lockToGrow(context.latches());
            try {
                space.checkWritable();
                inserted =
                        page >= space.sizePages()
                                && context.growth().insertBeyondEnd(space, page, spare);
                store(position, from, inserted ? spare : FrameTable.NO_FRAME);
            } finally {
                space.sizeLock().unlock();
            }
        } finally {
            if (inserted) {
                release(page, spare);
            } else {
                context.allocator().put(spare);
            }
        }
        return inserted;
    }

    /** Bytes, then the size; nobody can read the page before it is released. */
    private void store(long position, MemorySegment from, int frame) {
        if (frame != FrameTable.NO_FRAME) {
            try {
                copy(position, from, frame);
            } finally {
                space.growToBytes(position + from.byteSize()); // no page may lie beyond the end
            }
        }
    }

    private void copy(long position, MemorySegment from, int frame) {
        MemorySegment.copy(from, 0, context.memory(frame), offset(position), from.byteSize());
    }

    private void release(long page, int frame) {
        if (frame != FrameTable.NO_FRAME) {
            latches.end(page, frame);
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
