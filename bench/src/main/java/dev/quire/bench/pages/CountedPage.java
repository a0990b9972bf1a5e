package dev.quire.bench.pages;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A page with a count of its users, one of them the cache; its monitor is the writers' lock. */
final class CountedPage extends AtomicInteger {
    private static final long serialVersionUID = 1;

    private final transient ByteBuffer bytes;
    private boolean dirty;

    CountedPage(ByteBuffer bytes) {
        super(1);
        this.bytes = bytes;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    /** One user more; refused when it has none, since its memory may be somebody else's. */
    boolean retain() {
        int now = get();
        while (now > 0) {
            int seen = compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    /** One user less; says whether he was the last, so that the memory may be used again. */
    boolean release() {
        return decrementAndGet() == 0;
    }

    synchronized void write(long value) {
        bytes.putLong(0, value);
        dirty = true;
    }

    synchronized boolean dirty() {
        return dirty;
    }
}
