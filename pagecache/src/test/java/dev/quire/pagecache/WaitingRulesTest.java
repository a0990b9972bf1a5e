package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Who may wait for whom: each of these hangs when its rule is broken, and its deadline fails it.
 * That reclaim never waits for write-back that needs reclaim is held by {@link ContextTest}; that
 * nobody waits for a latch of his own by {@link WriteBackTest} and {@link CursorContentionTest}.
 */
class WaitingRulesTest extends CacheFixture {
    /** Waits at the gate, in the store. */
    private static void hang(MemoryBacking store, CountDownLatch gate) {
        store.beforeWrite = page -> Running.await(gate);
    }

    // ---- latches are only tried, and none is held while waiting

    @Test
    void shouldWriteAllOtherPagesInTheBackgroundWhileOneIsLatched() {
        write(0, 40, 0);
        try (PageCursor c = file.cursor()) {
            c.write(20); // waits for its write-back, if that is under way
            c.putLong(0, 1);
            c.lsn(1); // dirty from now on
            write(0, 20, 1);
            write(21, 19, 1); // above the background limit again
            Running.until("others are written", () -> cache.stats().dirtyPages() < 26);
            c.release();
        }
    }

    @Test
    void shouldKeepNobodyOutWhileASyncWaitsForALatchedPage() throws Exception {
        write(0, 10, 0);
        try (PageCursor c = file.cursor()) {
            c.write(5);
            Running<Boolean> sync = Running.run(file::sync);
            Running.until("others are written", () -> backing.writes.get() == 9);
            sync.awaitAsleep();
            Running.run(
                            () -> {
                                write(0, 5, 1);
                                write(6, 4, 1);
                            })
                    .get();
            assertThat(sync.isDone()).isFalse();
            c.release();
            sync.get();
        }
    }

    // The pages before the latched one are in a run that is not full: they go out before the wait.
    @Test
    void shouldGiveItsRunToTheStoreBeforeASyncWaitsForALatchedNeighbour() throws Exception {
        write(0, 4, 0);
        try (PageCursor one = file.cursor();
                PageCursor two = file.cursor()) {
            one.write(1);
            two.write(3);
            Running<Boolean> sync = Running.run(file::sync).awaitAsleep();
            Running.until("0 and 2 are written", () -> backing.writes.get() == 2);
            one.release();
            Running.until("1 is written", () -> backing.writes.get() == 3);
            Running.run(() -> write(0, 3, 1)).get();
            two.release();
            sync.get();
        }
    }

    // ---- throttling comes before the latch

    @Test
    void shouldHoldNoLatchWhileAWriterWaitsAtTheHardLimit() throws Exception {
        CountDownLatch go = gate();
        hang(backing, go);
        Running<Boolean> writer = Running.run(() -> write(0, 60, 0));
        Running.until("writer stalls", () -> cache.stats().dirtyPages() >= 51);
        writer.awaitAsleep();
        long wanted = file.sizePages(); // the page that the writer waits to write
        Running<Boolean> thread =
                Running.run(
                        () -> {
                            try (PageCursor root = file.cursor()) {
                                root.create(100); // latched before the limit was asked again
                                root.release();
                            }
                        });
        thread.awaitAsleep();
        assertThat(thread.isDone()).as("stalls as well, and holds nothing").isFalse();
        assertThat(cached(wanted)).isFalse();
        go.countDown();
        writer.get();
        thread.get();
    }

    @Test
    void shouldAnswerInsteadOfStallingWhenAsked() throws Exception {
        CountDownLatch go = gate();
        hang(backing, go);
        PagedFile other = cache.map("other", new MemoryBacking(PAGE_BYTES));
        write(other, 0, 1, 0);
        other.sync();
        Running<Boolean> writer = Running.run(() -> write(0, 60, 0));
        Running.until("writer stalls", () -> cache.stats().dirtyPages() >= 51);
        writer.awaitAsleep();
        try (PageCursor c = other.cursor();
                PageCursor root = other.cursor()) {
            Running.until("at the limit", () -> !tryWrite(c) || hung());
            if (!hung()) {
                assertThat(tryWrite(c)).isFalse();
            }
            root.pin(0);
            root.release();
        }
        go.countDown();
        writer.get();
        try (PageCursor c = other.cursor()) {
            Running.until("below the limit", () -> tryWrite(c));
        }
        other.close();
    }

