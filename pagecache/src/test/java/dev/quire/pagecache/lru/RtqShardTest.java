package dev.quire.pagecache.lru;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rules, on a shard of 8 frames: 1 on probation at first, 7 on the main list. */
class RtqShardTest {
    private static final int SHARE = 8;

    private final FrameTable frames = new FrameTable(64);
    private final RtqColumns columns = new RtqColumns(64);
    private final RtqShard shard =
            new RtqShard(3, SHARE, frames, columns, Policies.putting(frames));
    private final int[] batch = new int[16];

    @AfterEach
    void verify() {
        shard.verify();
    }

    private boolean insert(int frame, long memo) {
        frames.update(frame, FrameState::allocate);
        return shard.insert(frame, memo);
    }

    private void insertAll(int from, int to) {
        for (int frame = from; frame < to; frame++) {
            insert(frame, Replacement.NO_MEMO);
        }
    }

    private void useAll(int from, int to) {
        for (int frame = from; frame < to; frame++) {
            frames.use(frame);
        }
    }

    private boolean active(int frame) {
        return FrameState.any(frames.word(frame), FrameState.ACTIVE);
    }

    private int isolate() {
        assertThat(shard.isolate(batch, 1)).isEqualTo(1);
        return batch[0];
    }

    private void putBack(int frame, boolean used) {
        shard.putBack(frame, used);
        frames.update(frame, FrameState::put);
    }

    private long evict(int frame) {
        frames.tryFreeze(frame, 2, FrameState.BUSY_FOR_EVICTION);
        long memo = shard.leave(frame);
        frames.update(frame, FrameState::free);
        return memo;
    }

    /** Eight pages, as many on the main list as may be: all but the last. */
    private void fillMain() {
        insertAll(0, SHARE);
        for (int i = 0; i < SHARE - 1; i++) {
            int frame = isolate();
            frames.use(frame);
            putBack(frame, true);
        }
        for (int frame = 0; frame < SHARE; frame++) {
            assertThat(active(frame)).as("frame %s", frame).isEqualTo(frame < SHARE - 1);
        }
    }

    // Several touches by the operation that brought a page in are no reason to keep it.
    @Test
    void shouldNotCountUsesInTheYoungerHalfOfProbation() {
        insertAll(0, 1);
        useAll(0, 1);
        insertAll(1, SHARE);
        useAll(1, SHARE);
        insertAll(SHARE, 2 * SHARE);
        for (int frame = 0; frame < SHARE; frame++) {
            boolean older = frame >= 1 && frame < SHARE - 1; // when it was used
            assertThat(frames.uses(frame)).as("frame %s", frame).isEqualTo(older ? 1 : 0);
        }
        assertThat(isolate()).isZero();
        evict(0);
    }

    @Test
    void shouldKeepPagesUsedInTheOlderHalfOfProbation() {
        insertAll(0, SHARE);
        useAll(0, 2);
        assertThat(isolate()).isEqualTo(2);
        assertThat(active(0)).isTrue();
        assertThat(active(1)).isTrue();
        assertThat(frames.uses(0)).as("starts again").isZero();
        evict(2);
    }

    @Test
    void shouldTakeAPageThatComesBackToTheMainListWhileThereIsRoom() {
        insertAll(0, SHARE);
        long memo = evict(isolate());
        assertThat(insert(0, memo)).isTrue();
        assertThat(active(0)).isTrue();
        assertThat(insert(10, Replacement.NO_MEMO)).isFalse();
    }

    @Test
    void shouldTakeAPageToAFullMainListIfItWasSeenLaterThanTheVictim() {
        fillMain();
        assertThat(isolate()).isEqualTo(7);
        long memo = evict(7);
        insertAll(8, 10);
        assertThat(insert(7, memo)).as("came in when frame 0 was seen last").isTrue();
        assertThat(isolate()).as("and frame 0 goes for it").isZero();
        evict(0);
    }

    @Test
    void shouldRefuseAPageIfTheVictimWasSeenLater() {
        fillMain();
        long memo = evict(isolate());
        insertAll(8, 12);
        evict(isolate());
        evict(isolate()); // so that the page has not just left
        useAll(0, 7);
        assertThat(insert(7, memo)).as("all are in use").isFalse();
        for (int frame = 0; frame < 7; frame++) {
            assertThat(frames.uses(frame)).as("the hand came by").isZero();
            assertThat(active(frame)).isTrue();
        }
        assertThat(insert(12, memo)).as("all were in use since").isFalse();
        assertThat(isolate()).as("probation pays").isEqualTo(10);
        evict(10);
    }

