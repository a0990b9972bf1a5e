package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.backing.RelocationOutcome;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A real file that several threads use at once in every way there is: through the cache, past it,
 * while its pages move from frame to frame, are dropped and cut off, and snapshots are taken. As
 * {@link ModelShared}: each page has one thread that writes it, every word of it holds its number
 * and the version of its last write, cuts are numbered.
 */
final class MixedFile {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 96;
    private static final int RUN = 4; // pages in a row that have the same writer
    private static final int BEYOND = -1;

    private final PageCache cache;
    private final PagedFile file;
    private final int writers;
    private final ReentrantLock cutting = new ReentrantLock();
    private final AtomicIntegerArray cutsBegun = new AtomicIntegerArray(PAGES);
    private final AtomicIntegerArray cutsDone = new AtomicIntegerArray(PAGES);

    /** A page's last write that is over: its version, and how many cuts were over as it began. */
    private final AtomicLongArray written = new AtomicLongArray(PAGES);

    /** Direct writes that began, and that ended: between the two a page may be read in part. */
    private final AtomicIntegerArray directBegun = new AtomicIntegerArray(PAGES);

    private final AtomicIntegerArray directDone = new AtomicIntegerArray(PAGES);

    MixedFile(PageCache cache, PagedFile file, int writers) {
        this.cache = cache;
        this.file = file;
        this.writers = writers;
    }

    private static long record(int version, int cutsOver) {
        return (long) version << 32 | cutsOver;
    }

    private static int version(long record) {
        return (int) (record >>> 32);
    }

    private static int cutsOver(long record) {
        return (int) record;
    }

    /** What players did, to see that none of it always fails. */
    enum Step {
        READ,
        WRITE,
        PIN,
        READ_DIRECT,
        WRITE_DIRECT,
        WRITE_DIRECT_ASYNC,
        RELOCATE,
        COMPACT,
        SNAPSHOT,
        READ_SNAPSHOT,
        INVALIDATE,
        CUT,
        SYNC
    }

    /** A snapshot and what was found in it: whatever is found later is the same. */
    private final class Held {
        private final long[] before = new long[PAGES];
        private final int[] cutsBegun = new int[PAGES];
        private final int[] found = new int[PAGES];
        private final FileSnapshot snapshot;
        private final SnapshotCursor cursor;

        Held() {
            for (int page = 0; page < PAGES; page++) {
                before[page] = written.get(page);
            }
            snapshot = file.snapshot();
            for (int page = 0; page < PAGES; page++) {
                cutsBegun[page] = MixedFile.this.cutsBegun.get(page);
            }
            cursor = snapshot.cursor();
            Arrays.fill(found, BEYOND);
        }

        /** Answers the page's version. */
        int read(int page) {
            int version = 0;
            if (page < snapshot.sizePages()) {
                cursor.read(page);
                long first = cursor.getLong(0);
                for (int offset = 8; offset < PAGE_BYTES; offset += 8) {
                    Stamps.untorn(page, first, cursor.getLong(offset));
                }
                version = Stamps.version(page, first);
            }
            if (found[page] == BEYOND) {
                found[page] = version;
            } else if (found[page] != version) {
                throw new AssertionError(
                        "page %d of a snapshot changed from version %d to %d"
                                .formatted(page, found[page], version));
            }
            return version;
        }

        void close() {
            for (int page = 0; page < PAGES; page++) {
                if (found[page] != BEYOND) {
                    read(page);
                }
            }
            cursor.close();
            snapshot.close();
        }
    }

    /** One thread's part in it. */
    final class Player {
        private final int id;
        private final Random random;
        private final PageCursor cursor = file.cursor();
        private final PageCursor pin = file.cursor();
        private final int[] cutsWhenWritten = new int[PAGES]; // begun by the end of the write
        private final MemorySegment direct = Arena.ofAuto().allocate(RUN * PAGE_BYTES, PAGE_BYTES);
        private final Map<Step, Long> done = new EnumMap<>(Step.class);
        private int pinned = -1;
        private @Nullable Held held;

        Player(int id, Random random) {
            this.id = id;
            this.random = random;
        }

        Map<Step, Long> done() {
            return done;
        }

        private void did(Step step) {
            done.merge(step, 1L, Long::sum);
        }

        void step() throws IOException {
            int dice = random.nextInt(1000);
            if (dice < 150) {
                read(ownPage());
            } else if (dice < 330) {
                read(random.nextInt(PAGES));
            } else if (dice < 480) {
                write();
            } else if (dice < 560) {
                pinOrRelease();
            } else if (dice < 600) {
                readPinned();
            } else if (dice < 680) {
                readDirect(random.nextInt(3) == 0 ? ownPage() : random.nextInt(PAGES));
            } else if (dice < 740) {
                writeDirect();
            } else if (dice < 870) {
                relocate(random.nextInt(PAGES));
            } else if (dice < 880) {
                compact();
            } else if (dice < 900) {
                takeOrGiveUpSnapshot();
            } else if (dice < 970) {
                readSnapshot(random.nextInt(4) == 0 ? random.nextInt(PAGES) : ownPage());
            } else if (dice < 980) {
                invalidate();
            } else if (dice < 990) {
                cut();
            } else {
                file.sync();
                did(Step.SYNC);
            }
        }

