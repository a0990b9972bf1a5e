package dev.quire.allocator.frame;

import static dev.quire.allocator.frame.FrameState.REFUSED;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/** Every rule of the frame word, over every combination of flags and small counts. */
class FrameStateTest {
    private static final int FLAG_COUNT = 17;
    private static final long ALL_FLAGS = FrameState.LOCKED * ((1L << FLAG_COUNT) - 1);
    private static final int[] REFS = {0, 1, 2, FrameState.REFS_MAX - 1, FrameState.REFS_MAX};
    private static final int[] PINS = {0, 1, 2, FrameState.PINS_MAX};

    private static long word(int refs, int pins, long flags) {
        return flags | ((long) pins << 24) | refs;
    }

    /** All flags, times refs and pins with pins no more than refs. */
    private static void everyWord(LongConsumer test) {
        for (int refs : REFS) {
            for (int pins : PINS) {
                for (long flags = 0; pins <= refs && flags < 1 << FLAG_COUNT; flags++) {
                    test.accept(word(refs, pins, flags * FrameState.LOCKED));
                }
            }
        }
    }

    private static void everyStep(LongUnaryOperator step, StepRule rule) {
        everyWord(
                word -> {
                    long next = step.applyAsLong(word);
                    String broken = rule.broken(word, next);
                    if (broken != null) {
                        throw new AssertionError(
                                broken
                                        + ": "
                                        + FrameState.describe(word)
                                        + " -> "
                                        + (next == REFUSED
                                                ? "REFUSED"
                                                : FrameState.describe(next)));
                    }
                });
    }

    /** What is wrong with a step, or null. */
    private interface StepRule {
        @org.jspecify.annotations.Nullable
        String broken(long word, long next);
    }

    private static final Map<String, LongUnaryOperator> STEPS = new TreeMap<>();

    /** A dirty page with private data, about to move. */
    private static final long MOVING =
            FrameState.FROZEN
                    | FrameState.LOCKED
                    | FrameState.UPTODATE
                    | FrameState.DIRTY
                    | FrameState.PRIVATE
                    | FrameState.LRU
                    | FrameState.ACTIVE;

    static {
        STEPS.put("allocate", FrameState::allocate);
        STEPS.put("get", FrameState::get);
        STEPS.put("put", FrameState::put);
        STEPS.put("pin", FrameState::pin);
        STEPS.put("unpin", FrameState::unpin);
        STEPS.put("freeze 1", word -> FrameState.freeze(word, 1, 0));
        STEPS.put("freeze 0", word -> FrameState.freeze(word, 0, 0));
        STEPS.put("unfreeze 1", word -> FrameState.unfreeze(word, 1));
        STEPS.put("unfreeze too many", word -> FrameState.unfreeze(word, 1 << 24));
        STEPS.put("free", FrameState::free);
        STEPS.put("quarantine", FrameState::quarantine);
        STEPS.put("setLru", FrameState::setLru);
        STEPS.put("claimLru", FrameState::claimLru);
        STEPS.put("claimDeferred", FrameState::claimDeferred);
        STEPS.put("lock", FrameState::lock);
        STEPS.put("unlock", FrameState::unlock);
        STEPS.put("fillDone", FrameState::fillDone);
        STEPS.put("beginExclusive", FrameState::beginExclusive);
        STEPS.put("endExclusive", FrameState::endExclusive);
        STEPS.put("endExclusiveDirty", FrameState::endExclusiveDirty);
        STEPS.put("beginShared", FrameState::beginShared);
        STEPS.put("endShared", FrameState::endShared);
        STEPS.put("beginWriteback", FrameState::beginWriteback);
        STEPS.put("endWriteback", FrameState::endWriteback);
        STEPS.put("failWriteback", FrameState::failWriteback);
        STEPS.put("attachPrivate", FrameState::attachPrivate);
        STEPS.put("detachPrivate", FrameState::detachPrivate);
        STEPS.put("beginStamp", FrameState::beginStamp);
        STEPS.put("endStamp", FrameState::endStamp);
        STEPS.put("beginMove", FrameState::beginMove);
        STEPS.put("freezeToMove", FrameState::freezeToMove);
        STEPS.put("moveIn", word -> FrameState.moveIn(word, MOVING));
        STEPS.put("moveOut", FrameState::moveOut);
        STEPS.put("lockListed", FrameState::lockListed);
        STEPS.put("freezeListed", FrameState::freezeListed);
        STEPS.put("takeDeferred", FrameState::takeDeferred);
        STEPS.put("unfreezeToFill", FrameState::unfreezeToFill);
        STEPS.put("set", word -> FrameState.set(word, FrameState.UPTODATE));
        STEPS.put("clear", word -> FrameState.clear(word, FrameState.UPTODATE));
    }

