package dev.quire.simulation;

import dev.quire.pagecache.PagedFile;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The file that players share, what it may hold, and which pages are whose to write. */
final class PageFile {
    static final int PAGES = 150;

    final PagedFile file;
    final SectorOracle oracle;
    final int pageBytes;
    final int sectorsPerPage;
    final int players;

    /** Held alone while the file is cut, so that it is known what is behind the cut. */
    final ReentrantReadWriteLock cutting = new ReentrantReadWriteLock();

    PageFile(PagedFile file, SectorOracle oracle, int players) {
        this.file = file;
        this.oracle = oracle;
        this.players = players;
        pageBytes = file.pageBytes();
        sectorsPerPage = pageBytes / SectorOracle.SECTOR_BYTES;
    }

    static int sectors(int pageBytes) {
        return PAGES * (pageBytes / SectorOracle.SECTOR_BYTES);
    }

    /** Fills memory with a version of sectors. */
    static void fill(MemorySegment memory, int firstSector, int count, int version) {
        for (int i = 0; i < count; i++) {
            for (int offset = 0; offset < SectorOracle.SECTOR_BYTES; offset += Long.BYTES) {
                memory.set(
                        ValueLayout.JAVA_LONG_UNALIGNED,
                        (long) i * SectorOracle.SECTOR_BYTES + offset,
                        SectorOracle.word(firstSector + i, version, offset));
            }
        }
    }

    /** The sectors' numbers of versions that are over. */
    int[] over(int firstSector, int count) {
        int[] over = new int[count];
        for (int i = 0; i < count; i++) {
            over[i] = oracle.completed(firstSector + i);
        }
        return over;
    }

    /** Fails unless memory holds sectors of which none is older than what was over. */
    void check(String how, MemorySegment memory, int firstSector, int count, int[] over) {
        for (int i = 0; i < count; i++) {
            long offset = (long) i * SectorOracle.SECTOR_BYTES;
            oracle.check(how, firstSector + i, memory, offset, over[i], Integer.MAX_VALUE);
        }
    }

    void begin(int firstSector, int count, int version) {
        for (int i = 0; i < count; i++) {
            oracle.begin(firstSector + i, version);
        }
    }

    void end(int firstSector, int count) {
        for (int i = 0; i < count; i++) {
            oracle.end(firstSector + i);
        }
    }

    /** The file is going to be at least so long; answers what is to be told at the end. */
    int beginGrowth(long bytes) {
        oracle.beginEnd(bytes);
        return bytes > oracle.size() ? oracle.beginSize(bytes) : 0;
    }
}
