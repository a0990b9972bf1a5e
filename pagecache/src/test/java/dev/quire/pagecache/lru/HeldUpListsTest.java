package dev.quire.pagecache.lru;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.Running;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Somebody has the lists, and no processor: pages come in, go, and are evicted all the same, and
 * the lists are right when he gives them back.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeldUpListsTest {
    private static final int FRAMES = 64;

    private final FrameTable frames = new FrameTable(FRAMES);
    private final Rtq rtq = Policies.rtq(frames, 2);
    private final int[] batch = new int[FRAMES];

    private boolean insert(int frame) {
        frames.update(frame, FrameState::allocate);
        frames.own(frame, 1, frame);
        return rtq.insert(frame, Replacement.NO_MEMO);
    }

    private void insertAll(int from, int to) {
        for (int frame = from; frame < to; frame++) {
            insert(frame);
        }
    }

    private boolean listed(int frame) {
        return FrameState.any(frames.word(frame), FrameState.LRU);
    }

    private int refs(int frame) {
        return FrameState.refs(frames.word(frame));
    }

    private void evict(int frame) {
        assertThat(frames.tryFreeze(frame, 2, FrameState.BUSY_FOR_EVICTION)).isTrue();
        rtq.leave(frame);
        frames.update(frame, FrameState::free);
    }

    private void putBack(int frame, boolean used) {
        rtq.putBack(frame, used);
        frames.update(frame, FrameState::put);
    }

    @AfterEach
    void verify() {
        rtq.verify();
    }

    @Test
    void shouldTakeInPagesAndLinkThemWhenTheListsAreGivenBack() throws Exception {
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            insertAll(0, 8);
            assertThat(listed(3)).as("with %s", held).isFalse();
            assertThat(refs(3)).as("its owner's, and that of who will link it").isEqualTo(2);
        }
        for (int frame = 0; frame < 8; frame++) {
            assertThat(listed(frame)).isTrue();
            assertThat(refs(frame)).isEqualTo(1);
        }
        assertThat(rtq.size()).isEqualTo(8);
    }

    @Test
    void shouldRememberOfAPageThatComesBackWhatItsSlotSays() throws Exception {
        insertAll(0, FRAMES);
        assertThat(rtq.isolate(batch, 1)).isEqualTo(1);
        int frame = batch[0];
        assertThat(frames.tryFreeze(frame, 2, FrameState.BUSY_FOR_EVICTION)).isTrue();
        long memo = rtq.leave(frame);
        frames.update(frame, FrameState::free);
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            frames.update(frame, FrameState::allocate);
            assertThat(rtq.insert(frame, memo)).as("not known yet, with %s", held).isFalse();
        }
        assertThat(FrameState.any(frames.word(frame), FrameState.ACTIVE)).isTrue();
    }

    @Test
    void shouldPutBackWhatCannotGo() throws Exception {
        insertAll(0, FRAMES);
        int count = rtq.isolate(batch, 1);
        assertThat(count).isEqualTo(1);
        int[] two = {batch[0], 0};
        rtq.isolate(batch, 1);
        two[1] = batch[0];
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            putBack(two[0], true);
            putBack(two[1], false);
            assertThat(listed(two[0]) || listed(two[1])).as("with %s", held).isFalse();
        }
        assertThat(FrameState.any(frames.word(two[0]), FrameState.ACTIVE)).isTrue();
        assertThat(FrameState.any(frames.word(two[1]), FrameState.ACTIVE)).isFalse();
        assertThat(rtq.size()).isEqualTo(FRAMES);
    }

    // S1.5: the last put defers it, and whoever has the lists later takes it off.
    @Test
    void shouldLeavePagesThatAreDroppedToTheLastPut() throws Exception {
        insertAll(0, 8);
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            assertThat(rtq.drop(5)).as("the reference is not ours, with %s", held).isFalse();
            frames.update(5, FrameState::put); // the cache's
            assertThat(FrameState.any(frames.word(5), FrameState.DEFERRED)).isTrue();
            assertThat(rtq.removeDeferred(5)).as("another time").isFalse();
        }
        assertThat(rtq.removeDeferred(5)).isTrue();
        frames.update(5, FrameState::free);
        assertThat(rtq.size()).isEqualTo(7);
        assertThat(rtq.drop(6)).as("nobody has the lists").isTrue();
        assertThat(refs(6)).isEqualTo(2);
        assertThat(rtq.drop(6)).as("it is off").isFalse();
    }

    // S1: the last reference went while the page was about to be linked.
    @Test
    void shouldDeferAPageThatIsGoneBeforeItIsLinked() throws Exception {
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            insert(7);
            assertThat(rtq.drop(7)).as("on no list, with %s", held).isFalse();
            frames.update(7, FrameState::put);
        }
        assertThat(FrameState.any(frames.word(7), FrameState.DEFERRED)).isTrue();
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            assertThat(rtq.removeDeferred(7)).as("another time, with %s", held).isFalse();
        }
        assertThat(rtq.removeDeferred(7)).isTrue();
        frames.update(7, FrameState::free);
        assertThat(rtq.size()).isZero();
    }

    @Test
    void shouldEvictPagesOfAnotherShardWhenOneIsTaken() throws Exception {
        insertAll(0, FRAMES);
        int[] sizes = rtq.shardSizes();
        int fuller = sizes[0] >= sizes[1] ? 0 : 1;
        try (HeldUpLists held = new HeldUpLists(rtq.shards[fuller])) {
            for (int i = 0; i < sizes[1 - fuller]; i++) {
                assertThat(rtq.isolate(batch, 1)).as("with %s", held).isEqualTo(1);
                evict(batch[0]);
            }
            assertThat(rtq.shardSizes()[fuller]).isEqualTo(sizes[fuller]);
        }
    }

    @Test
    void shouldEvictPagesThatAreNotLinkedYetWhenAllListsAreTaken() throws Exception {
        insertAll(0, 8);
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            insertAll(8, 12);
            frames.use(9);
            assertThat(rtq.isolate(batch, 1)).isEqualTo(Replacement.HELD_UP);
            for (int i = 0; i < 4; i++) {
                assertThat(rtq.isolateUnlinked(batch, 1)).as("with %s", held).isEqualTo(1);
                assertThat(batch[0]).isBetween(8, 11);
                assertThat(frames.uses(batch[0])).isZero();
                evict(batch[0]);
            }
            assertThat(rtq.isolateUnlinked(batch, 1)).isZero();
            insert(20);
            assertThat(rtq.isolateUnlinked(batch, 5)).isEqualTo(1);
            putBack(20, true);
        }
        assertThat(listed(20)).isTrue();
        assertThat(rtq.size()).isEqualTo(9);
    }

    /** A slot that was cleared, and filled again, must not look as if nothing had happened. */
    @Test
    void shouldNeverGiveTwoPagesTheSameMemo() throws Exception {
        Set<Long> memos = new HashSet<>();
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            for (int i = 0; i < 100; i++) {
                insert(7);
                assertThat(rtq.isolateUnlinked(batch, 1)).as("with %s", held).isEqualTo(1);
                assertThat(frames.tryFreeze(7, 2, FrameState.BUSY_FOR_EVICTION)).isTrue();
                assertThat(memos.add(rtq.leave(7))).as("the %sth", i).isTrue();
                frames.update(7, FrameState::free);
            }
        }
    }

    /** Its page was cut, and its frame used again, since somebody saw where it was listed. */
    @Test
    void shouldLeaveAFrameAloneThatIsOnOtherLists() {
        insertAll(0, 16);
        int[] sizes = rtq.shardSizes();
        assertThat(sizes).doesNotContain(0);
        int ofFirst = 0;
        for (int frame = 0; frame < 16; frame++) {
            if (rtq.shards[0].tryRemove(frame, FrameState::claimLru)) {
                ofFirst++;
            } else {
                assertThat(listed(frame)).isTrue();
                assertThat(rtq.shards[1].tryRemove(frame, FrameState::claimLru)).isTrue();
            }
            assertThat(rtq.drop(frame)).as("it is off").isFalse();
            putBack(frame, false);
        }
        assertThat(ofFirst).isEqualTo(sizes[0]);
    }

    @Test
    void shouldLoseNoPageWhileTheListsAreTakenAgainAndAgain() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Running<Boolean> holder =
                Running.run(
                        () -> {
                            while (!over.get()) {
                                RtqShard shard = rtq.shards[ThreadLocalRandom.current().nextInt(2)];
                                shard.lists.lock();
                                LockSupport.parkNanos(20_000);
                                shard.lists.unlock();
                                Thread.onSpinWait();
                            }
                        });
        long seed = System.nanoTime();
        List<Running<Boolean>> users = new ArrayList<>();
        for (int part = 0; part < 2; part++) {
            int first = part * FRAMES / 2;
            Random random = new Random(seed + part);
            users.add(Running.run(() -> comeAndGo(random, first, first + FRAMES / 2)));
        }
        for (Running<Boolean> user : users) {
            user.get();
        }
        over.set(true);
        holder.get();
        rtq.verify();
        int left = 0;
        for (int frame = 0; frame < FRAMES; frame++) {
            boolean free = frames.word(frame) == FrameState.FREE;
            assertThat(free || (listed(frame) && refs(frame) == 1))
                    .as("seed=%s: %s", seed, frames.describe(frame))
                    .isTrue();
            left += free ? 0 : 1;
        }
        assertThat(rtq.size()).isEqualTo(left);
    }

    /** Each thread brings in pages of its own; takes out and evicts those of anybody. */
    private void comeAndGo(Random random, int from, int to) {
        int[] own = new int[1];
        for (int i = 0; i < 3_000; i++) {
            int frame = from + random.nextInt(to - from);
            if (frames.word(frame) == FrameState.FREE) {
                frames.update(frame, FrameState::allocate);
                frames.own(frame, 1, frame);
                rtq.insert(frame, Replacement.NO_MEMO);
            } else if (random.nextBoolean() && rtq.isolate(own, 1) > 0) {
                finish(random, own[0]);
            }
        }
    }

    private void finish(Random random, int frame) {
        if (random.nextBoolean()) {
            putBack(frame, random.nextBoolean());
        } else if (frames.tryFreeze(frame, 2, FrameState.BUSY_FOR_EVICTION)) {
            rtq.leave(frame);
            frames.update(frame, FrameState::free);
        } else {
            putBack(frame, false);
        }
    }

    @Test
    void shouldSayThatNothingCanBeHadWhenAllListsAreTaken() throws Exception {
        assertThat(rtq.heldUp()).as("no page").isFalse();
        insertAll(0, 16);
        assertThat(rtq.heldUp()).isFalse();
        try (HeldUpLists held = new HeldUpLists(rtq.shards)) {
            assertThat(rtq.isolate(batch, 1)).as("with %s", held).isEqualTo(Replacement.HELD_UP);
            assertThat(rtq.heldUp()).isTrue();
            Thread.currentThread().interrupt();
            assertThat(rtq.isolate(batch, 1)).isEqualTo(Replacement.HELD_UP);
            assertThat(Thread.interrupted()).as("is still interrupted").isTrue();
        }
        try (HeldUpLists held = new HeldUpLists(rtq.shards[0])) {
            assertThat(rtq.shards[1].size()).isPositive();
            assertThat(rtq.heldUp()).as("there is another one, with %s", held).isFalse();
            while (rtq.shards[1].supply() > 0) {
                assertThat(rtq.shards[1].isolate(batch, 1)).isEqualTo(1);
                putBack(batch[0], false);
            }
            assertThat(rtq.heldUp()).as("none of its pages could go").isTrue();
            assertThat(rtq.isolate(batch, 1)).as("no way out").isEqualTo(Replacement.HELD_UP);
        }
        assertThat(rtq.isolate(batch, 1)).isEqualTo(1);
        putBack(batch[0], false);
    }
}
