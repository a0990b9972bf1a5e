package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.space.BeyondEndException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Several pages read together. */
class ReadScopeTest extends CacheFixture {
    @Test
    void shouldValidateAllPagesTogether() {
        write(0, 3, 100);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            scope.read(c, 0);
            long first = c.getLong(0);
            scope.read(c, 1);
            long second = c.getLong(0);
            write(2, 1, 7); // none of the scope's
            assertThat(scope.retry()).isFalse();
            assertThat(first).isEqualTo(100);
            assertThat(second).isEqualTo(101);

            scope.read(c, 0);
            scope.read(c, 1);
            write(0, 1, 200); // the first page, when the cursor has long left it
            assertThat(scope.retry()).isTrue();
            scope.read(c, 0);
            assertThat(c.getLong(0)).isEqualTo(200);
            assertThat(scope.retry()).isFalse();
        }
    }

    @Test
    void shouldGiveZerosRatherThanFollowGarbage() {
        write(0, 2, 0);
        int reads = backing.readsOf(1);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            scope.read(c, 0);
            write(0, 1, 5);
            scope.read(c, Long.MAX_VALUE); // what a torn pointer may say: no such page
            assertThat(c.getLong(0)).isZero();
            assertThat(c.getLong(1 << 30)).as("any offset").isZero();
            scope.read(c, -1);
            assertThat(c.getInt(0)).isZero();
            assertThat(scope.retry()).isTrue();

            scope.read(c, 0);
            scope.read(c, 1);
            assertThat(c.getLong(0)).isEqualTo(1);
            assertThat(scope.retry()).isFalse();
        }
        assertThat(backing.readsOf(1)).isEqualTo(reads);
    }

    @Test
    void shouldSayThatAPageDoesNotExistWhenWhatLedThereIsValid() {
        write(0, 2, 0);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            scope.read(c, 0);
            assertThatThrownBy(() -> scope.read(c, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("page=2");
            assertThat(scope.retry()).isFalse();
        }
    }

    @Test
    void shouldRefuseACursorOfAnotherFile() throws Exception {
        write(0, 1, 0);
        PagedFile other = cache.map("other", new MemoryBacking(PAGE_BYTES));
        ReadScope scope = file.readScope();
        try (PageCursor c = other.cursor()) {
            assertThatThrownBy(() -> scope.read(c, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("store")
                    .hasMessageContaining("other");
        }
        other.close();
    }

    @Test
    void shouldGrowWithTheDescent() {
        write(0, 40, 0);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            for (int page = 0; page < 40; page++) {
                scope.read(c, page);
                assertThat(c.getLong(0)).isEqualTo(page);
            }
            write(39, 1, 1);
            assertThat(scope.retry()).isTrue();
        }
    }

    // Writers move an amount between pages; whoever reads both must see the sum.
    @Test
    void shouldSeePagesThatBelongTogetherAndNotStarve() throws Exception {
        write(0, 2, 0);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong moves = new AtomicLong();
        CountDownLatch started = new CountDownLatch(1);
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            try (PageCursor a = file.cursor();
                                    PageCursor b = file.cursor()) {
                                while (!stop.get()) {
                                    a.write(0);
                                    b.write(1);
                                    long amount = moves.incrementAndGet();
                                    a.putLong(16, amount);
                                    b.putLong(16, -amount);
                                    b.release();
                                    a.release();
                                    started.countDown();
                                }
                            }
                        });
        Running.await(started);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 2000; i++) {
                long sum;
                int rounds = 0;
                do {
                    scope.read(c, 0);
                    sum = c.getLong(16);
                    scope.read(c, 1);
                    sum += c.getLong(16);
                    rounds++;
                } while (scope.retry());
                assertThat(sum).as("after %s rounds", rounds).isZero();
            }
        } finally {
            stop.set(true);
            writer.get();
        }
    }

    @Test
    void shouldLockWritersOutAfterEightRoundsInVain() throws Exception {
        write(0, 2, 0);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            for (int round = 0; round < 8; round++) {
                scope.read(c, 0);
                scope.read(c, 1);
                write(0, 1, round);
                assertThat(scope.retry()).as("round %s", round).isTrue();
            }
            long before = cache.stats().starvedReads();
            scope.read(c, 0);
            scope.read(c, 1);
            assertThat(cache.stats().starvedReads()).isEqualTo(before + 2);
            Running<Boolean> writer = Running.run(() -> write(0, 1, 77));
            writer.awaitAsleep();
            assertThat(c.getLong(0)).isEqualTo(1);
            assertThat(scope.retry()).isFalse();
            writer.get();
        }
        assertThat(read(0)).isEqualTo(77);
    }

    @Test
    void shouldWaitForAWriterWithNothingHeldWhenItStarves() throws Exception {
        write(0, 2, 0);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor();
                PageCursor w = file.cursor()) {
            for (int round = 0; round < 8; round++) {
                scope.read(c, 0);
                write(0, 1, round);
                scope.retry();
            }
            CountDownLatch latched = new CountDownLatch(1);
            CountDownLatch go = gate();
            Running<Boolean> writer =
                    Running.run(
                            () -> {
                                w.write(1);
                                latched.countDown();
                                Running.await(go);
                                w.release();
                            });
            Running.await(latched);
            scope.read(c, 0); // held
            scope.read(c, 1); // in the way
            assertThat(c.getLong(0)).isZero();
            go.countDown();
            assertThat(scope.retry()).isTrue();
            writer.get();
            scope.read(c, 0);
            scope.read(c, 1);
            assertThat(scope.retry()).isFalse();
        }
    }

    /** Rounds in vain, so that the next one locks writers out. */
    private void starve(ReadScope scope, PageCursor c) {
        for (int round = 0; round < 8; round++) {
            scope.read(c, 0);
            write(0, 1, round);
            assertThat(scope.retry()).as("round %s", round).isTrue();
        }
    }

    @Test
    void shouldHoldNothingAfterAnExceptionInAStarvedRound() throws Exception {
        write(0, 2, 0);
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            starve(scope, c);
            scope.read(c, 0);
            assertThatThrownBy(() -> scope.read(c, 2)).isInstanceOf(BeyondEndException.class);
            Running.run(() -> write(0, 1, 77)).get();
            assertThat(scope.retry()).as("page 0 was written").isTrue();
            scope.read(c, 0);
            assertThat(c.getLong(0)).isEqualTo(77);
            assertThat(scope.retry()).isFalse();
        }
    }

    @Test
    void shouldHoldNothingOnceItIsClosed() throws Exception {
        write(0, 2, 0);
        try (PageCursor c = file.cursor();
                ReadScope scope = file.readScope()) {
            starve(scope, c);
            scope.read(c, 0);
        }
        Running.run(() -> write(0, 1, 77)).get();
    }

    @Test
    void shouldSayThatAPageCannotBeReadWhenItStarves() throws Exception {
        write(0, 2, 0);
        file.sync();
        assertThat(file.invalidate(1, 1)).isZero();
        backing.beforeRead =
                page -> {
                    throw new IOException("bad sector");
                };
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            starve(scope, c);
            assertThatThrownBy(
                            () -> {
                                do {
                                    scope.read(c, 0);
                                    scope.read(c, 1);
                                } while (scope.retry());
                            })
                    .isInstanceOf(PageReadException.class)
                    .hasMessageContaining("bad sector");
        }
    }

    @Test
    void shouldNotReportAPageWhenWhatLedThereChangedWhileItWasRead() throws Exception {
        write(0, 2, 0);
        file.sync();
        assertThat(file.invalidate(1, 1)).isZero();
        backing.beforeRead =
                page -> {
                    write(0, 1, 5);
                    throw new IOException("the page is no longer in use");
                };
        ReadScope scope = file.readScope();
        try (PageCursor c = file.cursor()) {
            scope.read(c, 0);
            scope.read(c, 1);
            assertThat(c.getLong(0)).isZero();
            assertThat(scope.retry()).isTrue();
            scope.read(c, 0);
            assertThat(c.getLong(0)).isEqualTo(5);
            assertThat(scope.retry()).isFalse();
        }
    }
}
