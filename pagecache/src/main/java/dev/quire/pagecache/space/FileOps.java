package dev.quire.pagecache.space;

import dev.quire.aio.AsyncFile;
import dev.quire.aio.IoCompletion;
import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.backing.PageHooks;
import dev.quire.pagecache.backing.ReadCompletion;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A file as the store of an address space. Pages go straight between the file and their frames,
 * which are aligned to their size, so that a direct file needs no copy.
 */
public final class FileOps implements AddressSpaceOps, DirectStore {
    /**
     * What the system's own cache holds of a file, at least, when it zeroes what lies behind the
     * end. A direct write of only a part of it, while the file is made longer there, would find it
     * in that cache when it is over; the next sync then fails with EIO, and what the system has in
     * its cache may even be written over it (Linux: {@code dio_warn_stale_pagecache}).
     */
    private static final int SYSTEM_PAGE_BYTES = 4096;

    private volatile AsyncFile file;
    private volatile @Nullable AsyncFile replaced;
    private final int pageBytes;
    private final PageHooks hooks;
    private final boolean allowsDirect;

    /**
     * A store over a file; closes it at the end.
     *
     * @param file an open file
     * @param pageBytes size of the cache's pages
     * @param hooks what is to be asked and told of its pages
     * @throws IllegalArgumentException if direct transfers of the file need more than a page
     */
    public FileOps(AsyncFile file, int pageBytes, PageHooks hooks) {
        if (file.directAlignment() > pageBytes) {
            throw new IllegalArgumentException(
                    "page size must be at least the file's direct I/O alignment of "
                            + file.directAlignment()
                            + " bytes: pageBytes="
                            + pageBytes
                            + ", file="
                            + file.path());
        }
        this.file = file;
        this.pageBytes = pageBytes;
        this.hooks = hooks;
        allowsDirect = hooks.equals(PageHooks.NONE) || hooks.allowsDirect();
    }

    /**
     * Goes on with the same file, opened so that it can be written; closes both at the end, because
     * reads of the first may be under way.
     *
     * @param writable the file, opened again
     */
    public void reopened(AsyncFile writable) {
        replaced = file;
        file = writable;
    }

    @Override
    public int readPage(long page, MemorySegment into) throws IOException {
        return file.read(into, page * pageBytes);
    }

    @Override
    public boolean readPages(
            long firstPage, MemorySegment[] pages, int count, ReadCompletion completion) {
        long position = firstPage * pageBytes;
        if (count == 1) {
            file.read(pages[0], position, completion::complete);
        } else {
            file.read(pages, 0, count, position, completion::complete);
        }
        return true;
    }

    @Override
    public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes)
            throws IOException {
        long position = firstPage * pageBytes;
        cutLast(pages, count, position, endBytes);
        if (count == 1) {
            file.write(pages[0], position);
        } else {
            file.write(pages, 0, count, position);
        }
    }

    @Override
    public void writePagesAsync(
            long firstPage, MemorySegment[] pages, int count, long endBytes, WriteDone done) {
        long position = firstPage * pageBytes;
        cutLast(pages, count, position, endBytes);
        IoCompletion completion = (bytes, failure) -> done.done(failure);
        if (count == 1) {
            file.write(pages[0], position, completion);
        } else {
            file.write(pages, 0, count, position, completion);
        }
    }

    private void cutLast(MemorySegment[] pages, int count, long position, long endBytes) {
        long lastBytes = endBytes - (position + (count - 1L) * pageBytes);
        if (lastBytes < pageBytes) {
            // A direct file takes whole blocks; the next sync cuts the file to its logical size.
            long unit = file.direct() ? Math.min(pageBytes, SYSTEM_PAGE_BYTES) : 1;
            unit = Math.max(unit, file.directAlignment());
            long blocks = (lastBytes + unit - 1) / unit * unit;
            pages[count - 1] = pages[count - 1].asSlice(0, blocks);
        }
    }

    @Override
    public void sync() throws IOException {
        file.syncData();
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        file.truncate(sizeBytes);
    }

    @Override
    public boolean punchHole(long position, long bytes) throws IOException {
        file.punchHole(position, bytes);
        return true;
    }

    @Override
    public long sizeBytes() throws IOException {
        return file.sizeBytes();
    }

    // ---- around the pages

    @Override
    public @Nullable DirectStore directStore() {
        return allowsDirect ? this : null;
    }

    @Override
    public int alignmentBytes() {
        return file.directAlignment();
    }

    @Override
    public int memoryAlignmentBytes() {
        return file.directMemoryAlignment();
    }

    @Override
    public long read(MemorySegment into, long position) throws IOException {
        return file.read(into, position);
    }

    @Override
    public void read(MemorySegment into, long position, ReadCompletion completion) {
        file.read(into, position, completion::complete);
    }

    @Override
    public void write(MemorySegment from, long position) throws IOException {
        file.write(from, position);
    }

    @Override
    public void write(MemorySegment from, long position, WriteDone done) {
        file.write(from, position, (bytes, failure) -> done.done(failure));
    }

    // ---- the end

    @Override
    public void close() throws IOException {
        AsyncFile first = replaced;
        try {
            if (first != null) {
                first.close();
            }
        } finally {
            file.close();
        }
    }

    // ---- hooks

    /** Whom the calls below go to. */
    PageHooks hooks() {
        return hooks;
    }

    @Override
    public void afterRead(long page, MemorySegment memory) throws IOException {
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
    public boolean allowsDirect() {
        return allowsDirect;
    }

    @Override
    public void dirtyPage(long page) {
        hooks.dirtyPage(page);
    }

    @Override
    public boolean releasePage(long page, long privateData) {
        return hooks.releasePage(page, privateData);
    }

    @Override
    public boolean migratePage(long page, long privateData) {
        return hooks.migratePage(page, privateData);
    }

    @Override
    public void freePage(long page, long privateData) {
        hooks.freePage(page, privateData);
    }

    @Override
    public String toString() {
        return file.path().toString();
    }
}
