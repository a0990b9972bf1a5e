package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;

import org.junit.jupiter.api.Test;

/** Misuse of a block that is free, but kept ready in a frame cache: as of any free one. */
class CachedMisuseTest extends AllocatorFixture {
    @Test
    void shouldRefuseASecondPutOfAFrameThatIsKeptInACache() { // S0.2
        PageAllocator allocator = create(config(1024).cacheFrames(64));
        for (int order = 0; order < 4; order++) {
            int frame = allocator.allocate(order);
            allocator.put(frame);
            long word = allocator.frames().word(frame);
            assertThat(word).isEqualTo(FrameState.SPARE);
            assertThatThrownBy(() -> allocator.put(frame))
                    .hasMessageStartingWith("put of a free frame: frame=F#");
            assertThatThrownBy(() -> allocator.get(frame))
                    .hasMessageStartingWith("get of a free frame: frame=F#");
            assertThatThrownBy(() -> allocator.unpin(frame))
                    .hasMessageStartingWith("unpin of a free frame: frame=F#");
            allocator.putBatch(new int[] {frame}, 0, 1);
            allocator.freeFrozen(frame);
            assertThat(allocator.tryGet(frame)).isFalse();
            assertThat(allocator.tryFreeze(frame, 1)).isFalse();
            assertThat(allocator.frames().word(frame)).as("nothing changed").isEqualTo(word);
        }
        assertThat(badPages).hasSize(20);
        allocator.drainCaches();
        assertThat(allocator.freeFrames()).isEqualTo(1024);
    }
}
