package dev.quire.faults.scene;

import static dev.quire.faults.scene.Expected.PAGES;
import static dev.quire.faults.scene.Expected.PAGE_BYTES;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.faults.Injector;
import dev.quire.faults.Scene;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCacheStats;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.Threading;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.WriteFailedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/** An operation on a page cache with one file, of which some pages are cached and some dirty. */
public final class CacheScene implements Scene {
    static final int FRAMES = 64;

    private static final long FRAMES_NANOS_MAX = 10_000_000_000L;

    private final CacheStep step;
    private final Engine engine;
    private final boolean direct;
    private final Expected expected = new Expected();
    private @Nullable Path directory;
    private @Nullable PageCache cache;
    private @Nullable PagedFile file;
    private @Nullable PagedFile other;
    private boolean told; // of a write that failed
    private boolean lost; // what was not durable may be

    /**
     * An operation.
     *
     * @param words its name, the engine and {@code direct} or {@code buffered}
     */
    public CacheScene(String words) {
        String[] word = words.split("/", -1);
        step = CacheStep.valueOf(word[0]);
        engine = Engine.valueOf(word[1]);
        direct = word[2].equals("direct");
    }

    // ---- what operations work with

    PageCache cache() {
        return Objects.requireNonNull(cache);
    }

    PagedFile file() {
        return Objects.requireNonNull(file);
    }

    Path path(String name) {
        return Objects.requireNonNull(directory).resolve(name);
    }

    Expected expected() {
        return expected;
    }

    /** Opens cache and file, or neither. */
    void open() throws IOException {
        if (cache == null) {
            cache = PageCache.create(config());
        }
        if (file == null) {
            try {
                file = open("data");
            } catch (IOException | RuntimeException | Error e) {
                closeCache();
                throw e;
            }
        }
    }

