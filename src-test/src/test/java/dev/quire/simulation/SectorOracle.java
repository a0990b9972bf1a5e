package dev.quire.simulation;

import org.agrona.collections.IntArrayList;
import org.agrona.collections.LongArrayList;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * What each sector of a file may hold: what the last acknowledged sync covered, or anything written
 * since. It knows nothing of the disk, but what its users did and were told.
 *
 * <p>A sector that was written says which it is and which version, in every word; version 0 is a
 * sector of zeros.
 */
final class SectorOracle {
    static final int SECTOR_BYTES = 512;

    private final IntArrayList[] versions; // of each sector all, since the last crash
    private final int[] completed; // the last version whose writer knows that it is over
    private final int[] settled; // the first version that may be found after a crash
    private final LongArrayList sizes = new LongArrayList();
    private final Set<Long> ends = new HashSet<>(); // of writes, since the last crash
    private final int unitBytes;
    private final int stepBytes;
    private int sizeCompleted;
    private int sizeSettled;
    private int newest;

    /** What was over at some moment. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Mark(int[] completed, int size) {}

    /**
     * A file that is empty.
     *
     * @param unitBytes what its size is rounded up to until a sync has cut it, 1 for not at all
     * @param stepBytes what it grows by
     */
    SectorOracle(int sectors, int unitBytes, int stepBytes) {
        this.unitBytes = unitBytes;
        this.stepBytes = stepBytes;
        versions = new IntArrayList[sectors];
        completed = new int[sectors];
        settled = new int[sectors];
        for (int i = 0; i < sectors; i++) {
            versions[i] = new IntArrayList();
            versions[i].addInt(0);
        }
        sizes.addLong(0);
    }

    // ---- who writes tells

    int newVersion() {
        return ++newest;
    }

    /** From now on a sector may hold a version. */
    void begin(int sector, int version) {
        versions[sector].addInt(version);
    }

    /** The write of the sector's newest version is over. */
    void end(int sector) {
        completed[sector] = versions[sector].size() - 1;
    }

    /**
     * A write is begun that ends there: the file may, until another that was begun has its size.
     */
    void beginEnd(long bytes) {
        ends.add(bytes);
    }

    /** From now on the file may have a size; answers its number. */
    int beginSize(long bytes) {
        sizes.addLong(bytes);
        return sizes.size() - 1;
    }

    /** Whoever gave the file a size knows that it is over. */
    void endSize(int number) {
        sizeCompleted = Math.max(sizeCompleted, number);
    }

    long size() {
        return sizes.getLong(sizes.size() - 1);
    }

    // ---- who syncs tells

    /** What is over now: a sync that begins now covers it. */
    Mark mark() {
        return new Mark(completed.clone(), sizeCompleted);
    }

    /** A sync has been acknowledged. */
    void settle(Mark mark, int fromSector, int toSector) {
        for (int i = fromSector; i < Math.min(toSector, settled.length); i++) {
            settled[i] = Math.max(settled[i], mark.completed[i]);
        }
        sizeSettled = Math.max(sizeSettled, mark.size);
    }

    int sectors() {
        return settled.length;
    }

    // ---- who reads asks

    /** What was over in a sector. */
    int completed(int sector) {
        return completed[sector];
    }

    int begun(int sector) {
        return versions[sector].size() - 1;
    }

    /** Fails unless a sector holds one of some of its versions. */
    void check(String how, int sector, MemorySegment bytes, long offset, int from, int to) {
        int found = version(how, sector, bytes, offset);
        for (int i = from; i <= Math.min(to, begun(sector)); i++) {
            if (versions[sector].getInt(i) == found) {
                return;
            }
        }
        throw new AssertionError(
                "%s: sector %d holds version %d, of %s it may hold those from number %d to %d"
                        .formatted(how, sector, found, versions[sector], from, to));
    }

    /** Which version a sector holds, if it is whole and its own. */
    static int version(String how, int sector, MemorySegment bytes, long offset) {
        long first = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
        int version = (int) (first >>> 32);
        for (int i = 0; i < SECTOR_BYTES; i += Long.BYTES) {
            long word = bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, offset + i);
            if (word != word(sector, version, i)) {
                throw new AssertionError(
                        "%s: sector %d is torn or another's: version %d, %016x at %d"
                                .formatted(how, sector, version, word, i));
            }
        }
        return version;
    }

    static long word(int sector, int version, int offset) {
        if (version == 0) {
            return 0;
        }
        return offset == 0
                ? (long) version << 32 | sector
                : (version * 0x9e3779b97f4a7c15L ^ sector) * 0xbf58476d1ce4e5b9L + offset;
    }

    // ---- after a crash

    /**
     * Fails unless a file that was found after a crash is one that may be there; from now on it is
     * what was there from the start.
     */
    void found(byte[] bytes) {
        long[] since = Arrays.copyOfRange(sizes.toLongArray(), sizeSettled, sizes.size());
        SizesFound.check(
                bytes.length, since, unitBytes, at -> at % stepBytes == 0 || ends.contains(at));
        MemorySegment all = MemorySegment.ofArray(new byte[settled.length * SECTOR_BYTES]);
        MemorySegment.copy(
                MemorySegment.ofArray(bytes), 0, all, 0, Math.min(bytes.length, all.byteSize()));
        for (int sector = 0; sector < settled.length; sector++) {
            long offset = (long) sector * SECTOR_BYTES;
            check("after a crash", sector, all, offset, settled[sector], Integer.MAX_VALUE);
            int version = version("after a crash", sector, all, offset);
            versions[sector].clear();
            versions[sector].addInt(version);
            completed[sector] = 0;
            settled[sector] = 0;
        }
        ends.clear();
        sizes.clear();
        sizes.addLong(bytes.length);
        sizeCompleted = 0;
        sizeSettled = 0;
    }
}