    /** A word that transitions can lead to: counts fit, and without references one state holds. */
    private static boolean legal(long word) {
        int refs = FrameState.refs(word);
        int ownerless =
                Long.bitCount(
                        word
                                & (FrameState.FROZEN
                                        | FrameState.DEFERRED
                                        | FrameState.QUARANTINED
                                        | FrameState.SPARE));
        boolean deferredOffList =
                FrameState.any(word, FrameState.DEFERRED) && !FrameState.any(word, FrameState.LRU);
        boolean markedSpare = FrameState.any(word, FrameState.SPARE) && word != FrameState.SPARE;
        boolean latchedTwice =
                FrameState.any(word, FrameState.EXCLUSIVE)
                        && FrameState.any(word, FrameState.SHARED_EXCLUSIVE);
        return FrameState.pins(word) <= refs
                && (refs > 0 ? ownerless == 0 : word == 0 || ownerless == 1)
                && !deferredOffList
                && !markedSpare
                && !latchedTwice;
    }

    @Test
    void shouldLeadFromLegalWordsToLegalWordsOnly() { // I1, I2
        STEPS.forEach(
                (name, step) ->
                        everyStep(
                                step,
                                (word, next) -> {
                                    boolean quarantined =
                                            FrameState.any(next, FrameState.QUARANTINED);
                                    return !legal(word)
                                                    || next == REFUSED
                                                    || quarantined
                                                    || legal(next)
                                            ? null
                                            : name + " leads to an illegal word";
                                }));
    }

    @Test
    void shouldNeverSetTheTopBitsThatMakeRefused() {
        STEPS.forEach(
                (name, step) ->
                        everyStep(
                                step,
                                (word, next) ->
                                        next == REFUSED || (next & ~ALL_FLAGS) >>> 44 == 0
                                                ? null
                                                : name + " overflows into the unused bits"));
    }

    @Test
    void shouldResurrectNothingButByAllocateUnfreezeAndNothingElse() { // S0.1, I1
        STEPS.forEach(
                (name, step) -> {
                    if (name.equals("allocate") || name.startsWith("unfreeze")) {
                        return;
                    }
                    everyStep(
                            step,
                            (word, next) ->
                                    FrameState.refs(word) > 0
                                                    || next == REFUSED
                                                    || FrameState.refs(next) == 0
                                            ? null
                                            : name + " raises a count from 0");
                });
    }

    @Test
    void shouldChangeReferencesAndPinsByExactlyOne() { // S0.4
        everyStep(
                FrameState::get,
                (word, next) -> next == REFUSED || next == word + 1 ? null : "get is +1");
        everyStep(
                FrameState::pin,
                (word, next) ->
                        next == REFUSED || next == word + 1 + (1L << 24) ? null : "pin is +1 +1");
        everyStep(
                FrameState::put,
                (word, next) ->
                        next == REFUSED
                                        || (FrameState.refs(next) == FrameState.refs(word) - 1
                                                && FrameState.pins(next) == FrameState.pins(word))
                                ? null
                                : "put is -1");
        everyStep(
                FrameState::unpin,
                (word, next) ->
                        next == REFUSED
                                        || (FrameState.refs(next) == FrameState.refs(word) - 1
                                                && FrameState.pins(next)
                                                        == FrameState.pins(word) - 1)
                                ? null
                                : "unpin is -1 -1");
    }

    @Test
    void shouldRefuseGetAndPinWhenRefcountIsZeroOrNearOverflow() { // S0.1, S0.9
        everyStep(
                FrameState::get,
                (word, next) -> {
                    int refs = FrameState.refs(word);
                    boolean refused = refs == 0 || refs == FrameState.REFS_MAX;
                    return refused == (next == REFUSED) ? null : "get";
                });
        everyStep(
                FrameState::pin,
                (word, next) -> {
                    int refs = FrameState.refs(word);
                    boolean refused =
                            refs == 0
                                    || refs == FrameState.REFS_MAX
                                    || FrameState.pins(word) == FrameState.PINS_MAX;
                    return refused == (next == REFUSED) ? null : "pin";
                });
    }

    @Test
    void shouldRefusePutWithoutAReferenceThatIsNoPin() { // S0.2
        everyStep(
                FrameState::put,
                (word, next) ->
                        (FrameState.refs(word) == FrameState.pins(word)) == (next == REFUSED)
                                ? null
                                : "put");
    }

