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
        return new TreeStore(
                cache, log, cache.open(directory.resolve("tree"), log, READ, WRITE, CREATE));
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
     * @throws IOException if that failed; the log goes on
     */
    public void checkpoint() throws IOException {
        changes.writeLock().lock();
        try {
            commit(); // or the hook would hold pages back
            file.sync();
            log.restart();
        } finally {
            changes.writeLock().unlock();
        }
    }

    void checkpointIfLong() throws IOException {
        if (log.length() > LOG_BYTES_MAX) {
            checkpoint();
        }
    }

    @Override
    public void close() throws IOException {
        checkpoint();
        file.close();
        log.close();
    }
}
