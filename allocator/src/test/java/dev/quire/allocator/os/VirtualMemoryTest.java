package dev.quire.allocator.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
