package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.WriteFailedException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Syncs of a file by several threads, and of parts of it. */
class JoinedSyncTest extends CacheFixture {
    private final CountDownLatch inside = gate();
    private final CountDownLatch go = gate();

    /** The store's first sync takes until the gate opens. */
    private void blockFirstSync() {
        AtomicInteger calls = new AtomicInteger();
        backing.beforeSync =
                page -> {
                    if (calls.getAndIncrement() == 0) {
                        inside.countDown();
                        Running.await(go);
                    }
                };
    }

    private List<Running<Boolean>> syncs(int count) {
        List<Running<Boolean>> syncs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            syncs.add(Running.run(file::sync).awaitAsleep());
        }
        return syncs;
    }

    @Test
    void shouldCostTwoSyncsOfTheStoreHoweverManyThreadsSync() throws Exception {
        blockFirstSync();
        write(0, 1, 5);
        List<Running<Boolean>> syncs = syncs(1);
        Running.await(inside);
        syncs.addAll(syncs(10));
        go.countDown();
        for (Running<Boolean> sync : syncs) {
            sync.get();
        }
        assertThat(backing.syncs).hasValue(2);
    }

    @Test
    void shouldNotJoinASyncThatHasLookedForDirtyPagesAlready() throws Exception {
        blockFirstSync();
        write(0, 1, 5);
        List<Running<Boolean>> first = syncs(1);
        Running.await(inside);
        write(1, 1, 5);
        List<Running<Boolean>> later = syncs(2);
        go.countDown();
        first.getFirst().get();
        for (Running<Boolean> sync : later) {
            sync.get();
            assertThat(backing.durable(1)[0]).isEqualTo((byte) 6);
        }
    }

    @Test
    void shouldFailEverySyncThatSharedAFailure() throws Exception {
        blockFirstSync();
        write(0, 1, 5);
        List<Running<Boolean>> first = syncs(1);
        Running.await(inside);
        write(1, 1, 5);
        backing.beforeWrite =
                page -> {
                    throw new IOException("no space left");
                };
        List<Running<Boolean>> later = syncs(3);
        go.countDown();
        first.getFirst().get();
        for (Running<Boolean> sync : later) {
            assertThatThrownBy(sync::get)
                    .hasCauseInstanceOf(WriteFailedException.class)
                    .hasMessageContaining("no space left");
        }
        backing.heal();
        file.sync();
    }

    // ---- ranges

    @Test
    void shouldWriteARangeWithoutMakingItDurable() throws Exception {
        write(0, 10, 5);
        file.flush(2, 3);
        assertThat(backing.writes).hasValue(3);
        assertThat(backing.runs).as("neighbours together").hasValue(1);
        assertThat(backing.written(2)[0]).isEqualTo((byte) 7);
        assertThat(backing.written(5)[0]).isZero();
        assertThat(backing.syncs).hasValue(0);
        assertThat(cache.stats().dirtyPages()).isEqualTo(7);
        file.flush(0, Long.MAX_VALUE);
        assertThat(cache.stats().dirtyPages()).isZero();
        file.flush(5, 0);
    }

    @Test
    void shouldMakeARangeDurable() throws Exception {
        write(0, 10, 5);
        file.syncRange(9, Long.MAX_VALUE);
        assertThat(backing.durable(9)[0]).isEqualTo((byte) 14);
        assertThat(backing.durable(8)[0]).isZero();
        assertThat(cache.stats().dirtyPages()).isEqualTo(9);
    }

    @Test
    void shouldWaitForALatchInTheRangeAndForNoneOutside() throws Exception {
        write(0, 3, 5);
        try (PageCursor c = file.cursor()) {
            c.write(1);
            Running.run(() -> file.flush(0, 1)).get();
            Running<Boolean> flush = Running.run(() -> file.flush(0, 2)).awaitAsleep();
            assertThat(flush.isDone()).isFalse();
            assertThatThrownBy(() -> file.flush(0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("flush");
            assertThatThrownBy(() -> file.syncRange(0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("syncRange");
            c.release();
            flush.get();
        }
        assertThat(backing.written(1)[0]).isEqualTo((byte) 6);
        assertThat(backing.written(2)[0]).isZero();
    }

    @Test
    void shouldReportAFailureOfTheBackgroundOnceByWhateverCall() throws Exception {
        write(0, 2, 5);
        backing.beforeWrite =
                page -> {
                    throw new IOException("no space left");
                };
        assertThatThrownBy(() -> file.flush(0, 1)).isInstanceOf(WriteFailedException.class);
        backing.heal();
        file.flush(0, 1);
        file.sync();
        assertThat(backing.durable(1)[0]).isEqualTo((byte) 6);
    }

    @Test
    void shouldRefuseARangeThatIsNone() {
        assertThatThrownBy(() -> file.flush(-1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("firstPage=-1");
        assertThatThrownBy(() -> file.syncRange(0, -2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("count=-2");
    }
}
