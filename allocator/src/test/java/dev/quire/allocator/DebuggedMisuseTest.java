package dev.quire.allocator;

/** What {@link MisuseTest} demands holds with the debug modes on as well. */
class DebuggedMisuseTest extends MisuseTest {
    @Override
    AllocatorConfig.Builder config(int frameCount) {
        return super.config(frameCount).poison(true).tracking(Tracking.SAMPLED).trackingSample(1);
    }
}