    @Test
    void shouldFreezeOrDeferInTheStepThatReachesZero() { // S1, S1.5
        StepRule rule =
                (word, next) -> {
                    if (next == REFUSED || FrameState.refs(next) > 0) {
                        return null;
                    }
                    boolean lru = FrameState.any(word, FrameState.LRU);
                    long expected = lru ? FrameState.DEFERRED : FrameState.FROZEN;
                    return FrameState.any(next, expected) ? null : "the last put";
                };
        everyStep(FrameState::put, rule);
        everyStep(FrameState::unpin, rule);
        everyStep(FrameState::endExclusive, rule);
        everyStep(FrameState::endShared, rule);
        everyStep(FrameState::detachPrivate, rule);
    }

    @Test
    void shouldGivePrivateDataOneReferenceAndTakeItBack() { // S4.4
        everyStep(
                FrameState::attachPrivate,
                (word, next) -> {
                    boolean may =
                            !FrameState.any(word, FrameState.PRIVATE)
                                    && FrameState.get(word) != REFUSED;
                    if (may != (next != REFUSED)) {
                        return "attach";
                    }
                    boolean right =
                            !may
                                    || (next == (FrameState.get(word) | FrameState.PRIVATE)
                                            && FrameState.detachPrivate(next) == word);
                    return right ? null : "attach and detach";
                });
        assertThat(FrameState.detachPrivate(word(2, 0, 0))).isEqualTo(REFUSED);
    }

    @Test
    void shouldRefuseUnpinOfAQuarantinedFrameThatKeptItsPins() {
        long word = FrameState.quarantine(word(2, 2, FrameState.LOCKED));
        assertThat(FrameState.pins(word)).isEqualTo(2);
        assertThat(FrameState.unpin(word)).isEqualTo(REFUSED);
    }

    @Test
    void shouldFreezeExactlyWhenAloneUnpinnedAndNothingRefused() { // S3.1, S3.9
        for (int expected : new int[] {0, 1, 2}) {
            everyStep(
                    word -> FrameState.freeze(word, expected, FrameState.BUSY_FOR_EVICTION),
                    (word, next) -> {
                        boolean may =
                                expected > 0
                                        && FrameState.refs(word) == expected
                                        && FrameState.pins(word) == 0
                                        && !FrameState.any(word, FrameState.BUSY_FOR_EVICTION);
                        if (may != (next != REFUSED)) {
                            return "freeze";
                        }
                        boolean right = next == ((word & ~((1L << 24) - 1)) | FrameState.FROZEN);
                        return !may || right ? null : "freeze keeps the flags";
                    });
        }
    }

    @Test
    void shouldUndoAFreezeCompletely() { // S3.7
        everyStep(
                word -> FrameState.freeze(word, 2, 0),
                (word, next) ->
                        next == REFUSED || FrameState.unfreeze(next, 2) == word
                                ? null
                                : "unfreeze restores the word");
    }

    @Test
    void shouldTakeAFrameForAnotherPageOnlyWhileNobodyElseHasIt() { // S4.10
        long busy =
                FrameState.DIRTY
                        | FrameState.WRITEBACK
                        | FrameState.EXCLUSIVE
                        | FrameState.SHARED_EXCLUSIVE
                        | FrameState.FROZEN;
        everyStep(
                FrameState::lockListed,
                (word, next) -> {
                    boolean may =
                            FrameState.refs(word)
                                            == (FrameState.any(word, FrameState.PRIVATE) ? 2 : 1)
                                    && FrameState.pins(word) == 0
                                    && FrameState.any(word, FrameState.LRU)
                                    && FrameState.any(word, FrameState.UPTODATE)
                                    && !FrameState.any(word, busy | FrameState.LOCKED);
                    long expected = may ? word + 1 | FrameState.LOCKED : REFUSED;
                    return next == expected ? null : "lockListed";
                });
        everyStep(
                FrameState::freezeListed,
                (word, next) -> {
                    boolean may =
                            FrameState.refs(word) == 2
                                    && FrameState.pins(word) == 0
                                    && FrameState.any(word, FrameState.LRU)
                                    && !FrameState.any(word, busy);
                    long expected = may ? word - 2 | FrameState.FROZEN : REFUSED;
                    return next == expected ? null : "freezeListed";
                });
        everyStep(
                FrameState::takeDeferred,
                (word, next) -> {
                    boolean may =
                            FrameState.refs(word) == 0
                                    && FrameState.any(word, FrameState.DEFERRED)
                                    && FrameState.any(word, FrameState.LRU);
                    long expected =
                            may ? (word & ~FrameState.DEFERRED) | FrameState.FROZEN : REFUSED;
                    return next == expected ? null : "takeDeferred";
                });
    }

