package dev.quire.bench.example;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Somebody who changes a store, step by step, keys of his own; and who knows, when the store is
 * found after a crash, what may be in it. What he does in a step follows from a seed and the step's
 * number.
 */
final class Writer {
    static final int COUNT = 2;
    private static final int KEYS = 12_000;
    private static final int STEPS_PER_COMMIT = 40;
    private static final int STEPS_PER_CHECKPOINT = 2500;
    private static final int STEPS_UNTOLD_MAX = 3000;

    private final long seed;
    private final int id;
    private TreeMap<Long, Long> base = new TreeMap<>(); // found after the last crash
    private long first; // step since then
    private volatile long begun;
    private volatile long acknowledged; // all steps before it were committed

    Writer(long seed, int id) {
        this.seed = seed;
        this.id = id;
    }

    /** Told of what is durable. */
    interface Listener {
        void committed(int writer, long steps);
    }

    long begun() {
        return begun;
    }

    /** So many steps were committed, by another process that does the same. */
    void committed(long steps) {
        acknowledged = steps;
    }

    /** It was killed before it could say how far it was. */
    void mayHaveDoneMore() {
        begun = acknowledged + STEPS_UNTOLD_MAX;
    }

    /** Changes the store until an exception ends it, or it has made so many steps. */
    void run(TreeStore store, long steps, Listener listener) throws IOException {
        try (Session session = store.session()) {
            for (long number = first; number < first + steps; number++) {
                begun = number + 1;
                Step step = step(number);
                step.change(session);
                if (step.dice % STEPS_PER_COMMIT == 0) {
                    store.commit();
                    acknowledged = begun;
                    listener.committed(id, acknowledged);
                }
                if (step.dice % STEPS_PER_CHECKPOINT == 1) {
                    store.checkpoint();
                }
            }
        }
    }

    /** Goes on with steps that nobody has begun. */
    void startAt(long number) {
        first = number;
        begun = number;
        acknowledged = number;
    }

    /**
     * Fails unless the steps up to one that was not acknowledged are there, and no others.
     *
     * @return how many were acknowledged
     */
    long check(Map<Long, Long> found) {
        TreeMap<Long, Long> ours = new TreeMap<>(found);
        ours.keySet().removeIf(key -> Math.floorMod(key, COUNT) != id);
        TreeMap<Long, Long> state = new TreeMap<>(base);
        for (long number = first; number < acknowledged; number++) {
            step(number).change(state);
        }
        String wrong = difference(ours, state);
        for (long number = acknowledged; !state.equals(ours); number++) {
            if (number == begun) {
                throw new AssertionError(
                        "writer %d, steps %d to %d committed, begun to %d: %s"
                                .formatted(id, first, acknowledged, begun, wrong));
            }
            step(number).change(state);
        }
        base = ours;
        return acknowledged - first;
    }

    private static String difference(Map<Long, Long> found, Map<Long, Long> committed) {
        for (Map.Entry<Long, Long> entry : committed.entrySet()) {
            Long value = found.get(entry.getKey());
            if (!Objects.equals(value, entry.getValue())) {
                return entry + " was committed, found " + value;
            }
        }
        return "found " + found.size() + " keys, committed were " + committed.size();
    }

    private Step step(long number) {
        SplittableRandom random = new SplittableRandom(seed + 31 * number + id);
        long key = (random.nextInt(KEYS) - KEYS / 2) * (long) COUNT + id;
        return new Step(key, random.nextInt(8) == 0 ? 0 : number + 1, random.nextInt(1 << 30));
    }

    /** A key's new value, or its end. */
    private record Step(long key, long value, int dice) {
        void change(Session session) throws IOException {
            if (value == 0) {
                session.remove(key);
            } else {
                session.put(key, value);
            }
        }

        void change(Map<Long, Long> state) {
            if (value == 0) {
                state.remove(key);
            } else {
                state.put(key, value);
            }
        }
    }
}
