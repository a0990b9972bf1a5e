package dev.quire.simulation.machine;

import java.util.function.Supplier;

/** What happened, as a number: two runs that did the same have the same. */
public final class Trace {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;
    private static final boolean PRINTED = Boolean.getBoolean("simulation.trace");

    private long hash = FNV_OFFSET;
    private long events;

    Trace() {}

    /**
     * Something happened.
     *
     * @param kind what
     * @param value more of it
     * @param text in words, for who reads along
     */
    public void event(long kind, long value, Supplier<String> text) {
        events++;
        add(kind);
        add(value);
        if (PRINTED) {
            System.out.println(events + " " + text.get());
        }
    }

    private void add(long value) {
        hash = (hash ^ value) * FNV_PRIME;
        hash ^= hash >>> 29;
    }

    public long hash() {
        return hash;
    }

    public long events() {
        return events;
    }
}
