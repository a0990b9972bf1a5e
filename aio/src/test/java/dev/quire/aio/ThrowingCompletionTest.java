package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quire.aio.os.UringSupport;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a completion throws goes no further, even when it cannot be logged. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ThrowingCompletionTest {
    @TempDir private Path directory;

    @ParameterizedTest
    @EnumSource(names = {"URING", "THREAD_POOL", "CHANNEL"})
    void shouldGoOnAfterAThrowableThatCannotBeLogged(Engine engine) throws Exception {
        assumeTrue(
                engine != Engine.URING || UringSupport.refusal().isEmpty(),
                () -> UringSupport.refusal().orElse(""));
        Path path = Files.write(directory.resolve("file"), new byte[100]);
        MemorySegment segment = Arena.ofAuto().allocate(100);
        Tally tally = new Tally(1);
        AsyncIo io =
                AsyncIo.open(
                        AsyncIoConfig.builder().engine(engine).queueDepth(4).threads(1).build());
        AsyncFile file = io.open(path);
        file.read(
                segment,
                0,
                (bytes, failure) -> {
                    throw new Mute();
                });
        file.read(segment, 0, tally);
        tally.await(); // before the close, which would wait for ever
        file.close();
        io.close();
        assertThat(tally.bytes).containsExactly(100L);
        assertThat(io.stats().completionsThrown()).isOne();
    }

    private static final class Mute extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new StackOverflowError("no message");
        }
    }
}
