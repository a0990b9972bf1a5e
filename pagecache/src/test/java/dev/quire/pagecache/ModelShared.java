package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file that several threads use at once. Each page has one thread that writes it, and every
 * 64-bit word of a page holds its number and the version of the last write, so that a page that is
 * torn, stale, lost or somebody else's is told from a good one.
 *
 * <p>Any thread may cut the file: a page is zero after a cut that came after its last write, and
 * may be zero or not while the two overlap. Cuts are numbered for that, page by page.
 */
final class ModelShared {
    private static final int PAGE_BYTES = CacheFixture.PAGE_BYTES;
    private static final int PAGES = 160;

    private final PagedFile file;
    private final MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
    private final int writers;
    private final ReentrantLock cutting = new ReentrantLock();
    private final AtomicIntegerArray cutsBegun = new AtomicIntegerArray(PAGES);
    private final AtomicIntegerArray cutsDone = new AtomicIntegerArray(PAGES);

    /** A page's last write: its version, and how many cuts of the page were over when it began. */
    private final AtomicLongArray written = new AtomicLongArray(PAGES);

    ModelShared(PageCache cache, int writers) throws IOException {
        this.writers = writers;
        file = cache.map("shared", backing);
    }

    void close() throws IOException {
        file.close();
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

    /** One thread's part in it. */
    final class Player {
        private final int id;
        private final Random random;
        private final PageCursor cursor = file.cursor();
        private final PageCursor pin = file.cursor();
        private final int[] cutsWhenWritten = new int[PAGES]; // begun by the end of the write
        private int pinned = -1;

        Player(int id, Random random) {
            this.id = id;
            this.random = random;
        }

        void step() throws IOException {
            int dice = random.nextInt(1000);
            if (dice < 300) {
                read(cursor, ownPage());
            } else if (dice < 560) {
                read(cursor, random.nextInt(PAGES));
            } else if (dice < 800) {
                write();
            } else if (dice < 850) {
                tryWrite();
            } else if (dice < 930) {
                pinOrRelease();
            } else if (dice < 970) {
                readPinned();
            } else if (dice < 972) {
                file.invalidate(random.nextInt(PAGES), random.nextInt(40));
            } else if (dice < 975) {
                file.prefetchRange(random.nextInt(PAGES), random.nextInt(12));
            } else if (dice < 980) {
                append();
            } else if (dice < 988) {
                cut();
            } else {
                sync();
            }
        }

        void close() {
            pin.close();
            cursor.close();
        }

        private int ownPage() {
            return random.nextInt(PAGES / writers) * writers + id;
        }

        // ---- reads

        private void read(PageCursor cursor, int page) {
            long before = written.get(page);
            int over = cutsDone.get(page);
            int found;
            try {
                found = Stamps.read(cursor, page);
            } catch (IndexOutOfBoundsException beyondTheEnd) {
                found = 0;
            }
            check(page, found, before, over);
        }

        /**
         * Whether a page may hold a version.
         *
         * @param before the page's last write when the read began
         * @param over the page's cuts that were over then
         */
        private void check(int page, int found, long before, int over) {
            boolean mine = page % writers == id;
            if (found == 0) {
                if (version(before) != 0 && cutsBegun.get(page) <= cutsOver(before)) {
                    throw new AssertionError(
                            "page %d lost version %d".formatted(page, version(before)));
                }
                return;
            }
            if (mine ? found != version(before) : found < version(before)) {
                throw new AssertionError(
                        "page %d is stale: version %d, written %d"
                                .formatted(page, found, version(before)));
            }
            if (mine && over > cutsWhenWritten[page]) {
                throw new AssertionError(
                        "page %d came back after it was cut: version %d".formatted(page, found));
            }
        }

        // ---- writes

        private void write() {
            int page = ownPage();
            long before = written.get(page);
            int over = cutsDone.get(page);
            if (random.nextInt(5) == 0) {
                cursor.create(page);
                assertThat(Stamps.latched(cursor, page)).as("created page %s", page).isZero();
            } else {
                cursor.write(page);
                checkLatched(page, before, over);
            }
            store(page, before, over);
        }

        private void tryWrite() {
            int page = ownPage();
            long before = written.get(page);
            int over = cutsDone.get(page);
            if (random.nextBoolean() ? cursor.tryWrite(page) : readAndUpgrade(page)) {
                checkLatched(page, before, over);
                if (random.nextInt(4) == 0) {
                    cursor.releaseClean();
                } else {
                    store(page, before, over);
                }
            }
        }

        private boolean readAndUpgrade(int page) {
            try {
                cursor.read(page);
                return cursor.upgrade();
            } catch (IndexOutOfBoundsException beyondTheEnd) {
                return false;
            }
        }

        private void checkLatched(int page, long before, int over) {
            check(page, Stamps.latched(cursor, page), before, over);
        }

        private void store(int page, long before, int over) {
            int version = version(before) + 1;
            Stamps.store(cursor, page, version);
            cursor.release();
            cutsWhenWritten[page] = cutsBegun.get(page);
            written.set(page, record(version, over));
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
            } catch (IndexOutOfBoundsException beyondTheEnd) {
                check(page, 0, before, 0);
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
                check(pinned, found, before, 0);
            }
        }

        // ---- the file as a whole

        private void append() {
            if (file.sizePages() < PAGES) {
                file.append();
            }
        }

        private void cut() throws IOException {
            cutting.lock(); // one cut at a time can be numbered
            try {
                int from = random.nextInt(PAGES);
                if (from < file.sizePages()) {
                    cut(from);
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

        /** What this thread wrote before is durable afterwards. */
        private void sync() throws IOException {
            long[] before = new long[PAGES];
            for (int page = id; page < PAGES; page += writers) {
                before[page] = written.get(page);
            }
            file.sync();
            for (int page = id; page < PAGES; page += writers) {
                int found = Stamps.version(page, backing.durable(page));
                check(page, found, before[page], 0);
            }
        }
    }
}
