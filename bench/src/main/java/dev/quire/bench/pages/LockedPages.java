package dev.quire.bench.pages;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/** A hash map of pages with a lock each, which evicts nothing. */
final class LockedPages implements PageSubject {
    private final NativePages memory;
    private final ConcurrentMap<Long, LockedPage> map = new ConcurrentHashMap<>();

    private static final class LockedPage extends ReentrantLock {
        private static final long serialVersionUID = 1;

        private final transient ByteBuffer bytes;

        @SuppressWarnings("UnusedVariable") // noted as an engine has to
        private boolean dirty;

        LockedPage(ByteBuffer bytes) {
            this.bytes = bytes;
        }
    }

    LockedPages(int pages) {
        memory = new NativePages(pages, PAGE_BYTES);
        long page = 0;
        for (ByteBuffer bytes : memory.buffers()) {
            bytes.putLong(0, page);
            map.put(page, new LockedPage(bytes));
            page++;
        }
    }

    @Override
    public PageAccess access() {
        return new Access(map);
    }

    @Override
    public void close() {
        map.clear();
        memory.close();
    }

    private record Access(ConcurrentMap<Long, LockedPage> map) implements PageAccess {
        @Override
        public long read(long page) {
            LockedPage held = lock(page);
            try {
                return held.bytes.getLong(0);
            } finally {
                held.unlock();
            }
        }

        @Override
        public void write(long page, long value) {
            LockedPage held = lock(page);
            try {
                held.bytes.putLong(0, value);
                held.dirty = true;
            } finally {
                held.unlock();
            }
        }

        @Override
        public long sum(long page) {
            LockedPage held = lock(page);
            try {
                return PageFile.sum(held.bytes);
            } finally {
                held.unlock();
            }
        }

        private LockedPage lock(long page) {
            LockedPage found = map.get(page);
            if (found == null) {
                throw new IllegalStateException("a page must be in the map: page=" + page);
            }
            found.lock();
            return found;
        }
    }
}
