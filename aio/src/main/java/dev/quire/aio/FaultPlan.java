package dev.quire.aio;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Faults for the tests of whoever stores data through {@link AsyncIo}: which, how often, in what
 * requests. Given to an engine by {@link AsyncIoConfig.Builder#faults}, of any kind. What is no
 * {@link Traffic} has no faults: opens and closes, truncations and size queries, allocations and
 * holes.
 *
 * <p>The faults come between the system and the engine, or between the engine and its caller: a
 * file is really read and written, and what a failed request has done of its work is left open, as
 * it is on a broken device. An engine without a plan pays nothing.
 *
 * <p>The n-th decision of a plan follows from its seed and n alone. With one request at a time a
 * run can thus be repeated; with several it depends on their order which of them the n-th decision
 * is about.
 *
 * <p>A blocking form that makes the system call itself (a platform thread, every engine but {@link
 * Engine#CHANNEL}) knows no {@link Fault#LATE}, {@link Fault#REORDERED} and {@link
 * Fault#DUPLICATED}. A {@link WriteDurability#WRITE_THEN_SYNC} whose sync the plan may let fail
 * goes beside a ring. Any thread may use a plan; several engines may share one.
 *
 * <pre>{@code
 * FaultPlan plan = FaultPlan.builder().seed(seed)
 *         .probability(Fault.EIO, 0.01).only(FaultPlan.Traffic.WRITES).countMax(1).build();
 * AsyncIo io = AsyncIo.open(AsyncIoConfig.builder().faults(plan).build());
 * }</pre>
 */
public final class FaultPlan {
    // The increment and the mixing steps of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), as in
    // java.util.SplittableRandom.
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final double UNIT = 0x1.0p-53;

    private final long seed;
    private final Map<Fault, Double> probabilities; // only those above 0
    private final Set<Traffic> traffic;
    private final AtomicLong left;
    private final AtomicLong decisions = new AtomicLong();
    private final Map<Fault, LongAdder> injected = new EnumMap<>(Fault.class);
    private volatile boolean on;

    private FaultPlan(Builder builder) {
        seed = builder.seed;
        probabilities = new EnumMap<>(builder.probabilities);
        probabilities.values().removeIf(probability -> probability == 0);
        for (Fault fault : Fault.values()) {
            injected.put(fault, new LongAdder());
        }
        traffic = Collections.unmodifiableSet(EnumSet.copyOf(builder.traffic));
        left = new AtomicLong(builder.countMax);
        on = true;
    }

    /** Kinds of request. */
    public enum Traffic {
        /** Reads, single and vectored. */
        READS,
        /** Writes, single and vectored. */
        WRITES,
        /** Syncs of data, with metadata or without. */
        SYNCS
    }

    /**
     * A builder of a plan without faults.
     *
     * @return a new builder; its seed is a new one each time
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * What the decisions follow from; to be printed by the test.
     *
     * @return seed
     */
    public long seed() {
        return seed;
    }

    /** Lets faults happen, as a new plan does. */
    public void on() {
        on = true;
    }

    /** Lets no further fault happen; requests that a fault has held are let go in their time. */
    public void off() {
        on = false;
    }

    /**
     * How often a fault has happened.
     *
     * @param fault kind of fault
     * @return times since the plan was made
     */
    public long injected(Fault fault) {
        return count(fault).sum();
    }

    /**
     * How many faults have happened.
     *
     * @return times since the plan was made, all kinds together
     */
    public long injected() {
        return injected.values().stream().mapToLong(LongAdder::sum).sum();
    }

    @Override
    public String toString() {
        return "FaultPlan[seed=" + seed + ", " + probabilities + (on ? "]" : ", off]");
    }

    /** Whether a fault happens to a request of this kind, now; one that does is counted. */
    boolean strikes(Fault fault, IoOperation operation) {
        Double probability = probabilities.get(fault);
        if (!on || probability == null || !isOf(operation) || !fault.strikes(operation)) {
            return false;
        }
        if ((random() >>> 11) * UNIT >= probability || !takeOne()) {
            return false;
        }
        count(fault).increment();
        return true;
    }

    /** Whether a fault can ever happen to a request of this kind. */
    boolean mayStrike(Fault fault, IoOperation operation) {
        return probabilities.containsKey(fault) && isOf(operation) && fault.strikes(operation);
    }

    /** A number 1..max. */
    long oneTo(long max) {
        return 1 + Math.floorMod(random(), max);
    }

    private boolean isOf(IoOperation operation) {
        return switch (operation) {
            case READ, READ_VECTOR -> traffic.contains(Traffic.READS);
            case WRITE, WRITE_VECTOR -> traffic.contains(Traffic.WRITES);
            case SYNC, SYNC_DATA -> traffic.contains(Traffic.SYNCS);
            default -> false;
        };
    }

    private LongAdder count(Fault fault) {
        return Objects.requireNonNull(injected.get(fault));
    }

    private boolean takeOne() {
        return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    private long random() {
        long z = seed + GOLDEN_GAMMA * decisions.incrementAndGet();
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** Collects what is to happen; not thread-safe. */
    public static final class Builder {
        private final Map<Fault, Double> probabilities = new EnumMap<>(Fault.class);
        private long seed = System.nanoTime();
        private Set<Traffic> traffic = EnumSet.allOf(Traffic.class);
        private long countMax = Long.MAX_VALUE;

        private Builder() {}

        /**
         * Sets what the decisions follow from.
         *
         * @param seed any number
         * @return this builder
         */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * Sets how likely a fault is, each time that it could happen: for those of a transfer each
         * try, for the others each request.
         *
         * @param fault kind of fault
         * @param probability 0 (never, the default) to 1 (always)
         * @return this builder
         */
        public Builder probability(Fault fault, double probability) {
            if (!(probability >= 0 && probability <= 1)) {
                throw new IllegalArgumentException(
                        "probability must be 0..1: probability="
                                + probability
                                + ", fault="
                                + fault);
            }
            probabilities.put(Objects.requireNonNull(fault, "fault"), probability);
            return this;
        }

        /**
         * Limits the faults to requests of some kinds.
         *
         * @param first kind of request
         * @param others more kinds
         * @return this builder
         */
        public Builder only(Traffic first, Traffic... others) {
            traffic = EnumSet.of(first, others);
            return this;
        }

        /**
         * Limits how many faults happen, all kinds together.
         *
         * @param countMax 0 or more; no limit by default
         * @return this builder
         */
        public Builder countMax(long countMax) {
            if (countMax < 0) {
                throw new IllegalArgumentException(
                        "countMax must be 0 or more: countMax=" + countMax);
            }
            this.countMax = countMax;
            return this;
        }

        /**
         * The plan collected so far.
         *
         * @return a new plan, switched on
         */
        public FaultPlan build() {
            return new FaultPlan(this);
        }
    }
}