    @Test
    void shouldForgetAPageAfterFourTimesAsManyMissesAsTheShardHasFrames() {
        insertAll(0, SHARE);
        long memo = evict(isolate()); // came in by miss 1
        for (int miss = SHARE + 1; miss <= 4 * SHARE + 1; miss++) {
            assertThat(shard.remembers(memo)).as("miss %s", miss).isTrue();
            insertAll(0, 1);
            evict(isolateUntil(0));
        }
        assertThat(shard.remembers(memo)).isTrue();
        assertThat(insert(0, memo)).as("one miss more").isFalse();
        assertThat(shard.remembers(memo)).isFalse();
    }

    private int isolateUntil(int wanted) {
        int frame = isolate();
        while (frame != wanted) {
            putBack(frame, false);
            frame = isolate();
        }
        return frame;
    }

    @Test
    void shouldLengthenProbationWhenPagesComeBackThatHaveJustLeftIt() {
        int before = shard.target();
        insertAll(0, SHARE);
        long justLeft = evict(isolate());
        insert(0, justLeft);
        assertThat(shard.target()).isEqualTo(before + 1);
        long longAgo = evict(isolate());
        evict(isolate());
        evict(isolate());
        insert(1, longAgo);
        assertThat(shard.target()).as("not one that left before others").isEqualTo(before + 1);
        for (int i = 0; i < 2 * SHARE; i++) {
            insert(20, Replacement.NO_MEMO);
            insert(20, evictNow(20));
            evictNow(20);
        }
        assertThat(shard.target()).as("at most half").isEqualTo(SHARE / 2);
    }

    private long evictNow(int frame) {
        frames.update(frame, FrameState::claimLru);
        shard.unlink(frame);
        return evict(frame);
    }

    @Test
    void shouldShortenProbationWhenPagesComeBackThatHaveJustLeftTheMainList() {
        insertAll(0, SHARE);
        insert(0, evict(isolate()));
        int before = shard.target();
        putBack(isolate(), true);
        for (int i = 0; i < 2 * SHARE; i++) {
            long memo = evictNow(0);
            assertThat(insert(0, memo)).isTrue();
        }
        assertThat(before).isEqualTo(2);
        assertThat(shard.target()).as("at least one page").isEqualTo(1);
    }

    // Dirty or pinned pages must not hide the others.
    @Test
    void shouldGiveUpPagesOfTheMainListWhenNoneOnProbationCanGo() {
        fillMain();
        int stuck = isolate();
        assertThat(stuck).isEqualTo(7);
        putBack(stuck, false);
        assertThat(isolate()).isZero();
        evict(0);
        assertThat(isolate()).as("not asked again").isEqualTo(1);
        evict(1);
        shard.forgive();
        assertThat(isolate()).isEqualTo(7);
        putBack(7, false);
    }

    // Found by CacheModelTest: pages on probation that were dirty once, the rest of them pinned.
    @Test
    void shouldAskProbationAgainWhenNoneOfTheMainListCanGoEither() {
        insertAll(0, SHARE);
        int pinned = isolate();
        putBack(pinned, true);
        for (int i = 1; i < SHARE; i++) {
            putBack(isolate(), false); // dirty
        }
        for (int i = 0; i < 3 && shard.supply() > 0; i++) {
            assertThat(isolate()).as("turn %s", i).isEqualTo(pinned);
            putBack(pinned, true);
        }
        assertThat(shard.supply()).as("so that all are forgiven").isZero();
    }

    @Test
    void shouldBoundTheWorkUnderTheLockHoweverManyPagesAreInUse() {
        FrameTable many = new FrameTable(4096);
        RtqShard large = new RtqShard(0, 4096, many, new RtqColumns(4096), Policies.putting(many));
        for (int frame = 0; frame < 4096; frame++) {
            many.update(frame, FrameState::allocate);
            large.insert(frame, Replacement.NO_MEMO);
        }
        for (int frame = 0; frame < 4096; frame++) {
            many.uses(frame, FrameTable.USES_MAX);
        }
        int fruitless = 0;
        while (large.isolate(batch, 1) == 0) {
            fruitless++;
        }
        assertThat(fruitless).as("the older half, by and by").isBetween(5, 50);
        large.verify();
    }
}
