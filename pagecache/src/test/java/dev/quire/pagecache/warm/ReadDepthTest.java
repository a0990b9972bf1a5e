package dev.quire.pagecache.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.pagecache.Running;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.atomic.AtomicLong;

/** How many reads of a warm restart are under way. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadDepthTest {
    private final AtomicLong filling = new AtomicLong();
    private final ReadDepth depth = new ReadDepth(ours -> filling.get() > ours);

    private void begin(int reads) {
        for (int i = 0; i < reads; i++) {
            depth.enter(10);
            filling.addAndGet(10);
        }
    }

    private void end() {
        filling.addAndGet(-10);
        depth.exit(10);
    }

    @Test
    void shouldBeManyWhileNobodyElseReads() throws Exception {
        begin(ReadDepth.QUIET_MAX);
        Running<Boolean> next = Running.run(() -> depth.enter(10)).awaitAsleep();
        assertThat(next.isDone()).isFalse();
        end();
        next.get();
    }

    @Test
    void shouldBeFewWhileOthersRead() throws Exception {
        begin(ReadDepth.BUSY_MAX + 1);
        filling.addAndGet(1);
        Running<Boolean> next = Running.run(() -> depth.enter(10)).awaitAsleep();
        end();
        next.awaitAsleep();
        assertThat(next.isDone()).isFalse();
        end();
        next.get();
    }
}
