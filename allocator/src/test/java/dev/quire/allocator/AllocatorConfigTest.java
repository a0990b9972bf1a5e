package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocatorConfigTest {
    private static void expectRefusal(AllocatorConfig.Builder builder, String message) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 2048, 4097, 12288, 131072})
    void shouldRefuseAPageSize(int pageBytes) {
        expectRefusal(
                AllocatorConfig.builder().pageBytes(pageBytes),
                "page size must be a power of two in 4096..65536: pageBytes=" + pageBytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 4095})
    void shouldRefuseACapacityWithoutAFrame(long capacityBytes) {
        expectRefusal(
                AllocatorConfig.builder().capacityBytes(capacityBytes),
                "capacity must be at least one page of 4096 bytes: capacityBytes=" + capacityBytes);
    }

    @Test
    void shouldRefuseMoreFramesThanAnIntNumbers() {
        AllocatorConfig.Builder builder = AllocatorConfig.builder();
        assertThat(builder.capacityBytes(4096L << 30).build().capacityFrames()).isEqualTo(1 << 30);
        long tooMuch = (4096L << 30) + 4096;
        expectRefusal(
                builder.capacityBytes(tooMuch),
                "capacity must be at most 2^30 pages of 4096 bytes: capacityBytes=" + tooMuch);
        expectRefusal(
                builder.capacityBytes(Long.MAX_VALUE),
                "capacity must be at most 2^30 pages of 4096 bytes: capacityBytes="
                        + Long.MAX_VALUE);
    }

    @Test
    void shouldRefuseWatermarksOutOfOrder() {
        AllocatorConfig.Builder builder = AllocatorConfig.builder().capacityBytes(16 * 4096);
        expectRefusal(
                builder.watermarksFrames(5, 4, 8),
                "watermarks must be 0 <= min <= low <= high <= capacity: min=5, low=4, high=8,"
                        + " capacity=16 frames");
        assertThatThrownBy(builder.watermarksFrames(0, 0, 17)::build)
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(builder.watermarksFrames(-1, 0, 8)::build)
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(builder.watermarksFrames(0, 0, 0).build().capacityFrames()).isEqualTo(16);
    }

    @Test
    void shouldCountFramesOfTheLargestRegionInAnInt() {
        AllocatorConfig.Builder builder = AllocatorConfig.builder().pageBytes(64 << 10);
        long most = 64L << 40;
        assertThat(builder.capacityBytes(most).build().capacityFrames()).isEqualTo(1 << 30);
        assertThat(builder.capacityBytes(most + 65535).build().capacityFrames()).isEqualTo(1 << 30);
        expectRefusal(
                builder.capacityBytes(most + 65536),
                "capacity must be at most 2^30 pages of 65536 bytes: capacityBytes="
                        + (most + 65536));
    }

    @Test
    void shouldRefuseToRequireAHugePageOfARegionThatHoldsNone() {
        AllocatorConfig.Builder builder = AllocatorConfig.builder().capacityBytes((2 << 20) - 1);
        assertThat(builder.hugePages(MemoryOption.WANTED).build().hugePages())
                .isEqualTo(MemoryOption.WANTED);
        expectRefusal(
                builder.hugePages(MemoryOption.REQUIRED),
                "capacity must be at least one huge page of 2097152 bytes when hugePages is"
                        + " REQUIRED: capacityBytes=2097151");
        assertThat(builder.capacityBytes(2 << 20).build().capacityFrames()).isEqualTo(512);
    }

    @Test
    void shouldRefuseGenerationsThatHaveNoRoomInAHandle() {
        AllocatorConfig.Builder builder =
                AllocatorConfig.builder().tracking(Tracking.FULL).capacityBytes(4096L << 27);
        assertThat(builder.build().capacityFrames()).isEqualTo(1 << 27);
        expectRefusal(
                builder.capacityBytes((4096L << 27) + 4096),
                "tracking FULL needs 4 bits of a handle for generations, so at most 134217728"
                        + " frames: capacityFrames=134217729");
        assertThat(builder.tracking(Tracking.SAMPLED).build().trackingSample()).isEqualTo(64);
        assertThatThrownBy(() -> builder.trackingSample(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tracking sample must be at least 1: oneIn=0");
    }

    @Test
    void shouldHaveNoFrameCachesInADebugMode() {
        AllocatorConfig.Builder builder = AllocatorConfig.builder().cacheFrames(64);
        assertThat(builder.build().cacheFrames()).isEqualTo(64);
        assertThat(builder.poison(true).build().cacheFrames()).isZero();
        assertThat(builder.poison(false).tracking(Tracking.SAMPLED).build().cacheFrames()).isZero();
    }

    @Test
    void shouldPrintItself() {
        assertThat(AllocatorConfig.builder().build())
                .hasToString(
                        "AllocatorConfig[capacityFrames=16384, pageBytes=4096, hugePages=WANTED,"
                                + " hugetlb=OFF, mlock=OFF, prefault=OFF,"
                                + " cacheFrames=16, poison=false, tracking=OFF,"
                                + " Watermarks[minFrames=32, lowFrames=64, highFrames=96,"
                                + " fixed=false]]");
    }

    @Test
    void shouldTakeNegativeWatermarksForWhatTheyAre() {
        assertThatThrownBy(
                        AllocatorConfig.builder()
                                        .capacityBytes(1 << 16)
                                        .watermarksFrames(-1, -1, -1)
                                ::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("min=-1, low=-1, high=-1, capacity=16");
    }

    @Test
    @SuppressWarnings("NullAway")
    void shouldNameWhatIsNull() {
        AllocatorConfig.Builder builder = AllocatorConfig.builder();
        assertThatThrownBy(() -> builder.hugetlb(null)).hasMessage("hugetlb");
        assertThatThrownBy(() -> builder.tracking(null)).hasMessage("tracking");
        assertThatThrownBy(() -> builder.onLeak(null)).hasMessage("onLeak");
    }
}