    @Test
    void shouldLeaveNothingOfTheOldPageInAFrameThatAnotherTakesOver() {
        long taken = FrameState.FROZEN | FrameState.LRU | FrameState.UPTODATE;
        long next =
                FrameState.unfreezeToFill(
                        taken
                                | FrameState.ACTIVE
                                | FrameState.WORKINGSET
                                | FrameState.READAHEAD
                                | FrameState.WAITERS);
        assertThat(next)
                .isEqualTo(
                        1
                                | FrameState.LOCKED
                                | FrameState.LRU
                                | FrameState.ACTIVE
                                | FrameState.WAITERS);
        assertThat(FrameState.unfreezeToFill(taken & ~FrameState.LRU)).isEqualTo(REFUSED);
        assertThat(FrameState.unfreezeToFill(taken & ~FrameState.FROZEN)).isEqualTo(REFUSED);
    }

    @Test
    void shouldRefuseUnfreezeOfACountThatDoesNotFit() {
        assertThat(FrameState.unfreeze(FrameState.FROZEN, 0)).isEqualTo(REFUSED);
        assertThat(FrameState.unfreeze(FrameState.FROZEN, -1)).isEqualTo(REFUSED);
        assertThat(FrameState.unfreeze(FrameState.FROZEN, FrameState.REFS_MAX + 1))
                .isEqualTo(REFUSED);
        assertThat(FrameState.unfreeze(1, 1)).isEqualTo(REFUSED);
    }

    @Test
    void shouldFreeOnlyFrozenWordsWithoutABadFlag() { // S1.7
        everyStep(
                FrameState::free,
                (word, next) -> {
                    boolean may =
                            FrameState.any(word, FrameState.FROZEN)
                                    && FrameState.refs(word) == 0
                                    && FrameState.pins(word) == 0
                                    && !FrameState.any(word, FrameState.BAD_AT_FREE);
                    return next == (may ? 0 : REFUSED) ? null : "free";
                });
    }

    @Test
    void shouldClaimTheLruFlagExactlyOnceAndKeepTheFrameAlive() { // S1.3
        everyStep(
                FrameState::claimLru,
                (word, next) -> {
                    if (next == REFUSED) {
                        return null;
                    }
                    boolean right = next == (word & ~FrameState.LRU) + 1;
                    boolean again = FrameState.claimLru(next) != REFUSED;
                    return right && !again ? null : "claimLru";
                });
    }

    @Test
    void shouldClaimOnlyWhatIsDeferred() { // S1.5
        everyStep(
                FrameState::claimDeferred,
                (word, next) -> {
                    boolean may =
                            FrameState.any(word, FrameState.DEFERRED)
                                    && FrameState.any(word, FrameState.LRU)
                                    && FrameState.refs(word) == 0;
                    if (may != (next != REFUSED)) {
                        return "claimDeferred";
                    }
                    return !may || FrameState.claimDeferred(next) == REFUSED
                            ? null
                            : "claimDeferred twice";
                });
    }

    @Test
    void shouldGiveTheLatchToOneWriterOfAnUptodateFrameOnly() {
        everyStep(
                FrameState::beginExclusive,
                (word, next) -> {
                    boolean may =
                            FrameState.get(word) != REFUSED
                                    && FrameState.any(word, FrameState.UPTODATE)
                                    && !FrameState.any(
                                            word,
                                            FrameState.EXCLUSIVE | FrameState.SHARED_EXCLUSIVE);
                    return may == (next != REFUSED) ? null : "beginExclusive";
                });
    }

    @Test
    void shouldStayDirtyWhenRedirtiedOrFailedUnderWriteback() { // S0.6
        long writing =
                FrameState.beginWriteback(word(1, 0, FrameState.UPTODATE | FrameState.DIRTY));
        assertThat(FrameState.any(writing, FrameState.DIRTY)).isFalse();
        assertThat(FrameState.endWriteback(writing)).isEqualTo(word(1, 0, FrameState.UPTODATE));
        assertThat(FrameState.failWriteback(writing))
                .isEqualTo(word(1, 0, FrameState.UPTODATE | FrameState.DIRTY));
        assertThat(FrameState.endWriteback(writing | FrameState.REDIRTIED))
                .isEqualTo(word(1, 0, FrameState.UPTODATE | FrameState.DIRTY));
    }

