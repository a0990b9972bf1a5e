package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A lane that loses its way as a {@link FaultPlan} wants it: requests come through late, one after
 * the next, or are over twice.
 */
final class FaultyLane implements Lane {
    private static final long LATE_MICROS_MAX = 5_000;

    /** How long a request waits at most for one that could overtake it. */
    private static final long OVERTAKEN_MICROS_MAX = 5_000;

    private final Lane lane;
    private final FaultPlan plan;
    private final IoWorkers workers;
    private final ScheduledThreadPoolExecutor clock;

    // Waits to be overtaken.
    private final AtomicReference<@Nullable IoRequest> held = new AtomicReference<>();

    FaultyLane(Lane lane, FaultPlan plan, IoWorkers workers) {
        this.lane = lane;
        this.plan = plan;
        this.workers = workers;
        clock =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("quire-io-faults").factory());
    }

    @Override
    public void offer(IoRequest request) {
        if (!request.isRunning()) {
            lane.offer(request); // only to be reported, and no fault's any more
            return;
        }
        IoOperation operation = request.operation;
        if (plan.strikes(Fault.DUPLICATED, operation)) {
            overTwice(request);
        }
        if (plan.strikes(Fault.LATE, operation)) {
            later(plan.oneTo(LATE_MICROS_MAX), () -> lane.offer(request));
        } else if (plan.strikes(Fault.REORDERED, operation)) {
            letGo(held.getAndSet(request));
            // A later life of the request may be let go instead of this one: early, not wrong.
            later(
                    OVERTAKEN_MICROS_MAX,
                    () -> letGo(held.compareAndSet(request, null) ? request : null));
        } else {
            lane.offer(request);
            letGo(held.getAndSet(null));
        }
    }

    // A sync in a ring is nothing that a transfer sees: one that is to fail goes the other way.
    @Override
    public boolean takes(IoRequest request) {
        boolean failing =
                request.operation.transfers()
                        ? RingEntries.syncs(request) && mayFail(IoOperation.SYNC_DATA)
                        : mayFail(request.operation);
        return !failing && lane.takes(request);
    }

    private boolean mayFail(IoOperation sync) {
        return plan.mayStrike(Fault.EIO, sync) || plan.mayStrike(Fault.ENOSPC, sync);
    }

    @Override
    public void lookForAborts() {
        lane.lookForAborts();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        lane.close();
    }

    private void later(long micros, Runnable step) {
        var _ = clock.schedule(step, micros, TimeUnit.MICROSECONDS);
    }

    private void letGo(@Nullable IoRequest request) {
        if (request != null) {
            lane.offer(request);
        }
    }

    /** Signals the end of a request once more after its report, when it may live again. */
    private void overTwice(IoRequest request) {
        IoCompletion completion = Objects.requireNonNull(request.completion);
        int generation = request.generation();
        request.completion =
                (bytes, failure) -> {
                    try {
                        completion.complete(bytes, failure);
                    } finally {
                        workers.overAgain(request, generation);
                    }
                };
    }
}
