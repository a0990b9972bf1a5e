package dev.quire.faults.scene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.MemoryOption;
import dev.quire.allocator.PageAllocator;
import dev.quire.faults.Resources;
import dev.quire.faults.Scene;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The life of an allocator: its region, blocks of it, and the memory given back. */
public final class AllocatorScene implements Scene {
    private static final int FRAMES = 2048;
    private static final int PAGE_BYTES = 4096;

    private final MemoryOption option;

    /**
     * A life.
     *
     * @param words how much huge, locked and prefaulted memory matters
     */
    public AllocatorScene(String words) {
        option = MemoryOption.valueOf(words);
    }

    @Override
    public void prepare(Path directory) {}

    @Override
    public void act() {
        long before = Resources.regionBytes();
        PageAllocator made;
        try {
            made = PageAllocator.create(config());
        } catch (RuntimeException | Error e) {
            assertThat(Resources.regionBytes()).as("mapped").isEqualTo(before);
            throw e;
        }
        try (PageAllocator allocator = made) {
            use(allocator);
        }
    }

    private AllocatorConfig config() {
        return AllocatorConfig.builder()
                .capacityBytes((long) FRAMES * PAGE_BYTES)
                .pageBytes(PAGE_BYTES)
                .hugePages(option == MemoryOption.REQUIRED ? MemoryOption.WANTED : option)
                .mlock(option)
                .prefault(option)
                .build();
    }

    private static void use(PageAllocator allocator) {
        List<Integer> held = new ArrayList<>();
        try {
            for (int order = 0; order < 6; order++) {
                held.add(allocator.allocate(order));
            }
            int[] batch = new int[64];
            int taken = allocator.allocateBatch(batch, 0, batch.length);
            for (int i = 0; i < taken; i++) {
                held.add(batch[i]);
            }
            allocator.pin(held.getFirst());
            allocator.unpin(held.getFirst());
            for (int frame : held) {
                allocator.segment(frame).fill((byte) frame);
            }
            allocator.trim();
            for (int frame : held) {
                assertThat(allocator.segment(frame).get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
                        .isEqualTo((byte) frame);
            }
        } finally {
            held.forEach(allocator::put);
            allocator.verify();
            assertThat(allocator.freeFrames()).isEqualTo(FRAMES);
        }
    }

    @Override
    public void check(boolean acknowledged) {}

    @Override
    public void actAgain() {
        act();
    }

    @Override
    public void finish() {}

    @Override
    public void abandon() {}
}
