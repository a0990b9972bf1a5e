package dev.quire.simulation;

import dev.quire.pagecache.CursorHint;
import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.SnapshotCursor;
import dev.quire.pagecache.backing.SnapshotLostException;
import dev.quire.simulation.machine.Simulation;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Uses the shared file in every way there is. It writes pages of its own, which follow each other,
 * and reads all; of each read it knows what was over when it began.
 */
final class PagePlayer {
    private static final int PAGES = PageFile.PAGES;
    private static final int RUN_PAGES_MAX = 4;

    private final PageCache cache;
    private final PageFile shared;
    private final PagedFile file;
    private final SectorOracle oracle;
    private final SplittableRandom random;
    private final Map<String, Long> done;
    private final int id;
    private final int perPage;
    private final PageCursor cursor;
    private final PageCursor pin;
    private final FileChannel channel;
    private final MemorySegment memory;
    private int[] pinnedOver = {};
    private int pinned = -1;
    private @Nullable Held held;

    PagePlayer(
            PageCache cache,
            PageFile shared,
            int id,
            SplittableRandom random,
            Map<String, Long> done) {
        this.cache = cache;
        this.shared = shared;
        this.id = id;
        this.random = random;
        this.done = done;
        file = shared.file;
        oracle = shared.oracle;
        perPage = shared.sectorsPerPage;
        cursor = random.nextBoolean() ? file.cursor() : file.cursor(CursorHint.SEQUENTIAL);
        pin = file.cursor();
        channel = file.channel();
        memory = Arena.ofAuto().allocate((long) RUN_PAGES_MAX * shared.pageBytes, 4096);
    }

