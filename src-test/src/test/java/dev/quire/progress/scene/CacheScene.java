package dev.quire.progress.scene;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.allocator.OutOfFramesException;
import dev.quire.pagecache.CursorHint;
import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.ReplacementPolicy;
import dev.quire.pagecache.Threading;
import dev.quire.pagecache.backing.SnapshotLostException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.progress.Probe;
import dev.quire.progress.Scene;

import org.agrona.concurrent.Agent;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A page cache with three files. Actors read, pin, write, sync, drop, move, cut and fill pages of
 * their own part of the first, take frames back, and make large blocks; and they drop the slots of
 * the middle of the third. Others hit, pin, write, fault and complete pages of the rest.
 */
public class CacheScene implements Scene {
    /** The kinds of probes. */
    public static final String HIT = "hit";

    /** Pin and release. */
    public static final String PIN = "pin";

    /** Latch, write and release. */
    public static final String WRITE = "write";

    /** Read of a page that is not cached. */
    public static final String FAULT = "fault";

    /** The same, with pages read ahead. */
    public static final String STREAM = "stream";

    /** The end of a read that was begun before. */
    public static final String COMPLETE = "complete";

    /** Reads begun for later. */
    public static final String PREFETCH = "prefetch";

    /** A new page at the end of a file. */
    public static final String GROW = "grow";

    /** Reads whose pages are dropped behind them, and pages that are taken out. */
    public static final String DROP = "drop";

    /** Reads of pages before those whose slots may be going, with pages read ahead. */
    public static final String AHEAD = "ahead";

    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 1024;

    /** Pages of each part of a file. */
    private static final int PART = 64;

    /** Of them an actor mostly uses a few, which are cached. */
    private static final int USED = 8;

    private static final int OPERATIONS_MAX = 4;
    private static final int COMMON = 1500;
    private static final int STREAMED = 4;
    private static final int PROBES = 10;

    /** The third file has three parts of so many pages, each with slots that go together. */
    private static final int SLOTS = 512;

    /** Of its middle part actors use the last pages, others the rest. */
    private static final int MIDDLE_USED = 16;

    /** One of those who are held up. */
    private static final class Actor {
        final Random random;
        final long first;
        final PagedFile own;
        final MemoryStore ownStore;
        final List<Runnable> told = new ArrayList<>();
        @Nullable FileSnapshot snapshot;
        String doing = "";

        Actor(Random random, long first, PagedFile own, MemoryStore ownStore) {
            this.random = random;
            this.first = first;
            this.own = own;
            this.ownStore = ownStore;
        }

        long page() {
            return first + random.nextInt(USED);
        }
    }

    private Random random = new Random(0);
    private @Nullable PageCache opened;
    private final MemoryStore store = new MemoryStore(PAGE_BYTES, COMMON + 8 * PART);
    private final MemoryStore otherStore = new MemoryStore(PAGE_BYTES, COMMON);
    private final MemoryStore thirdStore = new MemoryStore(PAGE_BYTES, 3 * SLOTS);
    private final List<MemoryStore> stores =
            new ArrayList<>(List.of(store, otherStore, thirdStore));
    private final List<PagedFile> files = new ArrayList<>();
    private Actor[] actors = {};
    private @Nullable Agent reclaimer;

    /** Twins have another one. */
    ReplacementPolicy replacement() {
        return ReplacementPolicy.RTQ;
    }

