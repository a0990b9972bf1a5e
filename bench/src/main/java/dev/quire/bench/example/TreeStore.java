package dev.quire.bench.example;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A B+tree of long keys and values in one file, and a log in another. What was done before {@link
 * #commit} is there after a crash; what was done later is there up to some point, each operation as
 * a whole.
 */
public final class TreeStore implements AutoCloseable {
    static final long ROOT = 0;

    private static final long LOG_BYTES_MAX = 16L << 20;

    final PageCache cache;
    final Log log;
    final PagedFile file;

    // Changes share it; a checkpoint, which must not see the first half of one, has it alone.
    final ReentrantReadWriteLock changes = new ReentrantReadWriteLock();

    TreeStore(PageCache cache, Log log, PagedFile file) throws IOException {
        this.cache = cache;
        this.log = log;
        this.file = file;
        orAbandon(this::recover);
    }

    private void recover() throws IOException {
        try (PageCursor c = file.cursor()) {
            if (!log.replay(c)) { // at most a first checkpoint that was not finished
                c.write(ROOT);
                if (Node.epoch(c) > 0) {
                    throw new IOException("a tree without its log: " + file.name());
                }
                Node.high(c, Long.MAX_VALUE);
                c.release();
            }
        }
        checkpoint();
    }

    /**
     * Opens a store, and recovers it if it was not closed.
     *
     * @param cache of pages of 4096 bytes; of larger ones the rest is not used
     * @param directory where its two files are, or will be
     * @return the store; close it before the cache
     * @throws IOException if the files cannot be read or written, or only the tree is there
     */
    public static TreeStore open(PageCache cache, Path directory) throws IOException {
        Log log = new Log(directory.resolve("log")); // first: the tree's sync makes both names last
        PagedFile file;
        try {
            file = cache.open(directory.resolve("tree"), log, READ, WRITE, CREATE);
        } catch (IOException | RuntimeException e) {
            log.close();
            throw e;
        }
        return new TreeStore(cache, log, file);
    }

    /**
     * What one thread does to the store.
     *
     * @return a new one; close it
     */
    public Session session() {
        return new Session(this);
    }

    /**
     * Makes all that was done before durable.
     *
     * @throws IOException if that failed, and will from now on: close the store, and open it again
     */
    public void commit() throws IOException {
        log.forceLog(log.appended());
    }

    /**
     * Brings all changes to their pages, so that the log begins anew.
     *
     * @throws IOException if that failed; the log goes on, unless it was the log itself
     */
    public void checkpoint() throws IOException {
        checkpointIfLonger(-1);
    }

    void checkpointIfLong() throws IOException {
        if (log.length() > LOG_BYTES_MAX) {
            checkpointIfLonger(LOG_BYTES_MAX);
        }
    }

    private void checkpointIfLonger(long bytes) throws IOException {
        changes.writeLock().lock();
        try {
            if (log.length() > bytes) { // another thread may have done it meanwhile
                commit(); // or the hook would hold pages back
                file.sync();
                log.restart();
            }
        } finally {
            changes.writeLock().unlock();
        }
    }

    /**
     * Makes all that was done durable, and closes the store.
     *
     * @throws IOException if that failed: the store is closed all the same, what was committed is
     *     there when it is opened again
     */
    @Override
    public void close() throws IOException {
        orAbandon(this::checkpoint);
        closeFiles();
    }

    private interface Step {
        void run() throws IOException;
    }

    /** If a step fails, closes both files as a crash would: what pages lack is in the log. */
    private void orAbandon(Step step) throws IOException {
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            file.fence(e);
            try {
                closeFiles();
            } catch (IOException told) {
                e.addSuppressed(told);
            }
            throw e;
        }
    }

    private void closeFiles() throws IOException {
        try (log) {
            file.close();
        }
    }
}
