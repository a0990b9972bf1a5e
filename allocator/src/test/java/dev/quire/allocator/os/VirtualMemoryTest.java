package dev.quire.allocator.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

class VirtualMemoryTest {
    private final VirtualMemory os = VirtualMemory.open();

    @Test
    void shouldRunWhereIllegalNativeAccessIsDenied() throws Exception {
        // The suite's own command line: without the module's grant every test here would fail.
        String commandLine = Files.readString(Path.of("/proc/self/cmdline"));
        assertThat(commandLine.split("\0", -1))
                .contains(
                        "--illegal-native-access=deny",
                        "--enable-native-access=dev.quire.allocator");
        assertThat(VirtualMemory.class.getModule().getName()).isEqualTo("dev.quire.allocator");
        assertThat(VirtualMemory.class.getModule().isNativeAccessEnabled()).isTrue();
    }

    @Test
    void shouldReserveAlignedZeroedMemoryOfExactlyTheSize() {
        for (long bytes : new long[] {1, 4096, VirtualMemory.HUGE_BYTES, 5_000_000}) {
            MemorySegment memory = os.reserve(bytes);
            assertThat(memory.byteSize()).isEqualTo(bytes);
            assertThat(memory.address() % VirtualMemory.HUGE_BYTES).isZero();
            assertThat(memory.get(ValueLayout.JAVA_BYTE, bytes - 1)).isZero();
            memory.set(ValueLayout.JAVA_BYTE, bytes - 1, (byte) 1);
        }
    }

    @Test
    void shouldReserveFarMoreThanThereIsMemory() {
        MemorySegment memory = os.reserve(1L << 40);
        memory.set(ValueLayout.JAVA_LONG, (1L << 40) - 8, 42);
        assertThat(memory.get(ValueLayout.JAVA_LONG, (1L << 40) - 8)).isEqualTo(42);
        assertThat(os.giveBack(memory.address(), 1L << 40)).isZero();
        assertThat(memory.get(ValueLayout.JAVA_LONG, (1L << 40) - 8)).isZero();
    }

    @Test
    void shouldNameTheErrorAndTheCureWhenRefused() {
        assertThatThrownBy(() -> os.reserve(1L << 60))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("address space refused (ENOMEM): bytes=")
                .hasMessageContaining("ulimit");
    }

    @Test
    void shouldAnswerErrnoOfAdviceThatIsRefused() {
        MemorySegment memory = os.reserve(4096);
        int errno = os.giveBack(memory.address() + 1, 4096);
        assertThat(VirtualMemory.errnoName(errno)).isEqualTo("EINVAL");
        assertThat(VirtualMemory.errnoName(95)).isEqualTo("errno 95");
    }

    @Test
    void shouldPopulateAndCountWhatIsThere() {
        MemorySegment memory = os.reserve(1 << 20);
        assertThat(os.residentBytes(memory.address(), 1 << 20)).isZero();
        assertThat(os.populate(memory.address() + (1 << 16), 1 << 16)).isZero();
        assertThat(os.residentBytes(memory.address(), 1 << 20)).isEqualTo(1 << 16);
        assertThat(os.giveBack(memory.address(), 1 << 20)).isZero();
        assertThat(os.residentBytes(memory.address(), 1 << 20)).isZero();
    }

    @Test
    void shouldAnswerErrnoWhereNothingIsMapped() {
        assertThat(VirtualMemory.errnoName(os.populate(4096, 4096))).isEqualTo("ENOMEM");
        assertThat(VirtualMemory.errnoName(os.lock(4096, 4096))).isEqualTo("ENOMEM");
        assertThat(VirtualMemory.errnoName(os.unlock(4096, 4096))).isEqualTo("ENOMEM");
        assertThat(os.residentBytes(4096, 4096)).isZero();
    }

    @Test
    void shouldGiveLockedMemoryBackByItsOwnAdviceOnly() {
        assumeTrue(
                os.lockLimitBytes() == VirtualMemory.UNLIMITED || os.lockLimitBytes() >= 1 << 16,
                "RLIMIT_MEMLOCK");
        MemorySegment memory = os.reserve(1 << 16).fill((byte) 1);
        long address = memory.address();
        assertThat(os.lock(address, 1 << 16)).isZero();
        assertThat(VirtualMemory.errnoName(os.giveBack(address, 1 << 16))).isEqualTo("EINVAL");
        assertThat(os.giveBackLocked(address, 1 << 16)).isZero();
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        assertThat(os.unlock(address, 1 << 16)).isZero();
        assertThat(os.giveBack(address, 1 << 16)).isZero();
    }

    @Test
    void shouldReserveNothingFromAPoolThatIsTooSmall() {
        assertThat(os.reserveHugetlb(1L << 40)).isNull();
        assertThat(HugePages.pool())
                .matches("free=\\d+ of \\d+, of these reserved=\\d+|the kernel.*");
    }

    @Test
    void shouldUnmapWhatIsReleased() throws Exception {
        MemorySegment memory = os.reserve(3L << 30); // so large that nothing else fits its place
        String start = Long.toHexString(memory.address()) + "-";
        assertThat(Files.readString(Path.of("/proc/self/maps"))).contains(start);
        os.release(memory);
        assertThat(VirtualMemory.errnoName(os.unlock(memory.address(), 3L << 30)))
                .isEqualTo("ENOMEM");
    }

    @Test
    void shouldSayThatAFunctionIsMissing() {
        NativeCall call = NativeCall.bind("quire_has_no_such_function", ValueLayout.JAVA_INT);
        assertThat(VirtualMemory.errnoName((int) -call.call())).isEqualTo("ENOSYS");
    }
}