    @Test
    void shouldLockReadersOutOnlyWhileAPageUnderWritebackIsStamped() {
        long dirty = word(1, 0, FrameState.UPTODATE | FrameState.DIRTY);
        long writing = FrameState.beginWriteback(dirty);
        long stamping = FrameState.beginStamp(writing);
        assertThat(stamping)
                .isEqualTo(
                        word(
                                1,
                                0,
                                FrameState.UPTODATE | FrameState.WRITEBACK | FrameState.EXCLUSIVE));
        assertThat(FrameState.endStamp(stamping | FrameState.WAITERS)).isEqualTo(writing);
        assertThat(FrameState.beginStamp(dirty)).isEqualTo(FrameState.REFUSED);
        assertThat(FrameState.beginStamp(stamping)).isEqualTo(FrameState.REFUSED);
        assertThat(FrameState.endStamp(writing)).isEqualTo(FrameState.REFUSED);
        assertThat(FrameState.endStamp(FrameState.beginExclusive(dirty)))
                .as("a writer's latch")
                .isEqualTo(FrameState.REFUSED);
    }

    @Test
    void shouldBeginToMoveOnlyAPageThatNobodyIsIn() { // S3.1
        everyStep(
                FrameState::beginMove,
                (word, next) -> {
                    boolean may =
                            FrameState.refs(word) > 0
                                    && FrameState.refs(word) < FrameState.REFS_MAX
                                    && FrameState.pins(word) == 0
                                    && FrameState.any(word, FrameState.UPTODATE)
                                    && !FrameState.any(
                                            word,
                                            FrameState.LOCKED
                                                    | FrameState.WRITEBACK
                                                    | FrameState.EXCLUSIVE
                                                    | FrameState.SHARED_EXCLUSIVE
                                                    | FrameState.FROZEN);
                    return may == (next != REFUSED) ? null : "beginMove";
                });
    }

    @Test
    void shouldFreezeOnlyAPageThatNobodyElseHasToMoveIt() { // S3.1, S3.3
        everyStep(
                FrameState::freezeToMove,
                (word, next) -> {
                    int refs = FrameState.any(word, FrameState.PRIVATE) ? 3 : 2;
                    boolean may =
                            FrameState.refs(word) == refs
                                    && FrameState.pins(word) == 0
                                    && FrameState.any(word, FrameState.LOCKED)
                                    && FrameState.any(word, FrameState.UPTODATE)
                                    && FrameState.any(word, FrameState.LRU)
                                    && !FrameState.any(
                                            word,
                                            FrameState.WRITEBACK
                                                    | FrameState.EXCLUSIVE
                                                    | FrameState.SHARED_EXCLUSIVE
                                                    | FrameState.FROZEN);
                    if (may != (next != REFUSED)) {
                        return "freezeToMove";
                    }
                    return !may || FrameState.unfreeze(next, refs) == word ? null : "restores";
                });
    }

    @Test
    void shouldTakeAlongWhatIsThePagesAndLeaveWhatIsTheFrames() { // S3.8
        assertThat(FrameState.moveIn(word(1, 0, 0), MOVING))
                .isEqualTo(
                        word(
                                2,
                                0,
                                FrameState.LOCKED
                                        | FrameState.UPTODATE
                                        | FrameState.DIRTY
                                        | FrameState.PRIVATE));
        assertThat(FrameState.moveIn(word(2, 1, 0), FrameState.FROZEN | FrameState.UPTODATE))
                .as("somebody holds it through a stale slot")
                .isEqualTo(word(2, 1, FrameState.LOCKED | FrameState.UPTODATE));
        assertThat(FrameState.moveIn(0, MOVING)).isEqualTo(REFUSED);
        assertThat(FrameState.moveOut(MOVING)).as("on a list").isEqualTo(REFUSED);
        assertThat(FrameState.moveOut(MOVING & ~FrameState.LRU)).isEqualTo(FrameState.FROZEN);
        assertThat(FrameState.moveOut(word(1, 0, FrameState.UPTODATE))).isEqualTo(REFUSED);
    }

    @Test
    void shouldNameCountsAndFlags() {
        assertThat(FrameState.describe(word(2, 1, FrameState.UPTODATE | FrameState.DIRTY)))
                .isEqualTo("[refs 2, pins 1, UPTODATE DIRTY]");
        assertThat(FrameState.describe(0)).isEqualTo("[refs 0, pins 0]");
        assertThat(FrameState.flagNames(ALL_FLAGS).split(" ", -1)).hasSize(FLAG_COUNT);
    }
}
