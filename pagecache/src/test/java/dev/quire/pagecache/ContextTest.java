package dev.quire.pagecache;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.AllocContext;
import dev.quire.allocator.OutOfFramesException;
import dev.quire.allocator.PageAllocator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What may be done to find a frame: by those who may not wait for I/O, and inside callbacks. */
class ContextTest extends CacheFixture {
    private final List<Integer> taken = new ArrayList<>();
    private PageAllocator allocator;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.stallMax(Duration.ofMillis(200));
    }

    @BeforeEach
    void fillStore() throws Exception {
        allocator = cache.context().allocator();
        file.truncate(8L * PAGE_BYTES);
        file.sync();
    }

    @AfterEach
    void putTaken() {
        taken.forEach(allocator::put);
    }

    /** Nothing is left for ordinary allocations. */
    private void takeAll() {
        int frame = allocator.tryAllocate(0);
        while (frame != NO_FRAME) {
            taken.add(frame);
            frame = allocator.tryAllocate(0);
        }
    }

    private long stalls() {
        return cache.stats().stalls();
    }

    private long directReclaims() {
        return cache.context().counters().directReclaims.sum();
    }

    @Test
    void shouldNotWaitForWriteBackOnBehalfOfOneWhoMayNotDoIo() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        write(0, 1, 0);
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        takeAll();
        assertThatThrownBy(() -> allocator.allocate(0, AllocContext.NO_IO))
                .isInstanceOf(OutOfFramesException.class);
        assertThat(directReclaims()).isEqualTo(PageAllocator.RECLAIM_ROUNDS_MAX);
        assertThat(stalls()).isZero();
        assertThatThrownBy(() -> allocator.allocate(0)).isInstanceOf(OutOfFramesException.class);
        assertThat(stalls()).as("one who may do I/O waits").isPositive();
        go.countDown();
        sync.get();
    }

    @Test
    void shouldNotWaitForWriteBackInsideARead() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = gate();
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                };
        write(0, 1, 0);
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        takeAll();
        allocator.put(taken.removeLast());
        AtomicInteger inside = new AtomicInteger();
        backing.beforeRead = page -> inside.set(allocator.tryAllocate(0, AllocContext.NORMAL));
        read(1);
        assertThat(inside).hasValue(NO_FRAME);
        assertThat(directReclaims()).isPositive();
        assertThat(stalls()).isZero();
        go.countDown();
        sync.get();
    }

    @Test
    void shouldGiveTheReserveToWriteBack() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = gate();
        AtomicInteger inside = new AtomicInteger(NO_FRAME);
        backing.beforeWrite =
                page -> {
                    writing.countDown();
                    Running.await(go);
                    inside.set(allocator.allocate(0));
                    allocator.put(inside.get());
                };
        write(0, 1, 0);
        Running<Boolean> sync = Running.run(file::sync);
        Running.await(writing);
        takeAll();
        assertThat(allocator.freeFrames()).as("the reserve").isEqualTo(1);
        go.countDown();
        sync.get();
        assertThat(inside.get()).isNotEqualTo(NO_FRAME);
    }

    @Test
    void shouldNotReclaimInsideACallbackUnderAPageLock() throws Exception {
        try (PageCursor first = file.cursor();
                PageCursor second = file.cursor()) {
            first.pin(0);
            second.pin(1);
            takeAll();
            long reclaims = directReclaims();
            List<Integer> inside = new ArrayList<>();
            backing.onFree = page -> inside.add(allocator.tryAllocate(0, AllocContext.NORMAL));
            file.truncate(PAGE_BYTES);
            assertThat(inside).containsExactly(NO_FRAME);
            assertThat(directReclaims()).isEqualTo(reclaims);
        }
    }
}
