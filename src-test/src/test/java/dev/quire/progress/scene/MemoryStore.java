package dev.quire.progress.scene;

import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.ReadCompletion;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A store in memory, for threads that run one at a time. Reads that nobody waits for are under way
 * until somebody ends them.
 */
final class MemoryStore implements AddressSpaceOps {
    /** A read that was begun. */
    @SuppressWarnings("ArrayRecordComponent") // as they came, to be handed on
    record Read(long firstPage, MemorySegment[] pages, int count, ReadCompletion completion) {}

    private final int pageBytes;
    private final Map<Long, byte[]> pages = new HashMap<>();
    private final List<Read> underWay = new ArrayList<>();
    private long size;

    /** Whether it changes what is written, as for a checksum. */
    boolean stamps;

    /** Whether writes fail. */
    boolean fails;

    MemoryStore(int pageBytes, long sizePages) {
        this.pageBytes = pageBytes;
        size = sizePages * pageBytes;
    }

    @Override
    public int readPage(long page, MemorySegment into) {
        int valid = Math.clamp(size - page * pageBytes, 0, pageBytes);
        byte[] bytes = pages.get(page);
        into.fill((byte) 0);
        if (bytes != null) {
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, into, 0, valid);
        }
        return valid;
    }

    @Override
    public boolean readPages(
            long firstPage, MemorySegment[] into, int count, ReadCompletion completion) {
        underWay.add(new Read(firstPage, into.clone(), count, completion));
        return true;
    }

    int underWay() {
        return underWay.size();
    }

    /** Ends one of the reads that are under way. */
    void endOneOf(int which) {
        Read read = underWay.remove(which % underWay.size());
        long bytes = 0;
        for (int i = 0; i < read.count && bytes == (long) i * pageBytes; i++) {
            bytes += readPage(read.firstPage + i, read.pages[i]);
        }
        read.completion.complete(bytes, null);
    }

    @Override
    public void writePages(long firstPage, MemorySegment[] from, int count, long endBytes)
            throws IOException {
        if (fails) {
            throw new IOException("no space left");
        }
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[pageBytes];
            int valid = Math.clamp(endBytes - (firstPage + i) * pageBytes, 0, pageBytes);
            MemorySegment.copy(from[i], 0, MemorySegment.ofArray(bytes), 0, valid);
            pages.put(firstPage + i, bytes);
            size = Math.max(size, (firstPage + i) * pageBytes + valid);
        }
    }

    @Override
    public boolean stampsPages() {
        return stamps;
    }

    @Override
    public long beforeWrite(long page, MemorySegment image, long lsn) {
        if (stamps) {
            image.set(ValueLayout.JAVA_LONG, 8, page);
        }
        return GO;
    }

    @Override
    public void sync() {}

    @Override
    public void truncate(long sizeBytes) {
        size = sizeBytes;
        pages.keySet().removeIf(page -> page * pageBytes >= sizeBytes);
    }

    @Override
    public boolean punchHole(long position, long bytes) {
        pages.keySet()
                .removeIf(
                        page ->
                                page * pageBytes >= position
                                        && (page + 1) * pageBytes <= position + bytes);
        return true;
    }

    @Override
    public long sizeBytes() {
        return size;
    }

    @Override
    public boolean releasePage(long page, long privateData) {
        return true;
    }

    @Override
    public void freePage(long page, long privateData) {
        // Wants to be told: departures are counted for who does.
    }
}
