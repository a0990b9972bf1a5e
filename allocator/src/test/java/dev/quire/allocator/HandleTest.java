package dev.quire.allocator;

import static dev.quire.allocator.PageAllocator.NO_FRAME;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** With full tracking, a handle of an earlier life of its frame is told from the new owner's. */
class HandleTest extends AllocatorFixture {
    private PageAllocator allocator;

    @BeforeEach
    void createWithHandles() {
        allocator = create(config(8).tracking(Tracking.FULL).watermarksFrames(0, 0, 0));
    }

    /** Everything public that takes a handle and throws for a misuse. */
    enum Use {
        GET {
            @Override
            void apply(PageAllocator allocator, int handle) {
                allocator.get(handle);
            }
        },
        PUT {
            @Override
            void apply(PageAllocator allocator, int handle) {
                allocator.put(handle);
            }
        },
        PIN {
            @Override
            void apply(PageAllocator allocator, int handle) {
                allocator.pin(handle);
            }
        },
        UNPIN {
            @Override
            void apply(PageAllocator allocator, int handle) {
                allocator.unpin(handle);
            }
        },
        TRY_FREEZE {
            @Override
            void apply(PageAllocator allocator, int handle) {
                assertThat(allocator.tryFreeze(handle, 1)).isTrue();
            }
        },
        UNFREEZE {
            @Override
            void apply(PageAllocator allocator, int handle) {
                allocator.unfreeze(handle, 1);
            }
        },
        SEGMENT {
            @Override
            void apply(PageAllocator allocator, int handle) {
                allocator.segment(handle).fill((byte) 0);
            }
        },
        ADDRESS {
            @Override
            void apply(PageAllocator allocator, int handle) {
                assertThat(allocator.address(handle)).isPositive();
            }
        },
        ORDER {
            @Override
            void apply(PageAllocator allocator, int handle) {
                assertThat(allocator.order(handle)).isZero();
            }
        },
        REF_COUNT {
            @Override
            void apply(PageAllocator allocator, int handle) {
                assertThat(allocator.refCount(handle)).isPositive();
            }
        },
        PIN_COUNT {
            @Override
            void apply(PageAllocator allocator, int handle) {
                assertThat(allocator.pinCount(handle)).isPositive();
            }
        },
        FRAME {
            @Override
            void apply(PageAllocator allocator, int handle) {
                assertThat(allocator.frame(handle)).isNotNegative();
            }
        };

        abstract void apply(PageAllocator allocator, int handle);
    }

