package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageReadException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Pages brought in for those who may not wait. */
class ReadAsyncTest extends CacheFixture {
    private static final int PAGES = 300;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < PAGES; page++) {
            backing.put(page, 1 + (int) page % 100);
        }
        return config.stallMax(Duration.ofMillis(400));
    }

    private static long word(long page) {
        return (1 + page % 100) * 0x0101_0101_0101_0101L;
    }

    /** What completions said, one after the other. */
    private static final class Told implements PageCompletion {
        private final BlockingQueue<List<Object>> queue = new LinkedBlockingQueue<>();

        @Override
        public void complete(long page, @Nullable Throwable failure) {
            queue.add(failure == null ? List.of(page) : List.of(page, failure));
        }

        List<Object> next() throws InterruptedException {
            List<Object> next = queue.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
            assertThat(next).as("completion").isNotNull();
            return next;
        }

        Throwable nextFailure() throws InterruptedException {
            return (Throwable) next().get(1);
        }

        boolean isQuiet() {
            return queue.isEmpty();
        }
    }

    @Test
    void shouldTellWhenThePageIsCached() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        Told told = new Told();
        file.readAsync(7, told);
        assertThat(told.isQuiet()).isTrue();
        try (PageCursor c = file.cursor()) {
            assertThat(c.tryRead(7)).isFalse();
            reads.finishAll();
            assertThat(told.next()).containsExactly(7L);
            assertThat(c.tryRead(7)).isTrue();
            assertThat(c.getLong(0)).isEqualTo(word(7));
            assertThat(c.retry()).isFalse();
        }
        assertThat(told.isQuiet()).isTrue();
    }

    @Test
    void shouldNotTellOnTheStackThatAskedWhenThePageIsCachedAlready() throws Exception {
        read(3);
        Thread asker = Thread.currentThread();
        BlockingQueue<Thread> where = new LinkedBlockingQueue<>();
        file.readAsync(3, (page, failure) -> where.add(Thread.currentThread()));
        Thread teller = where.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(teller).isNotNull().isNotSameAs(asker);
        assertThat(teller.isVirtual()).isTrue();
    }

    @Test
    void shouldTellEachWhoAskedOnceAndReadThePageOnce() throws Exception {
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        Told told = new Told();
        for (int i = 0; i < 20; i++) {
            file.readAsync(5, told);
        }
        Running<Long> reader = Running.start(() -> read(5)).awaitAsleep();
        assertThat(told.isQuiet()).isTrue();
        go.countDown();
        for (int i = 0; i < 20; i++) {
            assertThat(told.next()).containsExactly(5L);
        }
        assertThat(reader.get()).isEqualTo(word(5));
        assertThat(backing.readsOf(5)).isEqualTo(1);
        assertThat(told.isQuiet()).isTrue();
    }

    @Test
    void shouldRunCompletionsOnTheExecutorThatWasGiven() throws Exception {
        BlockingQueue<Runnable> loop = new ArrayBlockingQueue<>(4);
        Told told = new Told();
        file.readAsync(9, told, loop::add);
        Runnable task = loop.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(task).isNotNull();
        assertThat(told.isQuiet()).isTrue();
        task.run();
        assertThat(told.next()).containsExactly(9L);
    }

    @Test
    void shouldTellAllTheSameWhenTheExecutorRefuses() throws Exception {
        Told told = new Told();
        file.readAsync(
                9,
                told,
                task -> {
                    throw new RejectedExecutionException("loop has ended");
                });
        assertThat(told.next()).containsExactly(9L);
    }

    @Test
    void shouldTellWhyAPageCannotBeReadAndReadItAgainWhenAskedAgain() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        Told told = new Told();
        IOException cause = new IOException("cable pulled");
        file.readAsync(11, told);
        reads.fail(reads.all.getFirst(), cause);
        assertThat(told.nextFailure())
                .isInstanceOf(PageReadException.class)
                .hasMessageContaining("page=11")
                .hasCause(cause);
        assertThat(cached(11)).isFalse();
        assertThat(backing.freed(11)).isEqualTo(1);
        file.readAsync(11, told);
        reads.finish(reads.all.getLast());
        assertThat(told.next()).containsExactly(11L);
    }

    @Test
    void shouldTellWhatAStoreThrows() throws Exception {
        Told told = new Told();
        backing.onReadPages =
                (firstPage, pages, count, completion) -> {
                    throw new UnsupportedOperationException("on purpose");
                };
        file.readAsync(1, told);
        assertThat(told.nextFailure()).isInstanceOf(UnsupportedOperationException.class);
        backing.heal();
        backing.beforeRead =
                page -> {
                    throw new OutOfMemoryError("not really");
                };
        file.readAsync(1, told);
        assertThat(told.nextFailure()).isInstanceOf(OutOfMemoryError.class);
        assertThat(cache.stats().cachedPages()).isZero();
    }

    /** As many reads as one likes: those that find no frame wait for one, on virtual threads. */
    @Test
    void shouldServeMoreReadsThanThereAreFrames() throws Exception {
        Told told = new Told();
        for (long page = 0; page < PAGES; page++) {
            file.readAsync(page, told);
        }
        for (long page = 0; page < PAGES; page++) {
            assertThat(told.next()).as("pages and no failure").hasSize(1);
        }
        assertThat(told.isQuiet()).isTrue();
        assertThat(cache.stats().evictions()).isPositive();
    }

    @Test
    void shouldTellThatFramesHaveRunOut() throws Exception {
        try (Pins pins = pinAll(file)) {
            assertThat(pins.cursors()).isNotEmpty();
            Told told = new Told();
            file.readAsync(200, told);
            assertThat(told.nextFailure())
                    .isInstanceOf(dev.quire.allocator.OutOfFramesException.class);
        }
    }

    @Test
    void shouldWaitForAWriterAndNotHoldItUp() throws Exception {
        Told told = new Told();
        try (PageCursor c = file.cursor()) {
            c.write(4);
            file.readAsync(4, told);
            assertThat(told.isQuiet()).isTrue();
            c.putLong(0, 1);
            c.release();
        }
        assertThat(told.next()).containsExactly(4L);
    }

    @Test
    void shouldRefuseWhatCannotBeAndNeverTell() throws Exception {
        Told told = new Told();
        assertThatThrownBy(() -> file.readAsync(PAGES, told))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessageContaining("page=300");
        assertThatThrownBy(() -> file.readAsync(-1, told))
                .isInstanceOf(IndexOutOfBoundsException.class);
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> c.tryRead(PAGES))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> c.tryRead(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
        file.close();
        assertThatThrownBy(() -> file.readAsync(1, told)).hasMessageContaining("file is closed");
        assertThat(told.isQuiet()).isTrue();
    }

    @Test
    void shouldRefuseAClosedHandleWhileAnotherIsOpen(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("data");
        Told told = new Told();
        try (PagedFile open =
                cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            write(open, 0, 2, 0);
            PagedFile closed = cache.open(path);
            closed.close();
            assertThatThrownBy(() -> closed.readAsync(1, told))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("file is closed");
            assertThat(told.isQuiet()).isTrue();
            open.readAsync(1, told);
            assertThat(told.next()).containsExactly(1L);
        }
    }

    @Test
    void shouldTellThatThePageWasCutWhileItWasWaitedFor() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        Told first = new Told();
        Told second = new Told();
        file.readAsync(250, first);
        file.readAsync(250, second); // waits for the first
        Running<Boolean> truncate = Running.run(() -> file.truncate(PAGE_BYTES)).awaitAsleep();
        reads.fail(reads.all.getFirst(), new IOException("cable pulled"));
        assertThat(first.nextFailure()).isInstanceOf(PageReadException.class);
        assertThat(second.nextFailure()).isInstanceOf(IndexOutOfBoundsException.class);
        truncate.get();
    }

    /** S4.8 */
    @Test
    void shouldContainWhatACompletionThrows() throws Exception {
        Told told = new Told();
        file.readAsync(
                1,
                (page, failure) -> {
                    throw new IllegalStateException("on purpose");
                });
        Running.until("it is counted", () -> cache.stats().callbackErrors() == 1);
        file.readAsync(1, told);
        assertThat(told.next()).containsExactly(1L);
    }

    @Test
    void shouldLetACompletionUseTheCacheAsItLikes() throws Exception {
        BlockingQueue<Long> sums = new LinkedBlockingQueue<>();
        file.readAsync(0, (page, failure) -> sums.add(read(1) + read(2)));
        assertThat(sums.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS))
                .isEqualTo(word(1) + word(2));
    }

    /** A loop of one thread walks the file without ever waiting for a page. */
    @Test
    void shouldServeAnEventLoop() throws Exception {
        BlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();
        AtomicInteger next = new AtomicInteger();
        List<Long> seen = new ArrayList<>();
        try (PageCursor c = file.cursor()) {
            Runnable step =
                    new Runnable() {
                        @Override
                        public void run() {
                            while (next.get() < PAGES) {
                                int page = next.get();
                                if (!c.tryRead(page)) {
                                    file.readAsync(page, (p, failure) -> run(), loop::add);
                                    return;
                                }
                                seen.add(c.getLong(0));
                                next.addAndGet(c.retry() ? 0 : 1);
                            }
                        }
                    };
            loop.add(step);
            while (next.get() < PAGES) {
                Runnable task = loop.poll(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
                assertThat(task).as("next step of the loop").isNotNull();
                task.run();
            }
        }
        assertThat(seen).hasSize(PAGES).startsWith(word(0), word(1)).endsWith(word(PAGES - 1));
    }
}
