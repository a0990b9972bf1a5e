package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.allocator.os.HugePages;
import dev.quire.allocator.os.VirtualMemory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Options that the system grants. */
class RegionOptionsTest extends AllocatorFixture {
    private static final long BYTES = 16L << 20;
    private static final int FRAMES = (int) (BYTES / 4096);

    private final VirtualMemory os = VirtualMemory.open();

    private long residentBytes(PageAllocator allocator) {
        return os.residentBytes(allocator.address(0), allocator.regionInfo().bytes());
    }

    /** Skips where the process may not lock so much. */
    private PageAllocator createLocked(AllocatorConfig.Builder config) {
        PageAllocator allocator = create(config.mlock(MemoryOption.WANTED));
        assumeTrue(
                allocator.regionInfo().locked(),
                "RLIMIT_MEMLOCK=" + os.lockLimitBytes() + " bytes forbids to lock");
        return allocator;
    }

    @Test
    void shouldProvideNothingBeforeItIsTouched() {
        PageAllocator allocator = create(config(FRAMES).hugePages(MemoryOption.OFF));
        assertThat(allocator.regionInfo())
                .isEqualTo(new RegionInfo(BYTES, false, false, false, false));
        assertThat(residentBytes(allocator)).isZero();
        int frame = allocator.allocate(0);
        allocator.segment(frame).fill((byte) 1);
        assertThat(residentBytes(allocator)).isEqualTo(os.pageBytes());
        allocator.put(frame);
    }

    @ParameterizedTest
    @ValueSource(ints = {4 << 10, 16 << 10, 64 << 10})
    void shouldProvideEverythingBeforeItIsUsedWhenPrefaulting(int pageBytes) throws Exception {
        PageAllocator allocator =
                create(
                        config(FRAMES)
                                .pageBytes(pageBytes)
                                .hugePages(MemoryOption.OFF)
                                .prefault(MemoryOption.REQUIRED));
        assertThat(allocator.regionInfo())
                .isEqualTo(new RegionInfo(BYTES, false, false, false, true));
        assertThat(residentBytes(allocator)).isEqualTo(BYTES);
        assertThat(ProcSelf.mappingBytes(allocator.address(0), "Rss"))
                .isGreaterThanOrEqualTo(BYTES);
        allocator.close();
        assertThat(residentBytes(allocator)).isZero();
    }

    @Test
    void shouldUseHugePagesWhereTheSystemHeedsTheAdvice() throws Exception {
        assumeTrue(HugePages.adviceIsHeeded(), "transparent huge pages are switched off");
        PageAllocator allocator =
                create(
                        config(FRAMES)
                                .hugePages(MemoryOption.REQUIRED)
                                .prefault(MemoryOption.WANTED));
        assertThat(allocator.regionInfo())
                .isEqualTo(new RegionInfo(BYTES, true, false, false, true));
        // Not all of them: the system may be short of huge pages.
        assertThat(ProcSelf.mappingBytes(allocator.address(0), "AnonHugePages"))
                .isGreaterThanOrEqualTo(VirtualMemory.HUGE_BYTES);
    }

    @Test
    void shouldLockWhatIsTouchedAndProvideNothingForIt() throws Exception {
        long before = ProcSelf.statusBytes("VmLck");
        PageAllocator allocator = createLocked(config(FRAMES).hugePages(MemoryOption.OFF));
        assertThat(ProcSelf.statusBytes("VmLck") - before).isEqualTo(BYTES);
        assertThat(residentBytes(allocator)).isZero();
        int held = allocator.allocate(0);
        allocator.segment(held).fill((byte) 1);
        assertThat(ProcSelf.mappingBytes(allocator.address(held), "Locked"))
                .isEqualTo(os.pageBytes());
        allocator.close();
        assertThat(ProcSelf.statusBytes("VmLck")).isEqualTo(before);
        assertThat(allocator.segment(held).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 1);
        allocator.put(held);
    }

    @Test
    void shouldTrimLockedMemoryWhichStaysLocked() throws Exception {
        PageAllocator allocator = createLocked(config(FRAMES).prefault(MemoryOption.WANTED));
        assertThat(residentBytes(allocator)).isEqualTo(BYTES);
        assertThat(allocator.trim()).isEqualTo(new TrimReport(BYTES, 1, 0));
        assertThat(residentBytes(allocator)).isZero();
        assertThat(ProcSelf.statusBytes("VmLck")).isGreaterThanOrEqualTo(BYTES);
        allocator.close();
        assertThat(residentBytes(allocator)).isZero();
    }

    @Test
    void shouldTakeAllOfItFromThePoolAndGiveItBackAtClose() throws Exception {
        try (HugePool pool = HugePool.with(9)) {
            long unused = pool.unused();
            // Half a huge page more than 8: rounded up.
            PageAllocator allocator = create(config(FRAMES + 256).hugetlb(MemoryOption.REQUIRED));
            assertThat(allocator.regionInfo())
                    .isEqualTo(new RegionInfo(BYTES + (1 << 20), false, true, true, true));
            assertThat(pool.unused()).isEqualTo(unused - 9);
            assertThat(ProcSelf.mappingBytes(allocator.address(0), "KernelPageSize"))
                    .isEqualTo(VirtualMemory.HUGE_BYTES);

            MemorySegment all = allocator.region();
            all.fill((byte) 7);
            assertThat(allocator.trim()).isEqualTo(new TrimReport(0, 0, 0));
            assertThat(all.get(ValueLayout.JAVA_BYTE, BYTES - 1)).isEqualTo((byte) 7);

            // The huge page that somebody still has a frame of is kept, the others go.
            int held = 700;
            takeAllPutAllBut(allocator, held);
            allocator.close();
            assertThat(pool.unused()).isEqualTo(unused - 1);
            assertThat(all.get(ValueLayout.JAVA_BYTE, held * 4096L)).isEqualTo((byte) 7);
            assertThat(all.get(ValueLayout.JAVA_BYTE, VirtualMemory.HUGE_BYTES))
                    .isEqualTo((byte) 7);
            assertThat(all.get(ValueLayout.JAVA_BYTE, 0)).isZero();
            assertThat(all.get(ValueLayout.JAVA_BYTE, 2 * VirtualMemory.HUGE_BYTES)).isZero();
            assertThat(all.get(ValueLayout.JAVA_BYTE, all.byteSize() - 1)).isZero();
            all.set(ValueLayout.JAVA_BYTE, all.byteSize() - 1, (byte) 1);
            allocator.put(held);
            os.giveBackHugetlb(allocator.address(512), VirtualMemory.HUGE_BYTES);
        }
    }

    /** Leaves one certain frame allocated. */
    private static void takeAllPutAllBut(PageAllocator allocator, int held) {
        int[] frames = new int[allocator.frameCount()];
        assertThat(allocator.allocateBatch(frames, 0, frames.length)).isEqualTo(frames.length);
        for (int frame : frames) {
            if (frame != held) {
                allocator.put(frame);
            }
        }
    }

    @Test
    void shouldNameThePoolThatDoesNotHaveEnough() {
        assertThatThrownBy(
                        () ->
                                PageAllocator.create(
                                        AllocatorConfig.builder()
                                                .pageBytes(64 << 10)
                                                .capacityBytes(64L << 30)
                                                .hugetlb(MemoryOption.REQUIRED)
                                                .build()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching(
                        "hugetlb memory refused: pages of 2 MiB=32768, .*; raise vm.nr_hugepages"
                                + " by 32768, or configure hugetlb\\(OFF\\)");
    }
}