    @Override
    public void open(long seed, int count) {
        random = new Random(seed);
        PageCache cache =
                PageCache.create(
                        PageCacheConfig.builder()
                                .memoryBytes((long) FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .threading(Threading.embedded())
                                .io(
                                        AsyncIoConfig.builder()
                                                .engine(Engine.CHANNEL)
                                                .threads(1)
                                                .build())
                                .dirtyPercent(80, 90)
                                .dirtyAge(Duration.ofHours(1))
                                .stallMax(Duration.ofMillis(100))
                                .replacement(replacement())
                                .build());
        opened = cache;
        reclaimer =
                cache.agents().stream()
                        .filter(agent -> agent.roleName().endsWith("reclaimer"))
                        .findFirst()
                        .orElseThrow();
        try {
            files.add(cache.map("first", store));
            files.add(cache.map("second", otherStore));
            files.add(cache.map("third", thirdStore));
            actors = new Actor[count];
            for (int i = 0; i < count; i++) {
                MemoryStore ownStore = new MemoryStore(PAGE_BYTES, PART);
                ownStore.stamps = random.nextBoolean();
                PagedFile own = cache.map("own " + i, ownStore);
                stores.add(ownStore);
                files.add(own);
                Random dice = new Random(random.nextLong());
                actors[i] = new Actor(dice, COMMON + i * PART, own, ownStore);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Actor actor : actors) {
            for (int page = 0; page < USED; page++) {
                if (page % 2 == 0) {
                    read(files.getFirst(), actor.first + page);
                } else {
                    write(files.getFirst(), actor.first + page);
                }
            }
        }
        // From empty to full.
        int cached = random.nextInt(2 * FRAMES);
        for (PagedFile file : files.subList(0, 2)) {
            try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
                for (int page = 0; page < cached / 2; page++) {
                    c.read(page);
                }
            }
        }
    }

    private PageCache cache() {
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        return opened;
    }

    // ---- actors

    @Override
    public String doing(int actor) {
        return actors[actor].doing;
    }

    private interface Operation {
        void run() throws IOException;
    }

    private static void perform(Actor actor, String doing, Operation operation) {
        actor.doing = doing;
        try {
            operation.run();
        } catch (OutOfFramesException | SnapshotLostException | WriteFailedException e) {
            // may be: all that others want is to go on
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        actor.doing = "";
    }

    /** Twins guard it. */
    void guarded(Runnable operation) {
        operation.run();
    }

    @Override
    public void act(int number) {
        Actor actor = actors[number];
        for (int i = actor.random.nextInt(OPERATIONS_MAX); i >= 0; i--) {
            guarded(() -> actOnce(number));
        }
    }

    /** Others do some of it only. */
    void actOnce(int number) {
        Actor actor = actors[number];
        PagedFile file = files.getFirst();
        long page = actor.page();
        switch (actor.random.nextInt(28)) {
            case 0, 1 -> perform(actor, "read " + page, () -> read(file, page));
            case 2 -> perform(actor, "pin " + page, () -> pin(file, page));
            case 3, 4, 5 -> write(number);
            case 6 -> perform(actor, "upgrade " + page, () -> upgrade(file, page));
            case 7 -> perform(actor, "create " + page, () -> create(file, page));
            case 8 -> perform(actor, "private data " + page, () -> privateData(file, page));
            case 9 -> perform(actor, "sync", file::sync);
            case 10 -> perform(actor, "syncRange", () -> file.syncRange(actor.first, PART));
            case 11 -> perform(actor, "prefetch", () -> file.prefetchRange(page, 8));
            case 12 -> perform(actor, "complete", () -> complete(store, actor.random));
            case 13 -> relocate(number);
            case 14 -> perform(actor, "invalidate", () -> file.invalidate(page, 4));
            case 15 -> perform(actor, "tryInvalidate", () -> file.tryInvalidate(page, 4));
            case 16 -> perform(actor, "reclaim", this::reclaim);
            case 17 -> perform(actor, "compact", () -> cache().compact(2, 1));
            case 18 -> perform(actor, "truncate", () -> truncate(actor));
            case 19 -> perform(actor, "punch", () -> punch(actor));
            case 20 -> perform(actor, "snapshot", () -> snapshot(actor));
            case 21 -> perform(actor, "stream", () -> sequential(file, actor.first));
            case 22 -> perform(actor, "readAsync", () -> readAsync(actor));
            case 23 -> perform(actor, "own", () -> ownWrites(actor));
            case 24 -> perform(actor, "failure", () -> failure(actor));
            case 25, 26 -> dropSlots(number);
            default ->
                    perform(
                            actor,
                            "stream, dropped",
                            () ->
                                    sequential(
                                            actor.own,
                                            0,
                                            CursorHint.SEQUENTIAL,
                                            CursorHint.DROP_BEHIND));
        }
    }

    private static void read(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            do {
                c.read(page);
                c.getLong(0);
            } while (c.retry());
        }
    }

    private static void pin(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            c.pin(page);
            c.getLong(0);
            c.release();
        }
    }

