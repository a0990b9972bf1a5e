package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.WouldBlockException;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A thread that holds a latch grows the file, while another one cuts it. */
class TruncateAgainstGrowthTest extends CacheFixture {
    @Test
    void shouldNotDeadlockWhenAThreadGrowsTheFileWhileTruncateWaitsForItsLatch() throws Exception {
        write(0, 10, 5);
        CountDownLatch latched = new CountDownLatch(1);
        CountDownLatch go = gate();
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            try (PageCursor c = file.cursor();
                                    PageCursor d = file.cursor()) {
                                c.write(8);
                                latched.countDown();
                                Running.await(go);
                                assertThatThrownBy(file::append)
                                        .isInstanceOf(WouldBlockException.class);
                                assertThatThrownBy(() -> d.create(100))
                                        .isInstanceOf(WouldBlockException.class);
                                c.release();
                                d.create(file.append());
                                d.release();
                            }
                        });
        latched.await();
        Running<Boolean> cut = Running.run(() -> file.truncate(4L * PAGE_BYTES)).awaitAsleep();
        go.countDown();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!(writer.isDone() && cut.isDone()) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(writer.isDone()).as("writer").isTrue();
        assertThat(cut.isDone()).as("truncate").isTrue();
        writer.get();
        assertThat(file.sizePages()).isIn(4L, 5L);
    }
}
