package dev.quire.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.allocator.os.VirtualMemory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

class TrimTest extends AllocatorFixture {
    private static final long HUGE = VirtualMemory.HUGE_BYTES;

    private final VirtualMemory os = VirtualMemory.open();

    private PageAllocator touched(long bytes) {
        PageAllocator allocator = create(config((int) (bytes / 4096)).hugePages(MemoryOption.OFF));
        allocator.region().fill((byte) 7);
        return allocator;
    }

    private long residentBytes(PageAllocator allocator) {
        return os.residentBytes(allocator.address(0), allocator.regionInfo().bytes());
    }

    private static byte firstByte(PageAllocator allocator, int frame) {
        return allocator.region().get(ValueLayout.JAVA_BYTE, (long) frame * allocator.pageBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {4 << 10, 16 << 10, 64 << 10})
    void shouldGiveFreeHugePagesBackAndReadThemAsZero(int pageBytes) {
        PageAllocator allocator =
                create(config(4096).pageBytes(pageBytes).hugePages(MemoryOption.OFF));
        allocator.region().fill((byte) 7);
        assertThat(allocator.trim()).isEqualTo(new TrimReport(8 * HUGE, 1, 0));
        assertThat(residentBytes(allocator)).isZero();
        assertThat(firstByte(allocator, allocator.frameCount() - 1)).isZero();
        assertThat(allocator.freeFrames()).isEqualTo(allocator.frameCount());
        assertThat(allocator.buddyInfo().largestFreeOrder())
                .isEqualTo(
                        Math.min(
                                PageAllocator.ORDER_MAX,
                                31 - Integer.numberOfLeadingZeros(allocator.frameCount())));
    }

    @Test
    void shouldCountOnlyWhatWasThere() {
        PageAllocator allocator = create(config(2048).hugePages(MemoryOption.OFF));
        assertThat(allocator.trim().bytes()).isZero();
        int frame = allocator.allocate(0);
        allocator.segment(frame).fill((byte) 1);
        allocator.put(frame);
        assertThat(allocator.trim().bytes()).isEqualTo(os.pageBytes());
        assertThat(allocator.trim().bytes()).isZero();
    }

    @Test
    void shouldLeaveHugePagesAloneThatAreInUseInPart() {
        PageAllocator allocator = touched(4 * HUGE);
        int[] frames = new int[2048];
        assertThat(allocator.allocateBatch(frames, 0, 2048)).isEqualTo(2048);
        for (int frame = 0; frame < 2048; frame++) {
            if (frame != 700) { // in the second of four
                allocator.put(frame);
            }
        }
        assertThat(allocator.trim()).isEqualTo(new TrimReport(3 * HUGE, 1, 0));
        assertThat(residentBytes(allocator)).isEqualTo(HUGE);
        assertThat(firstByte(allocator, 512)).isEqualTo((byte) 7);
        assertThat(firstByte(allocator, 700)).isEqualTo((byte) 7);
        assertThat(firstByte(allocator, 1024)).isZero();
        allocator.put(700);
    }

    @Test
    void shouldNotTakeTheReserveNotEvenForAMoment() {
        PageAllocator allocator =
                create(config(1024).hugePages(MemoryOption.OFF).watermarksFrames(600, 600, 600));
        allocator.region().fill((byte) 7);
        assertThat(allocator.trim().bytes()).isZero();
    }

    @Test
    void shouldAnswerBusyForARegisteredSlabAndKeepItsPhysicalPages() throws Exception {
        PageAllocator allocator = touched(2 * HUGE);
        long address = allocator.address(513);
        long page = ProcSelf.physicalPage(address);
        SlabRegistration registration = allocator.registerSlab(0);
        assertThat(registration.memory().address()).isEqualTo(allocator.address(0));
        assertThat(registration.memory().byteSize()).isEqualTo(2 * HUGE);
        assertThat(registration).hasToString("SlabRegistration[slab 0, registrations=1]");

        assertThat(allocator.trim()).isEqualTo(new TrimReport(0, 0, 1));
        assertThat(firstByte(allocator, 513)).isEqualTo((byte) 7);
        assertThat(residentBytes(allocator)).isEqualTo(2 * HUGE);
        assertThat(ProcSelf.physicalPage(address)).isEqualTo(page);

        registration.close();
        assertThat(registration).hasToString("SlabRegistration[slab 0, registrations=0, closed]");
        assertThat(allocator.trim()).isEqualTo(new TrimReport(2 * HUGE, 1, 0));
        assertThat(firstByte(allocator, 513)).isZero();
        assumeTrue(page != 0, "physical page numbers are hidden: needs CAP_SYS_ADMIN");
        assertThat(ProcSelf.physicalPage(address)).isNotEqualTo(page);
    }

    @Test
    void shouldStayBusyUntilTheLastOfSeveralRegistrationsIsClosedOnce() {
        PageAllocator allocator = touched(HUGE);
        SlabRegistration first = allocator.registerSlab(0);
        SlabRegistration second = allocator.registerSlab(0);
        first.close();
        first.close(); // drops nobody else's
        assertThat(allocator.trim()).isEqualTo(new TrimReport(0, 0, 1));
        second.close();
        assertThat(allocator.trim()).isEqualTo(new TrimReport(HUGE, 1, 0));
    }

    @Test
    void shouldWaitWithARegistrationWhileTheSlabIsBeingTrimmed() throws Exception {
        Region region = Region.reserve(config(512).build());
        Slab slab = region.slabs().getFirst();
        AtomicReference<SlabRegistration> registered = new AtomicReference<>();
        Thread ring = new Thread(() -> registered.set(slab.register()));
        try (Slab.Idle trim = slab.tryIdle()) {
            assertThat(trim).isNotNull();
            assertThat(slab.tryIdle()).isNull();
            ring.start();
            while (ring.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            assertThat(registered).hasNullValue();
        }
        ring.join();
        assertThat(slab.tryIdle()).isNull();
        // By another thread than the one that registered.
        registered.get().close();
        try (Slab.Idle trim = slab.tryIdle()) {
            assertThat(trim).isNotNull();
        }
    }

    @Test
    void shouldCutTheRegionIntoSlabsOfAGibibyte() {
        PageAllocator allocator =
                create(
                        AllocatorConfig.builder()
                                .pageBytes(64 << 10)
                                .capacityBytes((2L << 30) + HUGE)
                                .hugePages(MemoryOption.OFF));
        assertThat(allocator.slabCount()).isEqualTo(3);
        for (int slab = 0; slab < 3; slab++) {
            try (SlabRegistration registration = allocator.registerSlab(slab)) {
                assertThat(registration.slab()).isEqualTo(slab);
                assertThat(registration.memory().address())
                        .isEqualTo(allocator.address(0) + ((long) slab << 30));
                assertThat(registration.memory().byteSize()).isEqualTo(slab < 2 ? 1 << 30 : HUGE);
            }
        }
        MemorySegment all = allocator.region();
        for (long slab = 0; slab < 3; slab++) {
            all.set(ValueLayout.JAVA_BYTE, slab << 30, (byte) 7);
        }
        try (SlabRegistration registration = allocator.registerSlab(1)) {
            assertThat(allocator.trim()).isEqualTo(new TrimReport(2L * os.pageBytes(), 2, 1));
            assertThat(registration.memory().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 7);
        }
    }

    @Test
    void shouldRefuseASlabThatIsNotThere() {
        PageAllocator allocator = create(8);
        assertThatThrownBy(() -> allocator.registerSlab(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("slab must be 0..0: slab=1");
        assertThatThrownBy(() -> allocator.registerSlab(-1))
                .isInstanceOf(IllegalArgumentException.class);
        allocator.close();
        assertThatThrownBy(allocator::trim).hasMessage("the allocator is closed");
        assertThatThrownBy(() -> allocator.registerSlab(0)).hasMessage("the allocator is closed");
    }

    @Test
    void shouldKeepTheMemoryOfARegisteredSlabAtClose() throws Exception {
        PageAllocator allocator = touched(HUGE);
        long page = ProcSelf.physicalPage(allocator.address(9));
        try (SlabRegistration registration = allocator.registerSlab(0)) {
            allocator.close();
            assertThat(registration.memory().get(ValueLayout.JAVA_BYTE, 9 * 4096))
                    .isEqualTo((byte) 7);
            assertThat(ProcSelf.physicalPage(allocator.address(9))).isEqualTo(page);
        }
    }

    @Test
    void shouldNotDisturbThoseWhoAllocateMeanwhile() throws Exception {
        long first = Long.getLong("seed", System.nanoTime());
        System.out.println("TrimTest -Dseed=" + first);
        PageAllocator allocator = create(config(4096).hugePages(MemoryOption.OFF));
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<?>[] users = new CompletableFuture<?>[2];
        for (int user = 0; user < users.length; user++) {
            long seed = first + user;
            users[user] = CompletableFuture.runAsync(() -> use(allocator, seed));
        }
        CompletableFuture<Long> trims =
                CompletableFuture.supplyAsync(
                        () -> {
                            long bytes = 0;
                            while (!done.get()) {
                                bytes += allocator.trim().bytes();
                            }
                            return bytes;
                        },
                        task -> new Thread(task).start());
        try {
            CompletableFuture.allOf(users).join();
        } finally {
            done.set(true);
        }
        assertThat(trims.join()).as("-Dseed=" + first).isPositive();
        assertThat(allocator.freeFrames()).isEqualTo(4096);
        assertThat(badPages).isEmpty();
    }

    /** Holds a few stamped blocks at a time and finds each as it left it. */
    private static void use(PageAllocator allocator, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] held = new int[8];
        Arrays.fill(held, PageAllocator.NO_FRAME);
        for (int step = 0; step < 20_000; step++) {
            int slot = random.nextInt(held.length);
            if (held[slot] == PageAllocator.NO_FRAME) {
                held[slot] = allocator.tryAllocate(random.nextInt(10));
                if (held[slot] != PageAllocator.NO_FRAME) {
                    stamp(allocator, held[slot], seed + slot);
                }
            } else {
                drop(allocator, held[slot], seed + slot);
                held[slot] = PageAllocator.NO_FRAME;
            }
        }
        for (int slot = 0; slot < held.length; slot++) {
            if (held[slot] != PageAllocator.NO_FRAME) {
                drop(allocator, held[slot], seed + slot);
            }
        }
    }

    private static void stamp(PageAllocator allocator, int head, long value) {
        MemorySegment block = allocator.segment(head);
        block.set(ValueLayout.JAVA_LONG, 0, value);
        block.set(ValueLayout.JAVA_LONG, block.byteSize() - 8, value);
    }

    private static void drop(PageAllocator allocator, int head, long value) {
        MemorySegment block = allocator.segment(head);
        assertThat(block.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(value);
        assertThat(block.get(ValueLayout.JAVA_LONG, block.byteSize() - 8)).isEqualTo(value);
        allocator.put(head);
    }
}
