package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Operations in orders that hardly anybody would think of. */
class UnlikelyOrderTest extends CacheFixture {
    @Test
    void shouldLeaveNoPageLatchedWhenGrowthCannotCutTheStore() throws Exception {
        write(0, 10, 5);
        file.sync();
        backing.beforeTruncate =
                size -> {
                    throw new IOException("no");
                };
        assertThatThrownBy(() -> file.truncate(4L * PAGE_BYTES)).isInstanceOf(IOException.class);
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> c.write(6)).isInstanceOf(UncheckedIOException.class);
        }
        backing.heal();
        assertThat(cached(6)).isFalse();
        Running.run(() -> write(6, 1, 7)).get();
        assertThat(read(6)).isEqualTo(13);
    }

    @Test
    void shouldLoseNothingWhenTheCacheIsClosedByAThreadThatHoldsALatch() throws Exception {
        write(0, 10, 5);
        PageCursor c = file.cursor();
        c.write(9);
        assertThatThrownBy(cache::close).isInstanceOf(IllegalStateException.class);
        c.release();
        c.close();
        assertThat(cache.stats().dirtyPages()).isEqualTo(10);
        cache.close();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 5);
        openCache();
    }

    @Test
    void shouldNotDeadlockWhenAStarvedReaderWaitsForAnotherPage() throws Exception {
        write(0, 2, 5);
        CountDownLatch childLatched = new CountDownLatch(1);
        CountDownLatch parentRead = gate();
        Running<Boolean> splitter =
                Running.run(
                        () -> {
                            try (PageCursor child = file.cursor();
                                    PageCursor up = file.cursor()) {
                                child.write(1);
                                childLatched.countDown();
                                Running.await(parentRead);
                                up.write(0);
                                up.release();
                                child.release();
                            }
                        });
        childLatched.await();
        Running<Boolean> reader =
                Running.run(
                        () -> {
                            try (PageCursor p = file.cursor();
                                    PageCursor ch = file.cursor();
                                    PageCursor w = file.cursor()) {
                                for (int i = 0; i < 8; i++) {
                                    p.read(0);
                                    w.write(0);
                                    w.release();
                                    p.retry();
                                }
                                boolean again;
                                do {
                                    p.read(0); // starved: locks writers out
                                    parentRead.countDown();
                                    ch.read(1); // the child, latched by the splitter
                                    again = ch.retry();
                                    again |= p.retry();
                                } while (again);
                            }
                        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!(splitter.isDone() && reader.isDone()) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(splitter.isDone()).as("splitter").isTrue();
        assertThat(reader.isDone()).as("reader").isTrue();
    }

    /** An exception that cannot even say what it is. */
    private static final class Mute extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new LinkageError("test"); // not one that JUnit itself dies of
        }
    }

    @Test
    void shouldLeaveNoPageUnderWritebackWhateverTheStoreThrows() throws Exception {
        write(0, 3, 5);
        backing.beforeWrite =
                page -> {
                    throw new Mute();
                };
        assertThatThrownBy(file::sync).isInstanceOf(Throwable.class);
        backing.heal();
        assertThat(cache.stats().writebackPages()).isZero();
        assertThat(cache.stats().dirtyPages()).isEqualTo(3);
        var _ = catchThrowable(file::sync); // the first failure, if it was not told yet
        file.sync();
        assertThat(cache.stats().dirtyPages()).isZero();
    }

    @Test
    void shouldGoOnWritingBackAfterAnErrorInTheFlusher() throws Exception {
        CountDownLatch met = new CountDownLatch(1);
        backing.beforeWrite =
                page -> {
                    met.countDown();
                    Thread.currentThread().interrupt();
                    throw new Mute();
                };
        write(0, 30, 5); // beyond the background limit
        met.await();
        backing.heal();
        Running.until("written back", () -> backing.writes.get() >= 30);
        Running.until("clean", () -> cache.stats().dirtyPages() == 0);
        assertThatThrownBy(file::sync).isInstanceOf(Throwable.class);
    }

    @Test
    void shouldWaitForFramesThatAreBeingFilled() throws Exception {
        backing.put(199, 1);
        CountDownLatch go = gate();
        backing.beforeRead = page -> Running.await(go);
        List<Running<Long>> readers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            long page = i;
            readers.add(Running.start(() -> read(other(), page)));
        }
        java.util.concurrent.locks.LockSupport.parkNanos(500_000_000);
        go.countDown();
        for (Running<Long> reader : readers) {
            reader.get();
        }
        other.close();
    }

    @SuppressWarnings("NullAway.Init")
    private PagedFile other;

    private synchronized PagedFile other() throws IOException {
        if (other == null) {
            other = cache.map("other", backing);
        }
        return other;
    }

    @Test
    void shouldFindFramesForManyReadersOfASmallCache() throws Exception {
        backing.put(1999, 1);
        other();
        List<Running<Boolean>> readers = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            int seed = i;
            readers.add(
                    Running.run(
                            () -> {
                                java.util.Random r = new java.util.Random(seed);
                                try (PageCursor c = other.cursor()) {
                                    for (int n = 0; n < 20000; n++) {
                                        long p = r.nextInt(2000);
                                        do {
                                            c.read(p);
                                            c.getLong(0);
                                        } while (c.retry());
                                    }
                                }
                            }));
        }
        for (Running<Boolean> reader : readers) {
            reader.get();
        }
        other.close();
    }
}
