package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Settings of an {@link AsyncIo}.
 *
 * <p>Defaults: engine {@link Engine#AUTO}, queue depth 128, 16 threads a processor but 8 to 64 in
 * all and never more than the queue depth, thread names {@code quire-io-N}, one ring, no polling.
 */
public final class AsyncIoConfig {
    /** Largest queue depth. */
    public static final int QUEUE_DEPTH_MAX = 1 << 15;

    /** Most rings of one engine. */
    public static final int RINGS_MAX = 64;

    /** Longest a thread of the kernel's may look for requests in vain. */
    public static final int SUBMISSION_POLL_MILLIS_MAX = 60_000;

    /** Most threads of one engine. */
    public static final int THREADS_MAX = 1024;

    private static final int QUEUE_DEPTH_DEFAULT = 128;
    // A thread of these engines mostly sleeps in the kernel: the device, not the processor, is
    // shared.
    private static final int THREADS_PER_PROCESSOR = 16;
    private static final int THREADS_DEFAULT_MIN = 8;
    private static final int THREADS_DEFAULT_MAX = 64;

    private final Engine engine;
    private final int queueDepth;
    private final int threads;
    private final String threadNamePrefix;
    private final int rings;
    private final int submissionPollMillis;
    private final boolean completionPolling;
    private final boolean ringForEveryFile;
    private final @Nullable FaultPlan faults;

    private AsyncIoConfig(Builder builder) {
        engine = builder.engine;
        queueDepth = builder.queueDepth;
        threads = builder.threads == 0 ? threadsDefault(builder.queueDepth) : builder.threads;
        threadNamePrefix = builder.threadNamePrefix;
        rings = Math.min(builder.rings, builder.queueDepth);
        submissionPollMillis = builder.submissionPollMillis;
        completionPolling = builder.completionPolling;
        ringForEveryFile = builder.ringForEveryFile;
        faults = builder.faults;
    }

    /**
     * A builder with the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The engine asked for.
     *
     * @return engine, {@link Engine#AUTO} by default
     */
    public Engine engine() {
        return engine;
    }

    /**
     * How many requests may be under way at once; a submitter of one more waits.
     *
     * @return requests, 1 to {@link #QUEUE_DEPTH_MAX}
     */
    public int queueDepth() {
        return queueDepth;
    }

    /**
     * How many threads the engine owns. {@link Engine#URING} owns one more for each ring; these
     * make the calls that the ring is not used for.
     *
     * @return threads, 1 to {@link #THREADS_MAX}
     */
    public int threads() {
        return threads;
    }

    /**
     * What the names of the engine's threads begin with; a number follows.
     *
     * @return prefix, {@code quire-io-} by default
     */
    public String threadNamePrefix() {
        return threadNamePrefix;
    }

    /**
     * How many rings {@link Engine#URING} has, each with a thread of its own and room for the whole
     * queue depth.
     *
     * @return rings, 1 to {@link #RINGS_MAX} and at most the queue depth; 1 by default
     */
    public int rings() {
        return rings;
    }

    /**
     * How long a thread of the kernel's looks for requests of a ring before it sleeps.
     *
     * @return milliseconds, or 0 by default: no such thread
     */
    public int submissionPollMillis() {
        return submissionPollMillis;
    }

    /**
     * Whether rings fetch what is over from the device instead of being interrupted.
     *
     * @return false by default
     */
    public boolean completionPolling() {
        return completionPolling;
    }

    boolean ringForEveryFile() {
        return ringForEveryFile;
    }

    /**
     * The faults that are to happen, for tests.
     *
     * @return null, the default, for none
     */
    public @Nullable FaultPlan faults() {
        return faults;
    }

    private static int threadsDefault(int queueDepth) {
        int wanted = THREADS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
        return Math.min(queueDepth, Math.clamp(wanted, THREADS_DEFAULT_MIN, THREADS_DEFAULT_MAX));
    }

    /** Collects settings; not thread-safe. */
    public static final class Builder {
        private Engine engine = Engine.AUTO;
        private int queueDepth = QUEUE_DEPTH_DEFAULT;
        private int threads;
        private String threadNamePrefix = "quire-io-";
        private int rings = 1;
        private int submissionPollMillis;
        private boolean completionPolling;
        private boolean ringForEveryFile;
        private @Nullable FaultPlan faults;

        private Builder() {}

        /**
         * Sets the engine.
         *
         * @param engine an engine that must work here, or {@link Engine#AUTO}
         * @return this builder
         */
        public Builder engine(Engine engine) {
            this.engine = Objects.requireNonNull(engine, "engine");
            return this;
        }

        /**
         * Sets how many requests may be under way at once.
         *
         * @param queueDepth 1 to {@link #QUEUE_DEPTH_MAX}
         * @return this builder
         */
        public Builder queueDepth(int queueDepth) {
            this.queueDepth = inRange("queueDepth", queueDepth, QUEUE_DEPTH_MAX);
            return this;
        }

        /**
         * Sets how many threads the engine owns.
         *
         * @param threads 1 to {@link #THREADS_MAX}
         * @return this builder
         */
        public Builder threads(int threads) {
            this.threads = inRange("threads", threads, THREADS_MAX);
            return this;
        }

        /**
         * Sets what the names of the engine's threads begin with.
         *
         * @param threadNamePrefix prefix; a number is appended
         * @return this builder
         */
        public Builder threadNamePrefix(String threadNamePrefix) {
            this.threadNamePrefix = Objects.requireNonNull(threadNamePrefix, "threadNamePrefix");
            return this;
        }

        /**
         * Sets how many rings {@link Engine#URING} has; more than one pays when one thread is busy
         * with requests all the time.
         *
         * @param rings 1 to {@link #RINGS_MAX}; no more than the queue depth are used
         * @return this builder
         */
        public Builder rings(int rings) {
            this.rings = inRange("rings", rings, RINGS_MAX);
            return this;
        }

        /**
         * Has a thread of the kernel's submit the requests of each ring (SQPOLL): no calls while it
         * is awake, at the price of a processor that it keeps busy. Linux 5.11.
         *
         * @param idleMillis how long it looks for requests before it sleeps, 1 to {@link
         *     #SUBMISSION_POLL_MILLIS_MAX}
         * @return this builder
         */
        public Builder submissionPolling(int idleMillis) {
            submissionPollMillis = inRange("idleMillis", idleMillis, SUBMISSION_POLL_MILLIS_MAX);
            return this;
        }

        /**
         * Has each ring fetch from the device what is over (IOPOLL), for reads of direct files and
         * writes of them without a promise of their own: less delay, at the price of a processor
         * while any is under way. Devices need queues for it; files of those that have none are
         * served as ever, which is logged once.
         *
         * @param completionPolling whether to poll
         * @return this builder
         */
        public Builder completionPolling(boolean completionPolling) {
            this.completionPolling = completionPolling;
            return this;
        }

        /** Sends requests to a ring even where the kernel would only hand them to a thread. */
        Builder ringForEveryFile() {
            ringForEveryFile = true;
            return this;
        }

        /**
         * Makes requests fail, or nearly, as the tests of a program want it.
         *
         * @param faults what is to happen
         * @return this builder
         */
        public Builder faults(FaultPlan faults) {
            this.faults = Objects.requireNonNull(faults, "faults");
            return this;
        }

        /**
         * The settings collected so far.
         *
         * @return an immutable configuration
         */
        public AsyncIoConfig build() {
            return new AsyncIoConfig(this);
        }

        private static int inRange(String name, int value, int max) {
            if (value < 1 || value > max) {
                throw new IllegalArgumentException(
                        name + " must be 1.." + max + ": " + name + "=" + value);
            }
            return value;
        }
    }
}
