package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Who is told of a failed write-back, and how often. */
class WriteErrorsTest {
    private final WriteErrors errors = new WriteErrors();

    private AtomicLong handle() {
        return new AtomicLong(errors.sample());
    }

    @Test
    void shouldTellEachHandleOnce() {
        AtomicLong one = handle();
        AtomicLong two = handle();
        IOException error = new IOException("on purpose");
        errors.record(error);
        assertThat(errors.checkAndAdvance(one)).isSameAs(error);
        assertThat(errors.checkAndAdvance(one)).isNull();
        assertThat(errors.checkAndAdvance(two)).isSameAs(error);
        assertThat(errors.checkAndAdvance(two)).isNull();
    }

    @Test
    void shouldTellAHandleOpenedAfterAnErrorThatNobodyWasToldOf() {
        IOException error = new IOException("on purpose");
        errors.record(error);
        AtomicLong late = handle();
        assertThat(errors.checkAndAdvance(late)).isSameAs(error);
        assertThat(errors.checkAndAdvance(handle())).as("told of by then").isNull();
    }

    @Test
    void shouldTakeFailuresForOneErrorUntilSomebodyIsTold() {
        AtomicLong one = handle();
        AtomicLong two = handle();
        IOException first = new IOException("first");
        IOException third = new IOException("third");
        errors.record(first);
        errors.record(new IOException("second"));
        assertThat(errors.checkAndAdvance(one)).isSameAs(first);
        errors.record(third);
        assertThat(errors.checkAndAdvance(one)).isSameAs(third);
        assertThat(errors.checkAndAdvance(two)).as("the last one").isSameAs(third);
        assertThat(errors.checkAndAdvance(two)).isNull();
    }

    @Test
    void shouldKnowWhetherWriteBackFailsApartFromReports() {
        IOException error = new IOException("on purpose");
        errors.record(error);
        assertThat(errors.checkAndAdvance(handle())).isSameAs(error);
        assertThat(errors.current()).as("told, not over").isSameAs(error);
        AtomicLong handle = handle();
        errors.record(error);
        errors.recovered();
        assertThat(errors.current()).as("over").isNull();
        assertThat(errors.checkAndAdvance(handle)).as("not told").isSameAs(error);
    }

    @RepeatedTest(20)
    void shouldTellOneOfTheThreadsThatAskForOneHandle() throws Exception {
        AtomicLong shared = handle();
        CyclicBarrier start = new CyclicBarrier(2);
        AtomicInteger told = new AtomicInteger();
        Running.Work ask =
                () -> {
                    start.await();
                    told.addAndGet(errors.checkAndAdvance(shared) == null ? 0 : 1);
                };
        errors.record(new IOException("on purpose"));
        Running<Boolean> one = Running.run(ask);
        Running<Boolean> two = Running.run(ask);
        one.get();
        two.get();
        assertThat(told).hasValue(1);
    }

    // A report that is under way may not swallow the failure that comes right after it.
    @Test
    void shouldTellOfEveryFailureThatFollowsAReport() throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        AtomicLong mine = handle();
        AtomicLong others = handle();
        Running<Integer> recorder =
                Running.start(
                        () -> {
                            start.await();
                            int swallowed = 0;
                            for (int i = 0; i < 200_000; i++) {
                                errors.record(new IOException("on purpose"));
                                swallowed += errors.checkAndAdvance(mine) == null ? 1 : 0;
                            }
                            return swallowed;
                        });
        start.await();
        int told = 0;
        while (!recorder.isDone()) {
            told += errors.checkAndAdvance(others) == null ? 0 : 1;
        }
        assertThat(recorder.get()).as("failures that the recorder was not told of").isZero();
        assertThat(told).isPositive();
    }
}
