package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.Running;
import dev.quire.pagecache.lru.Policies;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.atomic.AtomicBoolean;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ImageMemoryTest {
    private static final int FRAMES = 64;

    private final PageAllocator allocator =
            PageAllocator.create(
                    AllocatorConfig.builder().capacityBytes(FRAMES * 4096).pageBytes(4096).build());
    private final ImageMemory memory =
            new CacheContext(
                            allocator,
                            Policies.RTQ.over(allocator.frames()),
                            Thread.ofVirtual().factory())
                    .images();

    @AfterEach
    void close() {
        allocator.drainDeferred();
        allocator.verify();
        assertThat(allocator.freeFrames()).isEqualTo(FRAMES);
        allocator.close();
    }

    /** What is counted is what was taken, also when the limit moves between the two. */
    @Test
    void shouldCountWhatIsTakenWhileTheCacheIsResized() throws Exception {
        memory.limit(50, 0);
        AtomicBoolean over = new AtomicBoolean();
        Running<Boolean> resizer =
                Running.run(
                        () -> {
                            for (int i = 0; !over.get(); i++) {
                                memory.resize(i % 2 == 0 ? 2 : FRAMES); // 1 image, or 32
                            }
                        });
        for (int i = 0; i < 300_000; i++) {
            int first = memory.take();
            int second = memory.take();
            giveBack(second);
            giveBack(first);
        }
        over.set(true);
        resizer.get();
        assertThat(memory.toString()).startsWith("ImageMemory[framesUsed=0,");
    }

    private void giveBack(int taken) {
        if (taken != ImageMemory.NONE) {
            memory.give(taken);
        }
    }
}
