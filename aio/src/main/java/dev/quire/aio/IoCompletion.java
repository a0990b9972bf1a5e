package dev.quire.aio;

import org.jspecify.annotations.Nullable;

/**
 * Called when an asynchronous request is over: exactly once for every accepted request, on a thread
 * of the engine, never on the stack that submitted it.
 *
 * <p>What it submits first is begun after it has returned, unless another thread of the engine
 * happens to be free earlier: it must not wait for it. It runs in a <em>restricted context</em>: it
 * may submit further requests, which never waits there, but blocking forms, {@code open}, {@code
 * close} and {@code registerMemory} throw {@link IllegalStateException}. It should be short, for it
 * holds a thread of the engine. What it throws is logged, counted in {@link
 * AsyncIoStats#completionsThrown()} and goes no further.
 */
@FunctionalInterface
public interface IoCompletion {
    /**
     * Reports the outcome. The request no longer touches the caller's memory.
     *
     * @param bytes bytes transferred, 0 for an operation that transfers none; -1 when it failed, so
     *     that no partial count is taken for success
     * @param failure null when it succeeded
     */
    void complete(long bytes, @Nullable IoException failure);
}
