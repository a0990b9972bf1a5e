package dev.quire.bench.soak;

import static dev.quire.bench.soak.MixedPages.PAGES;
import static dev.quire.bench.soak.MixedPages.PAGE_BYTES;
import static dev.quire.bench.soak.MixedPages.RUN_PAGES;

import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.SnapshotCursor;
import dev.quire.pagecache.backing.SnapshotLostException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One of the threads that use a file in every way there is: through the cache, past it, pinned,
 * while its pages move from frame to frame, are dropped, and snapshots of it are taken. A read
 * after a write that is over sees it; a snapshot is of one moment and never changes.
 */
final class MixedPlayer implements AutoCloseable {
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int UNREAD = -1;

    private final PageCache cache;
    private final PagedFile file;
    private final MixedPages pages;
    private final int id;
    private final SplittableRandom random;
    private final PageCursor cursor;
    private final MemorySegment copy = Arena.ofAuto().allocate(PAGE_BYTES);
    private final MemorySegment direct =
            Arena.ofAuto().allocate((long) RUN_PAGES * PAGE_BYTES, PAGE_BYTES);
    private @Nullable Held held;

    MixedPlayer(
            PageCache cache, PagedFile file, MixedPages pages, int id, SplittableRandom random) {
        this.cache = cache;
        this.file = file;
        this.pages = pages;
        this.id = id;
        this.random = random;
        cursor = file.cursor();
    }

    /** A snapshot, what it must hold at least and at most, and what was found in it. */
    private static final class Held implements AutoCloseable {
        final FileSnapshot snapshot;
        final SnapshotCursor cursor;
        final int[] least = new int[PAGES];
        final int[] most = new int[PAGES];
        final int[] found = new int[PAGES];

        Held(PagedFile file, MixedPages pages, int id) {
            for (int page = 0; page < PAGES; page++) {
                least[page] = pages.written(page);
            }
            snapshot = file.snapshot();
            for (int page = 0; page < PAGES; page++) {
                most[page] = pages.owner(page) == id ? least[page] : pages.written(page) + 1;
            }
            cursor = snapshot.cursor();
            Arrays.fill(found, UNREAD);
        }

        @Override
        public void close() {
            cursor.close();
            snapshot.close();
        }
    }

    void step() throws IOException {
        int dice = random.nextInt(100);
        if (dice < 30) {
            read(random.nextInt(PAGES));
        } else if (dice < 50) {
            write();
        } else if (dice < 58) {
            readDirect();
        } else if (dice < 66) {
            writeDirect();
        } else if (dice < 72) {
            readPinned(random.nextInt(PAGES));
        } else if (dice < 82) {
            file.relocate(random.nextInt(PAGES)); // or it is in use: both are good
        } else if (dice < 83) {
            cache.compact(1 + random.nextInt(4), 1 + random.nextInt(2));
        } else if (dice < 85) {
            takeOrGiveUpSnapshot();
        } else if (dice < 95) {
            readSnapshot(random.nextInt(PAGES));
        } else if (dice < 97) {
            file.tryInvalidate(random.nextInt(PAGES), random.nextInt(PAGES / 4));
        } else if (dice < 98) {
            file.invalidate(random.nextInt(PAGES), random.nextInt(PAGES / 4));
        } else if (dice < 99) {
            file.prefetchRange(random.nextInt(PAGES), random.nextInt(RUN_PAGES) + 1L);
        } else {
            file.sync();
        }
    }

    @Override
    public void close() {
        Held mine = held;
        if (mine != null) {
            mine.close();
        }
        cursor.close();
    }

    // ---- through the cache

    private void read(int page) {
        int before = pages.written(page);
        int direct = pages.direct(page);
        do {
            cursor.read(page);
            cursor.copyTo(0, copy, 0, PAGE_BYTES);
        } while (cursor.retry());
        if (pages.quietSince(page, direct)) {
            pages.check("a read", id, page, whole(page), before);
        } else {
            checkParts("a read", page, copy, before);
        }
    }