        void close() {
            Held held = this.held;
            if (held != null) {
                held.close();
            }
            pin.close();
            cursor.close();
        }

        private int ownPage() {
            int run = random.nextInt(PAGES / RUN / writers) * writers + id;
            return run * RUN + random.nextInt(RUN);
        }

        private boolean isOwn(int page) {
            return page / RUN % writers == id;
        }

        // ---- reads

        private void read(int page) {
            long before = written.get(page);
            int over = cutsDone.get(page);
            int whole = directDone.get(page);
            int found;
            try {
                found = Stamps.readOldest(cursor, page, () -> directBegun.get(page) == whole);
            } catch (IndexOutOfBoundsException beyondTheEnd) {
                found = 0;
            }
            check("a read", page, found, before, over);
            did(Step.READ);
        }

        /** Another thread's page may be half old and half new: only its own is whole. */
        private void readDirect(int page) throws IOException {
            long before = written.get(page);
            int over = cutsDone.get(page);
            MemorySegment into = direct.asSlice(0, PAGE_BYTES);
            long got = file.readDirect(into, (long) page * PAGE_BYTES);
            int found = got == 0 ? 0 : Integer.MAX_VALUE;
            for (int offset = 0; offset < got; offset += 8) {
                int version = Stamps.version(page, direct.get(Stamps.LONG, offset));
                if (isOwn(page) && offset > 0 && version != found) {
                    throw new AssertionError("page %d is torn for its writer".formatted(page));
                }
                found = Math.min(found, version);
            }
            check("a direct read", page, found, before, over);
            did(Step.READ_DIRECT);
        }

        /**
         * Whether a page may hold a version.
         *
         * @param before the page's last write when the read began
         * @param over the page's cuts that were over then
         */
        private void check(String how, int page, int found, long before, int over) {
            boolean mine = isOwn(page);
            if (found == 0) {
                if (version(before) != 0 && cutsBegun.get(page) <= cutsOver(before)) {
                    throw new AssertionError(
                            "%s of page %d lost version %d".formatted(how, page, version(before)));
                }
                return;
            }
            if (mine ? found != version(before) : found < version(before)) {
                throw new AssertionError(
                        "%s of page %d is stale: version %d, written %d"
                                .formatted(how, page, found, version(before)));
            }
            if (mine && over > cutsWhenWritten[page]) {
                throw new AssertionError(
                        "%s: page %d came back after it was cut: version %d"
                                .formatted(how, page, found));
            }
        }

        // ---- writes

        private void write() {
            int page = ownPage();
            long before = written.get(page);
            int over = cutsDone.get(page);
            switch (random.nextInt(6)) {
                case 0 -> cursor.create(page);
                case 1 -> {
                    if (!cursor.tryWrite(page)) {
                        return;
                    }
                    check("a latch", page, Stamps.latched(cursor, page), before, over);
                }
                default -> {
                    cursor.write(page);
                    check("a latch", page, Stamps.latched(cursor, page), before, over);
                }
            }
            Stamps.store(cursor, page, version(before) + 1);
            cursor.release();
            wrote(page, before, over);
            did(Step.WRITE);
        }

        private void wrote(int page, long before, int over) {
            cutsWhenWritten[page] = cutsBegun.get(page);
            written.set(page, record(version(before) + 1, over));
        }

        private void writeDirect() throws IOException {
            if (pinned >= 0 && random.nextInt(8) != 0) {
                return; // falls back to the cache where the page is pinned: now and then is enough
            }
            int page = ownPage();
            int count = 1 + random.nextInt(RUN - page % RUN);
            long[] before = new long[count];
            int[] over = new int[count];
            for (int i = 0; i < count; i++) {
                before[i] = written.get(page + i);
                over[i] = cutsDone.get(page + i);
                directBegun.incrementAndGet(page + i);
                long word = Stamps.word(page + i, version(before[i]) + 1);
                for (int offset = 0; offset < PAGE_BYTES; offset += 8) {
                    direct.set(Stamps.LONG, (long) i * PAGE_BYTES + offset, word);
                }
            }
            writeDirect(direct.asSlice(0, (long) count * PAGE_BYTES), (long) page * PAGE_BYTES);
            for (int i = 0; i < count; i++) {
                directDone.incrementAndGet(page + i);
                wrote(page + i, before[i], over[i]);
            }
        }

