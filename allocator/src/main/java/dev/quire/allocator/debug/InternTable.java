package dev.quire.allocator.debug;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Values by small numbers, so that an {@code int} column can name them: equal values get one
 * number. It never forgets, and takes only so many: what comes later is {@link #FULL}.
 *
 * <p>Thread-safe. Looking up a value that is there takes no lock.
 *
 * @param <T> values with equals and hashCode
 */
final class InternTable<T> {
    /** No value: what a column of zeros says. */
    static final int NONE = 0;

    /** A value that came when the table was full. */
    static final int FULL = -1;

    private final ConcurrentMap<T, Integer> ids = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<T> values;
    private final AtomicInteger size = new AtomicInteger();

    InternTable(int capacity) {
        values = new AtomicReferenceArray<>(capacity);
    }

    /**
     * The number of a value.
     *
     * @return 1..capacity, or {@link #FULL}
     */
    int intern(T value) {
        Integer id = ids.get(value);
        return id != null ? id : add(value);
    }

    private int add(T value) {
        int id = size.getAndUpdate(used -> Math.min(used + 1, values.length())) + 1;
        if (id > values.length()) {
            return FULL;
        }
        values.set(id - 1, value);
        // Two threads with one new value: both take a number, the first one's counts.
        Integer first = ids.putIfAbsent(value, id);
        return first != null ? first : id;
    }

    /** The value of a number; null for {@link #NONE} and {@link #FULL}. */
    @Nullable T value(int id) {
        return id > 0 ? values.get(id - 1) : null;
    }

    /** How many numbers are taken. */
    int size() {
        return size.get();
    }

    int capacity() {
        return values.length();
    }
}