    /** A page that is being written directly may be half old and half new. */
    private void checkParts(String how, int page, MemorySegment bytes, int before) {
        for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
            int found = Stamp.version(page, bytes.get(LONG, at));
            pages.check(how, id, page, found, before);
        }
    }

    private void readPinned(int page) {
        int before = pages.written(page);
        cursor.pin(page);
        try {
            do {
                cursor.copyTo(0, copy, 0, PAGE_BYTES);
            } while (cursor.retry());
        } finally {
            cursor.release();
        }
        pages.check("a pinned read", id, page, whole(page), before);
    }

    /** The version of the page that was copied. */
    private int whole(int page) {
        long first = copy.get(LONG, 0);
        for (int at = Long.BYTES; at < PAGE_BYTES; at += Long.BYTES) {
            if (copy.get(LONG, at) != first) {
                throw new AssertionError(
                        "page %d is torn: %016x at 0, %016x at %d"
                                .formatted(page, first, copy.get(LONG, at), at));
            }
        }
        return Stamp.version(page, first);
    }

    private void write() throws IOException {
        int page = pages.firstOfRun(id, random.nextInt()) + random.nextInt(RUN_PAGES);
        cursor.write(page);
        try {
            cursor.copyTo(0, copy, 0, PAGE_BYTES);
            int before = whole(page);
            pages.check("a latch", id, page, before, pages.written(page));
            long word = Stamp.word(page, before + 1);
            for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
                copy.set(LONG, at, word);
            }
            cursor.copyFrom(0, copy, 0, PAGE_BYTES);
        } finally {
            cursor.release();
        }
        pages.wrote(page);
    }

    // ---- past it

    private void readDirect() throws IOException {
        int count = 1 + random.nextInt(RUN_PAGES);
        int first = random.nextInt(PAGES - count + 1);
        int[] before = new int[count];
        for (int i = 0; i < count; i++) {
            before[i] = pages.written(first + i);
        }
        MemorySegment into = direct.asSlice(0, (long) count * PAGE_BYTES);
        expect("a direct read", file.readDirect(into, (long) first * PAGE_BYTES), into.byteSize());
        for (int i = 0; i < count; i++) {
            MemorySegment page = into.asSlice((long) i * PAGE_BYTES, PAGE_BYTES);
            checkParts("a direct read", first + i, page, before[i]);
        }
    }

    private void writeDirect() throws IOException {
        int run = pages.firstOfRun(id, random.nextInt());
        int skip = random.nextInt(RUN_PAGES);
        int count = 1 + random.nextInt(RUN_PAGES - skip);
        MemorySegment from = direct.asSlice(0, (long) count * PAGE_BYTES);
        for (int at = 0; at < from.byteSize(); at += Long.BYTES) {
            int page = run + skip + at / PAGE_BYTES;
            from.set(LONG, at, Stamp.word(page, pages.written(page) + 1));
        }
        int first = run + skip;
        pages.turnDirect(first, count);
        long written = file.writeDirect(from, (long) first * PAGE_BYTES);
        for (int i = 0; i < count; i++) {
            pages.wrote(first + i);
        }
        pages.turnDirect(first, count);
        expect("a direct write", written, from.byteSize());
    }

    private static void expect(String what, long bytes, long expected) {
        if (bytes != expected) {
            throw new AssertionError("%s moved %d bytes of %d".formatted(what, bytes, expected));
        }
    }

    // ---- snapshots

    private void takeOrGiveUpSnapshot() {
        Held mine = held;
        if (mine == null) {
            held = new Held(file, pages, id);
        } else {
            held = null;
            mine.close();
        }
    }

    private void readSnapshot(int page) {
        Held mine = held;
        if (mine == null) {
            return;
        }
        try {
            mine.cursor.read(page);
            mine.cursor.copyTo(0, copy, 0, PAGE_BYTES);
        } catch (SnapshotLostException e) {
            held = null; // allowed: it says so
            mine.close();
            return;
        }
        int version = whole(page);
        if (mine.found[page] == UNREAD) {
            mine.found[page] = version;
        }
        boolean good =
                version == mine.found[page]
                        && version >= mine.least[page]
                        && version <= mine.most[page];
        if (!good) {
            throw new AssertionError(
                    "page %d of a snapshot has version %d, was read as %d, must be from %d to %d"
                            .formatted(
                                    page,
                                    version,
                                    mine.found[page],
                                    mine.least[page],
                                    mine.most[page]));
        }
    }
}