    PagedFile open(String name) throws IOException {
        List<OpenOption> options =
                new ArrayList<>(List.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE));
        if (direct) {
            options.add(DirectOption.DIRECT);
        }
        return cache().open(path(name), options.toArray(OpenOption[]::new));
    }

    /** Another file, which stays open when it cannot be written. */
    PagedFile other() throws IOException {
        PagedFile open = other;
        if (open == null || isEnded(open)) {
            open = open("other");
            other = open;
        }
        return open;
    }

    /** What could not be written keeps its writers out, until it is. */
    void flushOther() throws IOException {
        if (other().sizePages() > 0) {
            try {
                other().sync();
            } catch (WriteFailedException e) {
                other().sync();
            }
        }
    }

    void closeOther() throws IOException {
        other().close();
        other = null;
    }

    /** Closes the file, if it is open, and opens it. */
    void reopen() throws IOException {
        if (file != null) {
            closeFile();
        }
        open();
    }

    void closeFile() throws IOException {
        file().close();
        file = null;
    }

    /** Closes the cache: what cannot be written is lost. */
    void closeCache() throws IOException {
        PageCache closing = cache;
        if (closing == null) {
            return;
        }
        try {
            closing.close();
        } catch (IOException | RuntimeException | Error e) {
            lost = true;
            closeAgain(closing);
            forgetCache();
            throw e;
        }
        forgetCache();
    }

    /** Does nothing; or throws, and so again while the cache is open. */
    private static void closeAgain(PageCache closing) throws IOException {
        try {
            closing.close();
        } catch (IOException | RuntimeException | Error e) {
            closing.close();
        }
    }

    private void forgetCache() {
        cache = null;
        file = null;
        other = null;
    }

    private PageCacheConfig config() {
        return PageCacheConfig.builder()
                .memoryBytes((long) step.frames() * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .dirtyPercent(40, 80)
                .dirtyAge(Duration.ofHours(1))
                .readAheadBytes(0)
                .stallMax(Duration.ofMillis(50))
                .closeMax(Duration.ofSeconds(20))
                .threading(Threading.own().threads(RefusableThread::new))
                .io(AsyncIoConfig.builder().engine(engine).queueDepth(8).threads(2).build())
                .build();
    }

    /** A thread of the cache that the system may refuse to start. */
    private static final class RefusableThread extends Thread {
        RefusableThread(Runnable task) {
            super(task);
            setDaemon(true);
        }

        @Override
        public synchronized void start() {
            Injector.thread();
            super.start();
        }
    }

    // ---- pages

    void write(PagedFile to, long page, int version) {
        try (PageCursor c = to.cursor()) {
            c.write(page);
            put(c, page, version);
            c.release();
        }
    }

    static void put(PageCursor c, long page, int version) {
        c.putLong(0, Expected.stamp(page, version));
        c.putLong(PAGE_BYTES - Long.BYTES, Expected.stamp(page, version));
    }

    static int read(PagedFile from, long page) {
        boolean whole = (page + 1) * PAGE_BYTES <= from.sizeBytes();
        try (PageCursor c = from.cursor()) {
            long first;
            long last;
            do {
                c.read(page);
                first = c.getLong(0);
                last = whole ? c.getLong(PAGE_BYTES - Long.BYTES) : first;
            } while (c.retry());
            return Expected.version(page, first, last);
        }
    }

    // ---- the scene

    @Override
    public void prepare(Path directory) throws Exception {
        this.directory = directory;
        open();
        for (int page = 0; page < PAGES; page++) {
            write(file(), page, 1);
            expected.written(page, 1);
        }
        expected.size((long) PAGES * PAGE_BYTES);
        file().sync();
        file().invalidate(0, PAGES);
        for (int page = 0; page < 4; page++) {
            read(file(), page);
        }
        for (int page = 4; page < 6; page++) {
            write(file(), page, 2);
            expected.dirtied(page, 2);
        }
        step.prepare(this);
    }

    @Override
    public void act() throws Exception {
        try {
            step.act(this);
        } catch (WriteFailedException e) {
            if (!step.isDirect()) {
                note(e);
            }
            throw e;
        }
    }

    /** What could not be written of the file is told once; the other file is for itself. */
    private void note(WriteFailedException failure) {
        if (String.valueOf(failure.getMessage()).contains("file=" + path("data") + ",")) {
            if (told) {
                throw new AssertionError("told twice", failure);
            }
            told = true;
        }
    }

    @Override
    public void check(boolean acknowledged) throws Exception {
        if (cache == null || file == null) {
            open();
        } else {
            cache().verify();
            if (isEnded(file())) {
                assertThat(acknowledged).as("acknowledged by a file that is no more").isFalse();
                lost = true;
                file = null;
                open();
            }
        }
        expected.checkSize(file().sizeBytes(), acknowledged && !lost);
        for (int page = 0; page < file().sizePages(); page++) {
            expected.check(page, read(file(), page), acknowledged, lost);
        }
        cache().verify();
    }

    /** Whether a sync or a close failed; closes the file if it did. */
    private static boolean isEnded(PagedFile file) {
        try {
            file.prefetchRange(0, 1);
            return false;
        } catch (FileFencedException e) {
            assertThatThrownBy(file::close).isInstanceOf(WriteFailedException.class);
            return true;
        } catch (IllegalStateException closed) {
            return true;
        }
    }

    @Override
    public void actAgain() throws Exception {
        if (lost) {
            recover();
        }
        try {
            step.act(this);
        } catch (WriteFailedException e) {
            note(e);
            step.act(this);
        }
        check(true);
    }

    /** What an engine does from its log. */
    private void recover() throws IOException {
        lost = false;
        told = false;
        file().truncate(expected.sizeBefore());
        for (int page = 0; page < file().sizePages(); page++) {
            write(file(), page, expected.before(page));
        }
        file().sync();
    }

    @Override
    public void finish() throws Exception {
        try {
            file().sync();
        } catch (WriteFailedException e) {
            note(e);
            file().sync();
        }
        Path stored = path("data");
        closeFile();
        awaitFrames();
        assertThat(cache().stats().cachedPages()).as("pages of files that are closed").isZero();
        cache().verify();
        closeCache();
        checkStored(stored);
    }

    @Override
    public void abandon() {
        try {
            closeCache();
        } catch (IOException | RuntimeException e) {
            lost = true; // of no interest any more
        }
    }

    private void checkStored(Path stored) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(stored)).order(ByteOrder.nativeOrder());
        expected.checkSize(bytes.capacity(), true);
        for (int page = 0; page * PAGE_BYTES < bytes.capacity(); page++) {
            long stamp = bytes.getLong(page * PAGE_BYTES);
            expected.check(page, Expected.version(page, stamp), true, false);
        }
    }

    private void awaitFrames() {
        long start = System.nanoTime();
        PageCacheStats stats = cache().stats();
        while (stats.freeFrames() + stats.cachedPages() != stats.totalFrames()) {
            assertThat(System.nanoTime() - start).as("%s", stats).isLessThan(FRAMES_NANOS_MAX);
            LockSupport.parkNanos(1_000_000);
            cache().verify(); // drains
            stats = cache().stats();
        }
    }
}