    /** Two lives of one frame: the handle of the first, while the second goes on. */
    private int staleHandle() {
        int first = allocator.allocate(3);
        allocator.put(first);
        int second = allocator.allocate(3);
        assertThat(second).isNotEqualTo(first);
        assertThat(allocator.frame(second)).isZero();
        return first;
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void shouldRefuseAStaleHandleOfAReallocatedFrame(Use use) {
        int stale = staleHandle();
        int current = allocator.frameOf(allocator.address(0));
        allocator.segment(current).fill((byte) 7);
        long word = allocator.frames().word(0);
        assertThatThrownBy(() -> use.apply(allocator, stale))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(
                        "stale handle: frame=F#0/o3 [refs 1, pins 0], generation=1, now 2 (thread ")
                .hasMessageContaining("HandleTest.staleHandle");
        assertThat(badPages).hasSize(1);
        assertThat(badPages.getFirst().rule()).isEqualTo("stale handle");
        assertThat(badPages.getFirst().history())
                .containsSubsequence("found by", "allocated ", "freed before that,");
        assertThat(allocator.frames().word(0)).as("nothing changed").isEqualTo(word);
        assertThat(allocator.segment(current).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        allocator.put(current);
        assertThat(allocator.freeFrames()).isEqualTo(8);
    }

    @Test
    void shouldNotBlameWhoOnlyAsksWhetherABlockIsAlive() {
        int stale = staleHandle();
        assertThat(allocator.tryGet(stale)).isFalse();
        assertThat(allocator.tryPin(stale)).isFalse();
        assertThat(allocator.refCount(0)).isEqualTo(1);
        assertThat(badPages).isEmpty();
        allocator.put(0);
    }

    @Test
    void shouldReportStaleHandlesOfABatchAndPutTheRest() {
        int stale = staleHandle();
        int[] batch = {stale, allocator.frameOf(allocator.address(0)), stale};
        assertThatCode(() -> allocator.putBatch(batch, 0, 3)).doesNotThrowAnyException();
        assertThat(badPages)
                .extracting(BadPageReport::rule)
                .containsOnly("stale handle")
                .hasSize(2);
        assertThat(badPages.getFirst().history()).doesNotContain("PageAllocator");
        assertThat(allocator.freeFrames()).isEqualTo(8);
        assertThat(batch[0]).as("the caller's array is its own").isEqualTo(stale);
    }

    @Test
    void shouldReportAndThrowNothingWhereNothingMayBeThrown() {
        int stale = staleHandle();
        assertThatCode(
                        () -> {
                            allocator.freeFrozen(stale);
                            allocator.freeFrozenBatch(new int[] {stale, stale}, 0, 2);
                            allocator.freeFrozen(Integer.MIN_VALUE);
                            allocator.freeFrozen(-7);
                        })
                .doesNotThrowAnyException();
        assertThat(badPages)
                .extracting(BadPageReport::rule)
                .containsExactly(
                        "stale handle",
                        "stale handle",
                        "stale handle",
                        "free of what is no frame",
                        "free of what is no frame");
        assertThat(badPages.getLast().state()).isEqualTo("frame=-7");
        assertThat(allocator.refCount(0)).isEqualTo(1);
        allocator.put(0);
    }

    @Test
    void shouldCallADoublePutByItsNameWhileTheFrameIsFree() {
        int handle = allocator.allocate(0);
        allocator.put(handle);
        assertThatThrownBy(() -> allocator.put(handle))
                .hasMessageStartingWith("put of a free frame: frame=F#0/free");
    }

    @Test
    void shouldFindAStaleHandleWhoseFrameIsATailNow() {
        int[] frames = new int[2];
        allocator.allocateBatch(frames, 0, 2);
        allocator.putBatch(frames, 0, 2);
        int block = allocator.allocate(1);
        assertThat(allocator.frame(block)).isZero();
        assertThatThrownBy(() -> allocator.put(frames[1]))
                .hasMessageMatching("(?s)(stale handle|put of a tail): frame=F#1/tail.*");
        assertThat(allocator.refCount(block)).isEqualTo(1);
        allocator.put(block);
    }

    @Test
    void shouldTakePlainFrameNumbersAndHandlesOfTailsToo() {
        int handle = allocator.allocate(2);
        int frame = allocator.frame(handle);
        assertThat(allocator.frame(frame)).isEqualTo(frame);
        assertThat(allocator.frame(handle + 3)).isEqualTo(frame + 3);
        assertThat(allocator.frameOf(allocator.address(handle + 3))).isEqualTo(handle + 3);
        assertThat(allocator.frameOf(allocator.segment(handle))).isEqualTo(handle);
        assertThat(allocator.segment(frame)).isEqualTo(allocator.segment(handle));
        assertThat(allocator.frameOf(0L)).isEqualTo(NO_FRAME);
        assertThat(allocator.frame(NO_FRAME)).isEqualTo(NO_FRAME);
        allocator.put(frame);
        assertThat(badPages).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Use.class)
    void shouldRefuseWhatIsNoHandle(Use use) {
        if (use != Use.FRAME) { // which answers it for itself
            assertThatThrownBy(() -> use.apply(allocator, NO_FRAME))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("frame must be 0..7: frame=-1");
        }
        PageAllocator uneven = create(config(6).tracking(Tracking.FULL));
        for (int wrong : new int[] {6, 3 << 3 | 7, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> use.apply(uneven, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("frame must be 0..5: frame=" + wrong);
        }
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldServeTheHooksOfTheCacheWithPlainFrames() {
        allocator.onDeferred(frame -> claimDeferred(allocator, frame));
        int handle = allocator.allocate(0);
        allocator.frames().update(allocator.frame(handle), FrameState::setLru);
        allocator.put(handle);
        assertThat(allocator.stats().deferredFrames()).isEqualTo(1);
        assertThat(allocator.drainDeferred()).isEqualTo(1);
        assertThat(allocator.freeFrames()).isEqualTo(8);
        int frozen = allocator.allocate(0);
        assertThat(allocator.tryFreeze(frozen, 1)).isTrue();
        allocator.freeFrozen(allocator.frame(frozen));
        assertThat(badPages).isEmpty();
    }

    @Test
    void shouldFindEveryStaleHandleOfARandomHistory() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("HandleTest -Dseed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Set<Integer> stale = new HashSet<>();
        Set<Integer> live = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            int handle =
                    random.nextInt(3) == 0 ? NO_FRAME : allocator.tryAllocate(random.nextInt(3));
            if (handle != NO_FRAME) {
                assertThat(handle).isNotNegative().isNotIn(live).isNotIn(stale);
                live.add(handle);
            } else if (!live.isEmpty()) {
                int put = live.stream().skip(random.nextInt(live.size())).findFirst().orElseThrow();
                allocator.put(put);
                live.remove(put);
                stale.add(put);
            }
            for (int dead : stale.stream().skip(Math.max(0, stale.size() - 20)).toList()) {
                assertThat(allocator.tryGet(dead)).as("-Dseed=" + seed).isFalse();
            }
        }
        live.forEach(allocator::put);
    }
}