        private void writeDirect(MemorySegment from, long position) throws IOException {
            if (random.nextInt(3) == 0) {
                CompletableFuture<Long> told = new CompletableFuture<>();
                file.writeDirect(
                        from,
                        position,
                        (bytes, failure) -> {
                            boolean first =
                                    failure == null
                                            ? told.complete(bytes)
                                            : told.completeExceptionally(failure);
                            assertThat(first).as("completed once").isTrue();
                        });
                assertThat(told.orTimeout(Running.DEADLINE_SECONDS, TimeUnit.SECONDS).join())
                        .isEqualTo(from.byteSize());
                did(Step.WRITE_DIRECT_ASYNC);
            } else {
                assertThat(file.writeDirect(from, position)).isEqualTo(from.byteSize());
                did(Step.WRITE_DIRECT);
            }
        }

        // ---- pins

        private void pinOrRelease() {
            if (pinned >= 0) {
                readPinned();
                pin.release();
                pinned = -1;
                return;
            }
            int page = random.nextInt(PAGES);
            long before = written.get(page); // before the pin: it may be written after that
            try {
                pin.pin(page);
                pinned = page;
                did(Step.PIN);
            } catch (IndexOutOfBoundsException beyondTheEnd) {
                check("a pin", page, 0, before, 0);
            }
        }

        private void readPinned() {
            if (pinned < 0) {
                return;
            }
            long before = written.get(pinned);
            boolean detached;
            long first;
            long other;
            do {
                first = pin.getLong(0);
                other = Stamps.otherThan(first, pin);
                detached = pin.detached(); // after the bytes: they are of the page if it is false
            } while (pin.retry());
            int found = Stamps.untorn(pinned, first, other);
            if (!detached) {
                check("a pinned read", pinned, found, before, 0);
            }
        }

        // ---- frames

        private void relocate(int page) {
            if (file.relocate(page) == RelocationOutcome.MOVED) {
                did(Step.RELOCATE);
            }
        }

        private void compact() {
            if (cache.compact(1 + random.nextInt(4), 1 + random.nextInt(2)).pagesMoved() > 0) {
                did(Step.COMPACT);
            }
        }

        // ---- snapshots

        private void takeOrGiveUpSnapshot() {
            Held held = this.held;
            if (held == null) {
                this.held = new Held();
                did(Step.SNAPSHOT);
            } else {
                held.close();
                this.held = null;
            }
        }

        private void readSnapshot(int page) {
            Held held = this.held;
            if (held == null) {
                return;
            }
            int version = held.read(page);
            long before = held.before[page];
            boolean maybeCut = held.cutsBegun[page] > cutsOver(before);
            // Of its own pages a thread knows what it had written; of others', at least how much.
            boolean good =
                    version == 0
                            ? version(before) == 0 || maybeCut
                            : isOwn(page) ? version == version(before) : version >= version(before);
            if (!good) {
                throw new AssertionError(
                        "page %d of a snapshot has version %d, written before it was %d"
                                .formatted(page, version, version(before)));
            }
            did(Step.READ_SNAPSHOT);
        }

        // ---- the file as a whole

        private void invalidate() throws IOException {
            if (random.nextBoolean()) {
                file.tryInvalidate(random.nextInt(PAGES), random.nextInt(40));
            } else {
                file.invalidate(random.nextInt(PAGES), random.nextInt(40));
            }
            did(Step.INVALIDATE);
        }

        private void cut() throws IOException {
            cutting.lock(); // one cut at a time can be numbered
            try {
                int from = random.nextInt(PAGES);
                if (from < file.sizePages()) {
                    cut(from);
                    did(Step.CUT);
                }
            } finally {
                cutting.unlock();
            }
        }

        private void cut(int from) throws IOException {
            for (int page = from; page < PAGES; page++) {
                cutsBegun.incrementAndGet(page);
            }
            file.truncate((long) from * PAGE_BYTES);
            for (int page = from; page < PAGES; page++) {
                cutsDone.incrementAndGet(page);
            }
        }
    }

    /** Compares what is stored once the file is closed. */
    void checkStored(Path path) throws IOException {
        byte[] stored = Files.readAllBytes(path);
        for (int page = 0; page < PAGES; page++) {
            int end = (page + 1) * PAGE_BYTES;
            int found =
                    end > stored.length
                            ? 0
                            : Stamps.version(
                                    page, Arrays.copyOfRange(stored, end - PAGE_BYTES, end));
            long last = written.get(page);
            boolean lost = found == 0 && cutsBegun.get(page) <= cutsOver(last);
            if (found != version(last) && (found != 0 || lost)) {
                throw new AssertionError(
                        "page %d is stored with version %d, written %d"
                                .formatted(page, found, version(last)));
            }
        }
    }
}
