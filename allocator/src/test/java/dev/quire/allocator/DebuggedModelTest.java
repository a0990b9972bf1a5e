package dev.quire.allocator;

/** The random operations of {@link PageAllocatorModelTest} with the debug modes on. */
class DebuggedModelTest extends PageAllocatorModelTest {
    @Override
    AllocatorConfig.Builder config(int frameCount) {
        return super.config(frameCount).poison(true).tracking(Tracking.SAMPLED).trackingSample(8);
    }
}
