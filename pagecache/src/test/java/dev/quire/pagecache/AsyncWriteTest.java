package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.AsyncBacking.Write;
import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** Several writes of one file under way, ended by the store in any order and on any thread. */
class AsyncWriteTest extends CacheFixture {
    private final AsyncBacking store = new AsyncBacking(PAGE_BYTES);
    private PagedFile async;

    @BeforeEach
    void mapStore() throws IOException {
        async = cache.map("async", store);
    }

    @AfterEach
    void closeStore() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Running<Boolean> ender =
                Running.run(
                        () -> {
                            while (!done.get()) {
                                store.storeAll();
                                Thread.sleep(1);
                            }
                        });
        try {
            async.close();
        } catch (WriteFailedException e) {
            async.close(); // the first one reported
        }
        done.set(true);
        ender.get();
    }

    /** Every second page: no two are neighbours. */
    private void writeRuns(int count) {
        for (int i = 0; i < count; i++) {
            write(async, 2L * i, 1, 5);
        }
    }

    private void awaitWrites(int count) {
        Running.until(count + " writes", () -> store.underWay.size() == count);
    }

    @Test
    void shouldHaveSeveralWritesUnderWay() throws Exception {
        writeRuns(12);
        Running<Boolean> sync = Running.run(async::sync);
        awaitWrites(8);
        sync.awaitAsleep();
        assertThat(store.underWay).as("not more").hasSize(8);
        assertThat(cache.stats().writebackPages()).isEqualTo(8);
        store.store(store.underWay.get(5));
        awaitWrites(8);
        assertThat(cache.stats().dirtyPages()).as("one is clean").isEqualTo(11);
        assertThat(store.memory().syncs).as("not before all are stored").hasValue(0);
        store.storeAll();
        awaitWrites(3);
        store.storeAll();
        sync.get();
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(store.memory().durable(22)[0]).isEqualTo((byte) 27);
    }

    @Test
    void shouldWaitForWritesThatTheBackgroundHasUnderWay() throws Exception {
        writeRuns(30); // above the background limit
        awaitWrites(8);
        Running<Boolean> sync = Running.run(async::sync).awaitAsleep();
        assertThat(sync.isDone()).isFalse();
        Running<Boolean> ender =
                Running.run(
                        () -> {
                            while (!sync.isDone()) {
                                store.storeAll();
                            }
                        });
        sync.get();
        ender.get();
        for (int i = 0; i < 30; i++) {
            assertThat(store.memory().durable(2L * i)[0]).isEqualTo((byte) (2 * i + 5));
        }
    }

    @Test
    void shouldKeepDirtyWhatOneOfSeveralWritesCouldNotStore() throws Exception {
        writeRuns(3);
        Running<Boolean> sync = Running.run(async::sync);
        awaitWrites(3);
        store.fail(store.underWay.get(1));
        store.storeAll();
        assertThatThrownBy(sync::get)
                .hasCauseInstanceOf(WriteFailedException.class)
                .hasMessageContaining("on purpose");
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        assertThat(cache.stats().writebackPages()).isZero();
        Running<Boolean> again = Running.run(async::sync);
        awaitWrites(1);
        assertThat(store.underWay.getFirst().firstPage()).isEqualTo(2);
        store.storeAll();
        again.get();
    }

    // WRITEBACK ends exactly once a page, whatever the store answers (S0.6).
    @Test
    void shouldTakeTheFirstAnswerOfAStoreThatAnswersTwice() throws Exception {
        write(async, 0, 1, 5);
        Running<Boolean> sync = Running.run(async::sync);
        awaitWrites(1);
        Write write = store.underWay.getFirst();
        store.store(write);
        sync.get();
        write(async, 0, 1, 6);
        Running<Boolean> next = Running.run(async::sync);
        awaitWrites(1);
        write.done().done(null); // of the write before: not of this one
        write.done().done(new IOException("late"));
        assertThat(cache.stats().writebackPages()).isEqualTo(1);
        assertThat(cache.stats().callbackErrors()).isEqualTo(2);
        assertThat(next.isDone()).isFalse();
        store.storeAll();
        next.get();
        assertThat(store.memory().durable(0)[0]).isEqualTo((byte) 6);
    }

    @Test
    void shouldLetWritersInAsSoonAsTheirPageIsStored() throws Exception {
        writeRuns(2);
        Running<Boolean> sync = Running.run(async::sync);
        awaitWrites(2);
        Running<Boolean> writer = Running.run(() -> write(async, 0, 1, 9)).awaitAsleep();
        assertThat(writer.isDone()).as("the image is stable").isFalse();
        store.store(store.underWay.getFirst());
        writer.get();
        assertThat(sync.isDone()).isFalse();
        store.storeAll();
        sync.get();
        assertThat(store.memory().durable(0)[0]).as("as it was written").isEqualTo((byte) 5);
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
    }

    // A writer that comes the moment the write is over: its page must be dirty afterwards.
    @Test
    void shouldLoseNoChangeThatRacesWithTheEndOfAWrite() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Running<Boolean> ender =
                Running.run(
                        () -> {
                            while (!done.get()) {
                                store.storeAll();
                            }
                        });
        for (int i = 0; i < 3_000; i++) {
            write(async, 0, 1, i);
            Running<Boolean> flush = i % 2 == 0 ? Running.run(() -> async.flush(0, 1)) : null;
            write(async, 0, 1, i + 1);
            if (flush != null) {
                flush.get();
            }
            async.sync();
            byte[] durable = store.memory().durable(0);
            assertThat(durable[0]).as("round %s", i).isEqualTo((byte) (i + 1));
        }
        done.set(true);
        ender.get();
    }

    @Test
    void shouldNotCutAPageFromUnderAWrite() throws Exception {
        writeRuns(3);
        Running<Boolean> sync = Running.run(async::sync);
        awaitWrites(3);
        Running<Boolean> truncate = Running.run(() -> async.truncate(PAGE_BYTES)).awaitAsleep();
        assertThat(truncate.isDone()).isFalse();
        store.storeAll();
        truncate.get();
        sync.get();
        assertThat(store.memory().sizeBytes()).isEqualTo(PAGE_BYTES);
        assertThat(read(async, 0)).isEqualTo(5);
    }
}
