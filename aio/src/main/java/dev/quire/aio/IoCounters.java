package dev.quire.aio;

import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link AsyncIoStats}; any thread adds. */
final class IoCounters {
    final LongAdder submitted = new LongAdder();
    final LongAdder completed = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder bytesWritten = new LongAdder();
    final LongAdder overflowed = new LongAdder();
    final LongAdder transfersResumed = new LongAdder();
    final LongAdder completionsThrown = new LongAdder();
    final LongAdder completionsIgnored = new LongAdder();

    void over(IoOperation operation, long bytes, boolean failure) {
        if (failure) {
            failed.increment();
        } else if (operation.reads()) {
            bytesRead.add(bytes);
        } else if (operation.writes()) {
            bytesWritten.add(bytes);
        }
        completed.increment();
    }

    AsyncIoStats snapshot(RequestPool pool, int openFiles) {
        // Completed before submitted: the difference then never reads as negative.
        long over = completed.sum();
        long accepted = submitted.sum();
        return new AsyncIoStats(
                accepted,
                over,
                failed.sum(),
                bytesRead.sum(),
                bytesWritten.sum(),
                accepted - over,
                pool.takenMax(),
                pool.waits(),
                pool.waitNanos(),
                overflowed.sum(),
                transfersResumed.sum(),
                completionsThrown.sum(),
                completionsIgnored.sum(),
                openFiles);
    }
}