    private static void write(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            c.write(page);
            c.putLong(0, c.getLong(0) + 1);
            c.release();
        }
    }

    private static void upgrade(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            c.read(page);
            if (c.upgrade()) {
                c.putLong(0, 7);
                c.lsn(page);
                c.downgrade();
                c.release();
            }
            if (c.tryWrite(page)) {
                c.releaseClean();
            }
        }
    }

    private static void create(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            c.create(page);
            c.release();
        }
    }

    private static void privateData(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            c.pin(page);
            if (c.privateData() == 0) {
                c.attachPrivate(page + 1);
            }
            if (page % 2 == 0) {
                c.detachPrivate();
            }
            c.release();
        }
    }

    private static void complete(MemoryStore store, Random random) {
        if (store.underWay() > 0) {
            store.endOneOf(random.nextInt(1000));
        }
    }

    private void reclaim() {
        try {
            if (reclaimer != null) {
                reclaimer.doWork();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        cache().reserve(FRAMES / 8).close();
    }

    private static void readAsync(Actor actor) {
        long page = actor.random.nextInt(PART / 2);
        if (page < actor.own.sizePages()) {
            actor.own.readAsync(page, (of, failure) -> {}, actor.told::add);
        }
        complete(actor.ownStore, actor.random);
        while (!actor.told.isEmpty()) {
            actor.told.removeLast().run();
        }
    }

    private static void ownWrites(Actor actor) throws IOException {
        long page = actor.random.nextInt(PART);
        try (PageCursor c = actor.own.cursor(CursorHint.RANDOM)) {
            c.write(page);
            c.putLong(0, page);
            c.lsn(1 + page);
            c.release();
        }
        actor.own.flush(page, 1);
        if (actor.own.oldestDirtyLsn() > page) {
            actor.own.sync();
        }
    }

    private static void failure(Actor actor) throws IOException {
        actor.ownStore.fails = true;
        try {
            write(actor.own, actor.random.nextInt(PART));
            actor.own.sync();
        } finally {
            actor.ownStore.fails = false;
        }
    }

    /** Moves one of the pages that it mostly uses. */
    final void relocate(int number) {
        Actor actor = actors[number];
        long page = actor.page();
        perform(actor, "relocate " + page, () -> files.getFirst().relocate(page));
    }

    /** Writes to one of them. */
    final void write(int number) {
        Actor actor = actors[number];
        long page = actor.page();
        perform(actor, "write " + page, () -> write(files.getFirst(), page));
    }

    /** Brings a page of the third file's middle in, and takes all of them out. */
    final void dropSlots(int number) {
        Actor actor = actors[number];
        PagedFile third = files.get(2);
        perform(
                actor,
                "drop of slots",
                () -> {
                    read(third, 2 * SLOTS - 1 - actor.random.nextInt(MIDDLE_USED));
                    third.tryInvalidate(SLOTS, SLOTS);
                });
    }

    /** Pins the pages that an actor mostly uses: waits for those that move. */
    final void pinAllOf(int number) {
        long first = actors[number].first;
        for (long page = first; page < first + USED; page++) {
            pin(files.getFirst(), page);
        }
    }

    /** Reads them: waits for those that are latched. */
    final void readAllOf(int number) {
        long first = actors[number].first;
        for (long page = first; page < first + USED; page++) {
            read(files.getFirst(), page);
        }
    }

    private static void truncate(Actor actor) throws IOException {
        write(actor.own, actor.random.nextInt(2 * PART));
        actor.own.truncate((long) actor.random.nextInt(PART * PAGE_BYTES));
    }

    private static void punch(Actor actor) throws IOException {
        write(actor.own, actor.random.nextInt(PART));
        actor.own.punchHole(PAGE_BYTES * 3L + 100, 5L * PAGE_BYTES);
    }

    private static void snapshot(Actor actor) {
        if (actor.snapshot != null) {
            actor.snapshot.close();
            actor.snapshot = null;
        } else {
            actor.snapshot = actor.own.snapshot();
            write(actor.own, actor.random.nextInt(PART));
        }
    }

    private static void sequential(PagedFile file, long from, CursorHint... hints) {
        try (PageCursor c = file.cursor(hints)) {
            for (long page = from; page < Math.min(from + 8, file.sizePages()); page++) {
                c.read(page);
            }
        }
    }

    // ---- others

    /** Nobody waits for reads of others' stores that are under way: they are ended first. */
    private void endReads() {
        endAllOf(otherStore);
        endAllOf(thirdStore);
    }

    private void readAfterAll(PagedFile file, long page) {
        endReads();
        read(file, page);
    }

    private void stream(PagedFile file, long first) {
        try (PageCursor c = file.cursor()) {
            for (long page = first; page < first + STREAMED; page++) {
                endReads();
                c.read(page);
            }
        }
    }

    private void drop(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM, CursorHint.DROP_BEHIND)) {
            c.read(page);
            endReads();
            c.read(page + 1);
        }
        file.tryInvalidate(page, 2);
    }

    private static void endAllOf(MemoryStore store) {
        while (store.underWay() > 0) {
            store.endOneOf(0);
        }
    }

    @Override
    public List<Probe> probes() {
        List<Probe> probes = new ArrayList<>();
        addOfSlots(probes);
        for (int i = 0; i < PROBES; i++) {
            int number = random.nextInt(2);
            PagedFile file = files.get(number);
            long page = random.nextInt(COMMON - 300);
            boolean cached = isCached(file, page);
            int what = random.nextInt(8);
            if (!cached && what == 0 && number == 1) {
                add(probes, STREAM, file, page, STREAMED, () -> stream(file, page));
            } else if (!cached) {
                add(probes, FAULT, file, page, 1, () -> readAfterAll(file, page));
            } else if (what < 3) {
                add(probes, HIT, file, page, 1, () -> hit(file, page));
            } else if (what < 5) {
                add(probes, PIN, file, page, 1, () -> pin(file, page));
            } else if (what == 7 && number == 1) {
                add(probes, DROP, file, page, 2, () -> drop(file, page));
            } else if (number == 1) {
                add(probes, WRITE, file, page, 1, () -> write(file, page));
            }
        }
        PagedFile second = files.get(1);
        if (otherStore.underWay() > 0) {
            add(probes, COMPLETE, second, 0, 0, () -> complete(otherStore, random));
        } else {
            add(probes, PREFETCH, second, 0, 0, () -> prefetch(second));
        }
        if (random.nextInt(4) == 0) {
            add(probes, GROW, second, 0, 0, () -> create(second, second.append()));
        }
        return probes;
    }

    /** Beside slots that may be going, and where they are. */
    final void addOfSlots(List<Probe> probes) {
        PagedFile third = files.get(2);
        long before = (long) SLOTS - STREAMED - random.nextInt(STREAMED);
        switch (random.nextInt(4)) {
            case 0 -> add(probes, PREFETCH, third, 0, 0, () -> third.prefetchRange(before, 16));
            case 1 -> add(probes, AHEAD, third, before, STREAMED, () -> stream(third, before));
            case 2 -> {
                long page = 2L * SLOTS + random.nextInt(SLOTS);
                add(probes, AHEAD, third, page, 1, () -> readAfterAll(third, page));
            }
            default -> {
                long page = (long) SLOTS + random.nextInt(SLOTS - MIDDLE_USED);
                add(probes, FAULT, third, page, 1, () -> readAfterAll(third, page));
            }
        }
    }

    private void prefetch(PagedFile file) {
        file.prefetchRange(COMMON - 300 + random.nextInt(250), 8);
    }

    /** Twins wait for something else first. */
    void hit(PagedFile file, long page) {
        read(file, page);
    }

    private void add(
            List<Probe> probes, String kind, PagedFile file, long page, int pages, Runnable work) {
        probes.add(new Probe(kind, file.name(), page, pages, () -> guarded(work)));
    }

    /** Without waiting, and without a use of the page. */
    private static boolean isCached(PagedFile file, long page) {
        try (PageCursor c = file.cursor(CursorHint.RANDOM)) {
            return c.tryRead(page);
        }
    }

    @Override
    public void ease() {
        for (MemoryStore ended : stores) {
            ended.fails = false;
            endAllOf(ended);
        }
    }

    @Override
    public void close() {
        ease();
        PageCache cache = cache();
        cache.verify();
        try {
            for (Actor actor : actors) {
                if (actor.snapshot != null) {
                    actor.snapshot.close();
                }
            }
            for (PagedFile file : files) {
                file.close();
            }
            cache.verify();
            cache.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
