package dev.quire.pagecache.space;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The failed write-backs of an address space, numbered, so that everybody who has it open is told
 * of each once. Write-back happens when nobody is listening; the next sync or close of each handle
 * reports what came after the handle's last report. An error that nobody was told of yet is also
 * told to handles that are opened after it.
 *
 * <p>Failures that follow one another before anybody was told are one error: the first. Apart from
 * that, whether write-back fails at present: a report does not make a store well, and a store that
 * is well again may still have something to report.
 *
 * <p>Source: Linux {@code errseq_t}.
 */
public final class WriteErrors {
    /** The number of the last error, the error, and whether anybody was told of it. */
    private record Last(long number, @Nullable Throwable error, boolean told) {}

    private final AtomicReference<Last> last = new AtomicReference<>(new Last(0, null, true));

    private volatile @Nullable Throwable current;

    /** No error yet. */
    public WriteErrors() {}

    /**
     * Records a failure.
     *
     * @param error what the store said
     */
    public void record(Throwable error) {
        current = error;
        recordOnly(error);
    }

    /**
     * Records something that is to be told to each handle, although write-back works.
     *
     * @param error what it is
     */
    public void recordOnly(Throwable error) {
        last.updateAndGet(was -> was.told ? new Last(was.number + 1, error, false) : was);
    }

    /** Write-back works: the store took pages. Those that it did not are tried again. */
    public void recovered() {
        if (current != null) {
            current = null;
        }
    }

    /**
     * Why write-back fails at present.
     *
     * @return null when it does not
     */
    public @Nullable Throwable current() {
        return current;
    }

    /**
     * Where a new handle begins to listen.
     *
     * @return the number of the last error that somebody was told of
     */
    public long sample() {
        Last now = last.get();
        return now.told ? now.number : now.number - 1;
    }

    /**
     * The error that a handle was not told of; the caller reports it. Of several threads that ask
     * for one handle at a time, one gets it.
     *
     * @param since what the handle was told of last, from {@link #sample}; moved on
     * @return null when there is none
     */
    public @Nullable Throwable checkAndAdvance(AtomicLong since) {
        while (true) { // ends: each round that fails, another thread got on
            Last now = last.get();
            long told = since.get();
            if (now.number == told) {
                return null;
            }
            // Ordering: told, by a CAS that finds this error the last one, then the handle moves
            // on.
            // Pairs:    record: an error that was told is followed by one with the next number.
            // Gives:    a failure after this report is not taken for the one that is reported.
            // Checked:  src-test jcstress TwoReportsOfWriteErrors,
            //           WriteErrorsTest.shouldTellOfEveryFailureThatFollowsAReport.
            boolean marked =
                    now.told || last.compareAndSet(now, new Last(now.number, now.error, true));
            if (marked && since.compareAndSet(told, now.number)) {
                return now.error;
            }
        }
    }
}