    private boolean hung() {
        return file.space().writes().hung();
    }

    private static boolean tryWrite(PageCursor c) {
        boolean latched = c.tryWrite(0);
        if (latched) {
            c.releaseClean();
        }
        return latched;
    }

    // ---- a store that hangs stops nobody else

    @Test
    void shouldWriteOtherFilesBackWhileStoresHang() throws Exception {
        CountDownLatch go = gate();
        List<PagedFile> hanging = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            MemoryBacking store = new MemoryBacking(PAGE_BYTES);
            hang(store, go);
            hanging.add(cache.map("hangs " + i, store));
            write(hanging.getLast(), 0, 9, 0);
        }
        Running.until("they hang", () -> cache.stats().writebackPages() > 0);
        write(0, 60, 5); // beyond the hard limit, with those that hang
        Running.until("the healthy file is written", () -> file.space().dirtyPages().get() < 26);
        file.sync();
        assertThat(backing.durable(59)[0]).isEqualTo((byte) 64);
        go.countDown();
        for (PagedFile hung : hanging) {
            hung.close();
        }
    }

    @Test
    void shouldNotCountThePagesOfAStoreThatHangsAgainstOthers() throws Exception {
        CountDownLatch go = gate();
        hang(backing, go);
        Running<Boolean> writer = Running.run(() -> write(0, 60, 0));
        Running.until("writer stalls", () -> cache.stats().dirtyPages() >= 51);
        MemoryBacking healthy = new MemoryBacking(PAGE_BYTES);
        PagedFile other = cache.map("healthy", healthy);
        write(other, 0, 8, 3); // waits until the other one is found to hang, no longer
        other.sync();
        assertThat(healthy.durable(7)[0]).isEqualTo((byte) 10);
        assertThat(writer.isDone()).as("its own writer waits").isFalse();
        go.countDown();
        writer.get();
        other.close();
    }

    /** "Do your agents rest?" holds nobody up, and ends. */
    @Test
    void shouldStopNobodyWhileSomebodyVerifiesBesideAStoreThatHangs() throws Exception {
        CountDownLatch go = gate();
        MemoryBacking slow = new MemoryBacking(PAGE_BYTES);
        hang(slow, go);
        PagedFile hanging = cache.map("slow.db", slow);
        write(hanging, 0, 27, 0); // the flusher starts at 25
        Running.until("it hangs", () -> hanging.space().writes().hung());
        Running<Boolean> look = Running.run(cache::verify).awaitAsleep();
        Running.run(() -> write(0, 200, 0)).get();
        assertThatThrownBy(look::get)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("working=[write-back of slow.db]");
        go.countDown();
        hanging.close();
    }

    // ---- the end

    // Written by the background between the last sync of a close and its end: not durable yet.
    @Test
    void shouldNotCloseOverAPageThatWasWrittenAfterTheLastSync() throws Exception {
        write(0, 1, 0);
        file.sync();
        CountDownLatch written = gate();
        Running<Boolean> close;
        try (PageCursor c = file.cursor()) {
            c.write(0); // clean: the sync of the close does not see it
            c.putLong(0, 77);
            backing.beforeSync = page -> {};
            close = Running.run(file::close);
            Running.until("the close has synced", () -> backing.syncs.get() == 2);
            close.awaitAsleep();
            backing.beforeWrite = page -> written.countDown();
            c.release();
        }
        close.get();
        Running.await(written);
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 77);
    }

    @Test
    void shouldRefuseWhatWaitsForLatchesWhileHoldingOne() throws IOException {
        write(0, 2, 0);
        try (PageCursor c = file.cursor()) {
            c.write(0);
            assertThatThrownBy(file::sync)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("sync waits for latches");
            assertThatThrownBy(() -> file.flush(0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("flush waits for latches");
            assertThatThrownBy(() -> file.syncRange(0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("syncRange waits for latches");
            assertThatThrownBy(() -> file.truncate(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("truncate waits for latches");
            assertThatThrownBy(file::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("close waits for latches");
            assertThatThrownBy(cache::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("close waits for latches");
            c.release();
        }
        file.sync();
    }
}
