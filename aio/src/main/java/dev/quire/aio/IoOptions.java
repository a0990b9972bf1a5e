package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;

/**
 * What is asked of a single request beyond what it transfers. An immutable value: make it once and
 * use it for many requests.
 *
 * <pre>{@code
 * IoOptions log = IoOptions.NONE.durability(WriteDurability.DATA_SYNC);
 * file.write(record, position, log, completion);
 * }</pre>
 */
public final class IoOptions {
    /** Nothing more. */
    public static final IoOptions NONE = new IoOptions(WriteDurability.NONE, 0, null);

    private final WriteDurability durability;
    private final long deadlineNanos;
    private final @Nullable IoCancellation cancellation;

    private IoOptions(
            WriteDurability durability, long deadlineNanos, @Nullable IoCancellation cancellation) {
        this.durability = durability;
        this.deadlineNanos = deadlineNanos;
        this.cancellation = cancellation;
    }

    /**
     * These options with another promise for writes; reads refuse any but {@link
     * WriteDurability#NONE}.
     *
     * @param durability what a write promises when it is over
     * @return new options
     */
    public IoOptions durability(WriteDurability durability) {
        return new IoOptions(
                Objects.requireNonNull(durability, "durability"), deadlineNanos, cancellation);
    }

    /**
     * These options with a deadline, counted from the call that submits, its wait for a place
     * included. A request that has not begun by then, or that the kernel can still give up, fails
     * with {@code ETIMEDOUT}; one that waits for a thread of the engine does when its turn comes.
     * Like a cancellation it is advice, and the completion is the truth.
     *
     * @param afterSubmit more than nothing, at most 292 years
     * @return new options
     */
    public IoOptions deadline(Duration afterSubmit) {
        long nanos;
        try {
            nanos = afterSubmit.toNanos();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "deadline must fit 2^63 - 1 nanoseconds: deadline=" + afterSubmit, e);
        }
        if (nanos <= 0) {
            throw new IllegalArgumentException(
                    "deadline must be more than 0 nanoseconds: deadline=" + afterSubmit);
        }
        return new IoOptions(durability, nanos, cancellation);
    }

    /**
     * These options with somebody's right to call the request off.
     *
     * @param cancellation advice, given or not
     * @return new options
     */
    public IoOptions cancellation(IoCancellation cancellation) {
        return new IoOptions(
                durability, deadlineNanos, Objects.requireNonNull(cancellation, "cancellation"));
    }

    /**
     * What a write promises.
     *
     * @return {@link WriteDurability#NONE} by default
     */
    public WriteDurability durability() {
        return durability;
    }

    /**
     * The deadline, counted from the submit.
     *
     * @return nanoseconds, or 0 for none
     */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /**
     * Who may call the request off.
     *
     * @return null for nobody
     */
    public @Nullable IoCancellation cancellation() {
        return cancellation;
    }

    /** Whether a request may have to end before its time. */
    boolean mayAbort() {
        return deadlineNanos != 0 || cancellation != null;
    }

    @Override
    public String toString() {
        return "IoOptions[durability="
                + durability
                + (deadlineNanos == 0 ? "" : ", deadlineNanos=" + deadlineNanos)
                + (cancellation == null
                        ? ""
                        : cancellation.isCancelled() ? ", cancelled" : ", cancellable")
                + "]";
    }
}
