package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What an open file does with its raw file: order and number of calls. */
final class EngineFileTest {
    private static final Path PATH = Path.of("a.db");

    private final AsyncIo io =
            AsyncIo.open(AsyncIoConfig.builder().engine(Engine.CHANNEL).threads(2).build());

    @AfterEach
    void close() throws IOException {
        io.close();
    }

    @Test
    void shouldSyncTheDirectoryOnceAfterCreate() throws IOException {
        ScriptedFile raw = new ScriptedFile(1);
        try (EngineFile file = file(raw, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            file.syncData();
            file.sync();
        }
        assertThat(raw.tries).containsExactly("syncData", "syncDirectory", "sync", "close");
    }

    @Test
    void shouldSyncTheDirectoryAgainWhenThatFailed() throws IOException {
        ScriptedFile raw = new ScriptedFile(1, 1);
        try (EngineFile file = file(raw, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
            assertThatThrownBy(file::sync).isInstanceOf(IoException.class);
            file.sync();
        }
        assertThat(raw.tries)
                .containsExactly("sync", "syncDirectory", "sync", "syncDirectory", "close");
    }

    @Test
    void shouldLeaveTheDirectoryAloneWhenTheFileWasThere() throws IOException {
        ScriptedFile raw = new ScriptedFile(1);
        try (EngineFile file = file(raw, StandardOpenOption.WRITE)) {
            file.sync();
        }
        assertThat(raw.tries).containsExactly("sync", "close");
    }

    @Test
    void shouldSyncNothingByItselfAndCloseTheRawFileOnce() throws IOException {
        ScriptedFile raw = new ScriptedFile(1);
        EngineFile file = file(raw, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        file.close();
        file.close();
        assertThat(raw.tries).containsExactly("close");
    }

    // A descriptor closed under a running call may be another file's when the call gets to it.
    @Test
    void shouldNotCloseTheRawFileWhileACallRuns() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ScriptedFile raw =
                new ScriptedFile(1) {
                    @Override
                    public long read(
                            MemorySegment segment, long offset, long bytes, long position) {
                        entered.countDown();
                        AsyncIoContract.awaitQuietly(go);
                        tries.add("read over");
                        return bytes;
                    }
                };
        EngineFile file = file(raw, StandardOpenOption.READ);
        MemorySegment segment = Arena.ofAuto().allocate(8);
        file.read(segment, 0, (bytes, failure) -> raw.tries.add("completion"));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        Thread closer = Thread.ofPlatform().start(() -> AsyncIoContract.closeQuietly(file));
        AsyncIoContract.awaitWaiting(closer);
        assertThatThrownBy(() -> file.read(segment, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("file is closed: file=a.db");
        go.countDown();
        closer.join();
        assertThat(raw.tries).containsExactly("read over", "completion", "close");
    }

    @Test
    void shouldReportWhatARawFileThrows() {
        ScriptedFile raw =
                new ScriptedFile(1) {
                    @Override
                    public long read(MemorySegment segment, long offset, long bytes, long position)
                            throws IOException {
                        if (position == 0) {
                            throw new IOException("Input/output error");
                        }
                        throw new IllegalStateException("odd");
                    }
                };
        EngineFile file = file(raw, StandardOpenOption.READ);
        MemorySegment segment = Arena.ofAuto().allocate(8);
        assertThatThrownBy(() -> file.read(segment, 0))
                .isInstanceOf(IoException.class)
                .hasMessage("read failed: EIO (5): file=a.db, position=0, length=8");
        assertThatThrownBy(() -> file.read(segment, 8))
                .isInstanceOf(IoException.class)
                .hasRootCauseMessage("odd");
    }

    private EngineFile file(RawFile raw, OpenOption... options) {
        return new EngineFile(io, PATH, OpenMode.of(PATH, Set.of(options)), raw);
    }
}
