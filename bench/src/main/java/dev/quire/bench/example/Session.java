package dev.quire.bench.example;

import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.ReadScope;
import dev.quire.pagecache.Reservation;

import java.io.IOException;
import java.util.OptionalLong;

/** What one thread reads and writes. After an exception: close it, and take a new one. */
public final class Session implements AutoCloseable {
    private static final int DEPTH_MAX = 64; // a garbage child may lead in a circle
    private static final int SPLIT_FRAMES = 8; // a path of which nothing is cached, and a new page

    /** Gets entries in the order of their keys. */
    public interface Entries {
        /**
         * An entry.
         *
         * @param key its key
         * @param value its value
         */
        void accept(long key, long value);
    }

    private final TreeStore store;
    private final ReadScope scope;
    private PageCursor c;
    private PageCursor child;
    private final PageCursor sibling;
    private final long[] keys = new long[Node.CAPACITY];
    private final long[] values = new long[Node.CAPACITY];

    Session(TreeStore store) {
        this.store = store;
        scope = store.file.readScope();
        c = store.file.cursor();
        child = store.file.cursor();
        sibling = store.file.cursor();
    }

    // ---- reads: no lock, no latch, no atomic operation

    /** Reads from the root to the leaf of a key. Garbage unless the scope says it is valid. */
    private void descend(long key) {
        scope.read(c, TreeStore.ROOT);
        for (int depth = 0; !Node.isLeaf(c) && depth < DEPTH_MAX; depth++) {
            scope.read(c, Node.child(c, key));
        }
    }

    /**
     * Looks a key up.
     *
     * @param key below {@link Long#MAX_VALUE}
     * @return its value, if it has one
     */
    public OptionalLong get(long key) {
        boolean found;
        long value;
        do {
            descend(key);
            int at = Node.find(c, key);
            found = Node.has(c, at, key);
            value = found ? Node.value(c, at) : 0;
        } while (scope.retry());
        return found ? OptionalLong.of(value) : OptionalLong.empty();
    }

    /**
     * Reads entries in order; those of one leaf are of one moment.
     *
     * @param from the first key
     * @param to the key after the last
     * @param entries gets them
     */
    public void scan(long from, long to, Entries entries) {
        long next = from;
        while (next < to) {
            int count;
            long high;
            do {
                descend(next);
                int first = Node.find(c, next);
                count = Node.count(c) - first;
                for (int i = 0; i < count; i++) {
                    keys[i] = Node.key(c, first + i);
                    values[i] = Node.value(c, first + i);
                }
                high = Node.high(c);
            } while (scope.retry());
            for (int i = 0; i < count && keys[i] < to; i++) {
                entries.accept(keys[i], values[i]);
            }
            next = high;
        }
    }

    // ---- writes: one latch, three for a split

    /**
     * Sets the value of a key. Seen by all at once, durable after the next {@link
     * TreeStore#commit}.
     *
     * @param key below {@link Long#MAX_VALUE}
     * @param value any
     * @throws IOException if the log had become long, and a checkpoint failed
     */
    public void put(long key, long value) throws IOException {
        change(Log.PUT, key, value);
    }

    /**
     * Takes a key out, if it is there; as {@link #put}.
     *
     * @param key below {@link Long#MAX_VALUE}
     * @throws IOException as {@link #put}
     */
    public void remove(long key) throws IOException {
        change(Log.REMOVE, key, 0);
    }

    private void change(byte what, long key, long value) throws IOException {
        if (key == Long.MAX_VALUE) {
            throw new IllegalArgumentException("key must be below Long.MAX_VALUE: key=" + key);
        }
        store.changes.readLock().lock();
        try {
            while (!latchLeaf(key)) {
                split(key);
            }
            store.log.change(c, what, key, value);
            c.release();
        } finally {
            store.changes.readLock().unlock();
        }
        store.checkpointIfLong();
    }

    /** Answers false, nothing latched, if the leaf is full, or was split before it was latched. */
    private boolean latchLeaf(long key) {
        do {
            descend(key);
        } while (scope.retry());
        c.write(c.page());
        boolean ready = Node.isLeaf(c) && key < Node.high(c) && !Node.isFull(c);
        if (!ready) {
            c.releaseClean();
        }
        return ready;
    }

    /**
     * Splits the uppermost full page on the way to a key, so that its parent has room. Latches from
     * the root down, so that no two threads wait for each other.
     */
    private void split(long key) {
        try (Reservation _ = store.cache.reserve(SPLIT_FRAMES)) {
            c.write(TreeStore.ROOT);
            if (Node.isFull(c)) {
                child.create(store.file.append());
                Node.deepen(c, child);
                publish(c, child);
                return;
            }
            while (!Node.isLeaf(c)) {
                child.write(Node.child(c, key));
                if (Node.isFull(child)) {
                    sibling.create(store.file.append());
                    Node.split(c, child, sibling);
                    publish(c, child, sibling);
                    return;
                }
                c.releaseClean();
                PageCursor parent = c;
                c = child;
                child = parent;
            }
            c.releaseClean(); // somebody else has split the leaf
        }
    }

    private void publish(PageCursor... pages) {
        store.log.pages(pages);
        for (PageCursor page : pages) {
            page.release();
        }
    }

    @Override
    public void close() {
        scope.close();
        c.close();
        child.close();
        sibling.close();
    }
}
