package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Pages that somebody wants read again, in both strengths. */
class InvalidateTest extends CacheFixture {
    @Test
    void shouldDropWhatIsCleanAndFreeAndSkipTheRest() throws Exception {
        write(0, 10, 5);
        file.sync();
        write(3, 1, 6);
        try (PageCursor pinned = file.cursor();
                PageCursor latched = file.cursor()) {
            pinned.pin(4);
            latched.write(5);
            latched.releaseClean();
            latched.write(6);
            assertThat(file.tryInvalidate(0, 9)).isEqualTo(6);
            for (int page = 0; page < 10; page++) {
                boolean stays = page == 3 || page == 4 || page == 6 || page == 9;
                assertThat(cached(page)).as("page %s", page).isEqualTo(stays);
            }
            assertThat(pinned.detached()).isFalse();
            latched.releaseClean();
        }
        assertThat(backing.freedTotal()).isEqualTo(6);
        assertThat(read(0)).isEqualTo(5);
        assertThat(read(3)).isEqualTo(9);
        cache.verify();
    }

    /** S4.1: freePage once for each page, by this road as by the others. */
    @Test
    void shouldTellTheStoreOfEachPageOnce() throws Exception {
        write(0, 20, 5);
        assertThat(file.invalidate(0, 20)).isZero();
        for (int page = 0; page < 20; page++) {
            assertThat(backing.freed(page)).isEqualTo(1);
        }
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(file.tryInvalidate(0, 20)).isZero();
        assertThat(backing.freedTotal()).isEqualTo(20);
    }

    @Test
    void shouldReadAgainWhatTheStoreHasByThen() throws Exception {
        write(0, 2, 5);
        file.sync();
        backing.put(1, 9);
        assertThat(read(1)).isEqualTo(6);
        assertThat(file.invalidate(1, 1)).isZero();
        assertThat(read(1)).isEqualTo(0x0909090909090909L);
        assertThat(read(0)).isEqualTo(5);
    }

    @Test
    void shouldWriteDirtyPagesBackBeforeItDropsThem() throws Exception {
        write(0, 5, 7);
        assertThat(file.invalidate(0, 5)).isZero();
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(backing.written(4)[0]).isEqualTo((byte) 11);
        assertThat(read(4)).isEqualTo(11);
    }

    @Test
    void shouldSayHowManyPagesAreBusyAndLeaveThemWhereTheyAre() throws Exception {
        write(0, 5, 7);
        backing.mayRelease = page -> page != 2;
        try (PageCursor pinned = file.cursor()) {
            pinned.pin(1);
            assertThat(file.invalidate(0, 5)).isEqualTo(2);
            assertThat(cached(1)).isTrue();
            assertThat(cached(2)).isTrue();
            assertThat(pinned.detached()).isFalse();
            assertThat(pinned.getLong(0)).isEqualTo(8);
        }
        backing.heal();
        assertThat(file.invalidate(0, 5)).isZero();
    }

    @Test
    void shouldWaitForALatchOnlyWhenItIsStrong() throws Exception {
        write(0, 2, 0);
        file.sync();
        CountDownLatch latched = gate();
        CountDownLatch go = gate();
        Running<Boolean> writer =
                Running.run(
                        () -> {
                            try (PageCursor c = file.cursor()) {
                                c.write(0);
                                latched.countDown();
                                Running.await(go);
                                c.putLong(0, 77);
                                c.putLong(PAGE_BYTES - 8, 77);
                            }
                        });
        Running.await(latched);
        assertThat(file.tryInvalidate(0, 1)).isZero();
        Running<Long> strong = Running.start(() -> file.invalidate(0, 2)).awaitAsleep();
        assertThat(strong.isDone()).isFalse();
        go.countDown();
        writer.get();
        assertThat(strong.get()).isZero();
        assertThat(read(0)).as("written back, not lost").isEqualTo(77);
    }

    @Test
    void shouldRefuseWhatCannotBe() throws Exception {
        write(0, 1, 0);
        assertThatThrownBy(() -> file.invalidate(-1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("firstPage=-1");
        try (PageCursor c = file.cursor()) {
            c.write(0);
            assertThatThrownBy(() -> file.invalidate(0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("latch");
        }
        assertThat(file.tryInvalidate(5, Long.MAX_VALUE)).isZero();
    }

    /** Nothing is lost, and nothing is freed twice, whoever else is at work. */
    @Test
    void shouldLoseNothingBesideWritersReadersAndReclaim() throws Exception {
        int pages = 100;
        write(0, pages, 0);
        AtomicBoolean done = new AtomicBoolean();
        List<Running<Boolean>> others = new ArrayList<>();
        others.add(
                Running.run(
                        () -> {
                            while (!done.get()) {
                                file.tryInvalidate(0, pages);
                            }
                        }));
        others.add(
                Running.run(
                        () -> {
                            while (!done.get()) {
                                file.invalidate(0, pages / 2);
                            }
                        }));
        long[] last = new long[pages];
        for (int i = 0; i < 4000; i++) {
            int page = i * 7 % pages;
            assertThat(read(page) - page).isEqualTo(last[page]);
            last[page]++;
            write(page, 1, last[page]);
        }
        done.set(true);
        for (Running<Boolean> other : others) {
            other.get();
        }
        cache.verify();
        for (int page = 0; page < pages; page++) {
            assertThat(read(page) - page).isEqualTo(last[page]);
        }
    }
}
