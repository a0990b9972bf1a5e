package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.UringSupport;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The administrator has switched io_uring off. For the whole machine, so only for moments. */
final class RingSysctlTest {
    private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");

    @Test
    void shouldNameTheSysctlAndWorkWithAnotherEngine() throws IOException {
        assumeTrue(Files.isWritable(DISABLED), "kernel.io_uring_disabled needs Linux 6.6 and root");
        assumeTrue(UringSupport.refusal().isEmpty(), () -> UringSupport.refusal().orElse(""));
        String before = Files.readString(DISABLED).strip();
        AsyncIoConfig forced = AsyncIoConfig.builder().engine(Engine.URING).build();
        AsyncIoConfig any = AsyncIoConfig.builder().build();
        Optional<String> refusal;
        try {
            Files.writeString(DISABLED, "2");
            refusal = UringSupport.refusal();
            assertThatThrownBy(() -> AsyncIo.open(forced))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("engine does not work here: engine=URING: ")
                    .hasMessageEndingWith(refusal.orElseThrow());
            try (AsyncIo io = AsyncIo.open(any)) {
                assertThat(io.engine()).isEqualTo(Engine.THREAD_POOL);
            }
        } finally {
            Files.writeString(DISABLED, before);
        }
        assertThat(refusal.orElseThrow())
                .startsWith("io_uring_setup refused: EPERM (1); set kernel.io_uring_disabled to 0")
                .contains("(now 2)");
        AsyncIo.open(forced).close();
    }
}
