package dev.quire.pagecache.readahead;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/** Somebody is held up with the streams: who reads goes on without them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeldUpStreamsTest {
    private static final long SIZE_PAGES = 10_000;

    private final ReadAhead streams = new ReadAhead();
    private final ReadPattern pattern = new ReadPattern(ReadPattern.Order.UNKNOWN);

    @Test
    void shouldPlanNothingAndGoOnWithTheStreamAfterwards() throws Exception {
        streams.pagesMax(8);
        Window first = Objects.requireNonNull(streams.missed(0, SIZE_PAGES, pattern));
        streams.marked(first, first.after(0));
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch has = new CountDownLatch(1);
        Running<Boolean> holder =
                Running.run(
                        () -> {
                            streams.lock.lock();
                            has.countDown();
                            over.await();
                            streams.lock.unlock();
                        });
        Running.await(has);
        try {
            assertThat(streams.reached(first.after(0), SIZE_PAGES)).as("the mark").isNull();
            ReadPattern sequential = new ReadPattern(ReadPattern.Order.SEQUENTIAL);
            assertThat(streams.missed(500, SIZE_PAGES, sequential)).as("a new one").isNull();
            assertThat(streams.resumed(700, 1, 4, SIZE_PAGES)).as("a forgotten one").isNull();
        } finally {
            over.countDown();
        }
        holder.get();
        long next = first.after(first.pages());
        Window second = Objects.requireNonNull(streams.missed(next, SIZE_PAGES, pattern));
        assertThat(second.pages()).as("the same stream").isGreaterThan(first.pages());
        assertThat(second.after(0)).isEqualTo(next + 1);
    }
}