    /** A snapshot, and between which versions each of its sectors lies. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Held(FileSnapshot snapshot, SnapshotCursor cursor, int[] over, int[] begun) {
        void close() {
            cursor.close();
            snapshot.close();
        }
    }

    void step() throws IOException {
        int dice = random.nextInt(1000);
        if (dice < 40) {
            alone(dice < 30 ? this::cut : this::punch);
            return;
        }
        shared.cutting.readLock().lock();
        try {
            together(dice);
        } finally {
            shared.cutting.readLock().unlock();
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void alone(Step step) throws IOException {
        shared.cutting.writeLock().lock();
        try {
            if (pinned < 0) {
                step.run();
            }
        } finally {
            shared.cutting.writeLock().unlock();
        }
    }

    private void together(int dice) throws IOException {
        if (dice < 150) {
            read(random.nextInt(PAGES));
        } else if (dice < 200) {
            scan();
        } else if (dice < 420) {
            write();
        } else if (dice < 490) {
            writeChannel();
        } else if (dice < 530) {
            readDirect();
        } else if (dice < 580) {
            writeDirect();
        } else if (dice < 640) {
            pinOrRelease();
        } else if (dice < 690) {
            sync();
        } else if (dice < 710) {
            syncRange();
        } else if (dice < 730) {
            file.flush(random.nextInt(PAGES), random.nextInt(30));
            did("flush");
        } else if (dice < 760) {
            file.tryInvalidate(random.nextInt(PAGES), random.nextInt(60));
            did("tryInvalidate");
        } else if (dice < 780) {
            invalidate();
        } else if (dice < 810) {
            file.prefetchRange(random.nextInt(PAGES), random.nextInt(40));
            did("prefetch");
        } else if (dice < 835) {
            readAsync();
        } else if (dice < 865) {
            file.relocate(random.nextInt(PAGES));
            did("relocate");
        } else if (dice < 870) {
            cache.compact(1 + random.nextInt(3), 1);
            did("compact");
        } else if (dice < 880) {
            resize();
        } else {
            snapshot();
        }
    }

    private void did(String what) {
        done.merge(what, 1L, Long::sum);
    }

    void close() throws IOException {
        Held held = this.held;
        if (held != null) {
            held.close();
        }
        channel.close();
        pin.close();
        cursor.close();
    }

    private int ownFirst() {
        return PAGES * id / shared.players;
    }

    private int ownEnd() {
        return PAGES * (id + 1) / shared.players;
    }

    private int ownPage() {
        return random.nextInt(ownFirst(), ownEnd());
    }

    // ---- reads

    private void read(int page) {
        if (page >= file.sizePages()) {
            return;
        }
        int[] over = shared.over(page * perPage, perPage);
        do {
            cursor.read(page);
            cursor.copyTo(0, memory, 0, shared.pageBytes);
        } while (cursor.retry());
        shared.check("a read", memory, page * perPage, perPage, over);
        did("read");
    }

    private void scan() {
        int page = random.nextInt(PAGES);
        for (int i = random.nextInt(30); i > 0 && page < PAGES; i--) {
            read(page++);
        }
    }

    private void readAsync() {
        int page = random.nextInt(PAGES);
        if (page < file.sizePages()) {
            CompletableFuture<Boolean> told = new CompletableFuture<>();
            file.readAsync(
                    page,
                    (of, failure) -> {
                        if (!told.complete(failure == null)) {
                            Simulation.here().fail(new AssertionError("completed twice"));
                        }
                    });
            if (told.join()) {
                read(page);
            }
            did("readAsync");
        }
    }

    private void readDirect() throws IOException {
        int first = random.nextInt(PAGES) * perPage;
        int count = 1 + random.nextInt(RUN_PAGES_MAX * perPage);
        first += random.nextInt(perPage);
        count = Math.min(count, oracle.sectors() - first);
        int[] over = shared.over(first, count);
        long size = file.sizeBytes();
        long position = (long) first * SectorOracle.SECTOR_BYTES;
        long got =
                file.readDirect(
                        memory.asSlice(0, (long) count * SectorOracle.SECTOR_BYTES), position);
        if (got < Math.min(size - position, (long) count * SectorOracle.SECTOR_BYTES)) {
            throw new AssertionError("a direct read ended early: " + got);
        }
        shared.check("a direct read", memory, first, (int) (got / SectorOracle.SECTOR_BYTES), over);
        did("readDirect");
    }

    // ---- writes

    private void write() {
        int page = ownPage();
        boolean create = random.nextInt(5) == 0;
        int growth = shared.beginGrowth((page + 1L) * shared.pageBytes);
        int firstSector = page * perPage;
        int[] over = shared.over(firstSector, perPage);
        if (create) {
            shared.begin(firstSector, perPage, 0);
            cursor.create(page);
        } else {
            cursor.write(page);
            cursor.copyTo(0, memory, 0, shared.pageBytes);
            shared.check("a latched page", memory, firstSector, perPage, over);
        }
        int from = random.nextInt(perPage);
        int count = 1 + random.nextInt(perPage - from);
        int version = oracle.newVersion();
        PageFile.fill(memory, firstSector + from, count, version);
        shared.begin(firstSector + from, count, version);
        int bytes = count * SectorOracle.SECTOR_BYTES;
        cursor.copyFrom(from * SectorOracle.SECTOR_BYTES, memory, 0, bytes);
        cursor.release();
        shared.end(create ? firstSector : firstSector + from, create ? perPage : count);
        oracle.endSize(growth);
        did(create ? "create" : "write");
    }

    private interface Transfer {
        void write(int bytes, long position) throws IOException;
    }

    private void writeRun(String what, Transfer transfer) throws IOException {
        int first = ownPage() * perPage + random.nextInt(perPage);
        int most = Math.min(RUN_PAGES_MAX * perPage, ownEnd() * perPage - first);
        int count = 1 + random.nextInt(most);
        int version = oracle.newVersion();
        PageFile.fill(memory, first, count, version);
        int growth = shared.beginGrowth((long) (first + count) * SectorOracle.SECTOR_BYTES);
        shared.begin(first, count, version);
        transfer.write(count * SectorOracle.SECTOR_BYTES, (long) first * SectorOracle.SECTOR_BYTES);
        shared.end(first, count);
        oracle.endSize(growth);
        did(what);
    }

    private void writeChannel() throws IOException {
        writeRun(
                "writeChannel",
                (bytes, position) -> {
                    ByteBuffer from = memory.asSlice(0, bytes).asByteBuffer();
                    while (from.hasRemaining()) {
                        channel.write(from, position + from.position());
                    }
                });
    }

    private void writeDirect() throws IOException {
        if (pinned >= 0 && random.nextInt(4) != 0) {
            return; // goes through the cache where a page is pinned: now and then is enough
        }
        writeRun(
                "writeDirect",
                (bytes, position) -> {
                    if (random.nextBoolean()) {
                        file.writeDirect(memory.asSlice(0, bytes), position);
                        return;
                    }
                    CompletableFuture<@Nullable Throwable> told = new CompletableFuture<>();
                    file.writeDirect(
                            memory.asSlice(0, bytes),
                            position,
                            (written, failure) -> {
                                if (!told.complete(failure)) {
                                    // Thrown, it would be contained.
                                    Simulation.here().fail(new AssertionError("completed twice"));
                                }
                            });
                    Throwable failure = told.join();
                    if (failure != null) {
                        throw failure instanceof IOException io ? io : new IOException(failure);
                    }
                });
    }

    // ---- pins

    private void pinOrRelease() {
        if (pinned >= 0) {
            do {
                MemorySegment.copy(pin.segment(), 0, memory, 0, shared.pageBytes);
            } while (pin.retry());
            if (!pin.detached()) {
                shared.check("a pinned page", memory, pinned * perPage, perPage, pinnedOver);
            }
            pin.release();
            pinned = -1;
            did("pin");
            return;
        }
        int page = random.nextInt(PAGES);
        if (page < file.sizePages()) {
            pinnedOver = shared.over(page * perPage, perPage);
            pin.pin(page);
            pinned = page;
        }
    }

    // ---- the file as a whole

    private void sync() throws IOException {
        SectorOracle.Mark mark = oracle.mark();
        if (random.nextBoolean()) {
            file.sync();
        } else {
            channel.force(true);
        }
        oracle.settle(mark, 0, oracle.sectors());
        did("sync");
    }

    private void syncRange() throws IOException {
        SectorOracle.Mark mark = oracle.mark();
        int first = random.nextInt(PAGES);
        int count = random.nextInt(30);
        file.syncRange(first, count);
        oracle.settle(mark, first * perPage, (first + count) * perPage);
        did("syncRange");
    }

    private void invalidate() throws IOException {
        int first = random.nextInt(PAGES);
        file.invalidate(first, random.nextInt(30));
        did("invalidate");
    }

    private void cut() throws IOException {
        int sector = random.nextInt(oracle.sectors());
        if (random.nextInt(4) != 0) {
            sector = oracle.sectors() - sector / 8 - 1; // mostly little
        }
        shared.begin(sector, oracle.sectors() - sector, 0);
        int size = oracle.beginSize((long) sector * SectorOracle.SECTOR_BYTES);
        file.truncate((long) sector * SectorOracle.SECTOR_BYTES);
        shared.end(sector, oracle.sectors() - sector);
        oracle.endSize(size);
        did("truncate");
    }

    private void punch() throws IOException {
        int first = random.nextInt(oracle.sectors());
        int count = random.nextInt(Math.min(8 * perPage, oracle.sectors() - first) + 1);
        shared.begin(first, count, 0);
        file.punchHole(
                (long) first * SectorOracle.SECTOR_BYTES, (long) count * SectorOracle.SECTOR_BYTES);
        shared.end(first, count);
        did("punchHole");
    }

    private void resize() {
        long least = 64L * shared.pageBytes;
        cache.resize(least + random.nextLong(cache.capacityBytes() - least + 1));
        did("resize");
    }

    // ---- snapshots

    private void snapshot() {
        Held held = this.held;
        try {
            if (held == null) {
                int[] over = shared.over(0, oracle.sectors());
                FileSnapshot snapshot = file.snapshot();
                int[] begun = new int[oracle.sectors()];
                for (int i = 0; i < begun.length; i++) {
                    begun[i] = oracle.begun(i);
                }
                this.held = new Held(snapshot, snapshot.cursor(), over, begun);
                did("snapshot");
            } else if (random.nextInt(4) == 0) {
                this.held = null;
                held.close();
            } else {
                readSnapshot(held, random.nextInt(PAGES));
            }
        } catch (SnapshotLostException e) {
            did("snapshotLost");
        }
    }

    private void readSnapshot(Held held, int page) {
        if (page >= held.snapshot.sizePages()) {
            return;
        }
        held.cursor.read(page);
        held.cursor.copyTo(0, memory, 0, shared.pageBytes);
        for (int i = 0; i < perPage; i++) {
            int sector = page * perPage + i;
            long offset = (long) i * SectorOracle.SECTOR_BYTES;
            oracle.check(
                    "a snapshot", sector, memory, offset, held.over[sector], held.begun[sector]);
        }
        did("readSnapshot");
    }
}
