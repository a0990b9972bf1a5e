package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.backing.WouldBlockException;

import org.agrona.collections.IntArrayList;
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

    @Test
    void shouldGrowTheFileAgainWhenThePageIsCutOffBeforeTheWriterHasAFrameForIt() throws Exception {
        file.truncate(6L * PAGE_BYTES);
        CountDownLatch written = gate();
        MemoryBacking slow = new MemoryBacking(PAGE_BYTES);
        slow.beforeWrite = page -> Running.await(written);
        PagedFile other = cache.map("slow", slow);
        write(other, 0, 1, 1);
        Running<Boolean> sync = Running.run(other::sync);
        Running.until("under write-back", () -> cache.stats().writebackPages() == 1);
        IntArrayList taken = takeAllFrames();
        Running<Boolean> writer = Running.run(() -> write(5, 1, 7)).awaitAsleep();

        file.truncate(0);
        taken.forEachInt(cache.context().allocator()::put);

        writer.get();
        assertThat(file.sizePages()).isEqualTo(6);
        assertThat(read(5)).isEqualTo(12);
        written.countDown();
        sync.get();
        other.close();
    }

    private IntArrayList takeAllFrames() {
        IntArrayList taken = new IntArrayList();
        for (int frame = cache.context().allocator().tryAllocate(0);
                frame != PageAllocator.NO_FRAME;
                frame = cache.context().allocator().tryAllocate(0)) {
            taken.addInt(frame);
        }
        return taken;
    }
}
