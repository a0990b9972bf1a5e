package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.os.Errno;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;

final class TransferTest {
    private static final Path PATH = Path.of("a.db");

    private final LongAdder resumed = new LongAdder();
    private final MemorySegment segment = Arena.ofAuto().allocate(100);

    @Test
    void shouldResumeAShortReadUntilAllIsThere() throws IOException {
        ScriptedFile raw = new ScriptedFile(1, 30, 50, 20);
        assertThat(one(raw, false, segment, 1000)).isEqualTo(100);
        assertThat(raw.tries)
                .containsExactly("read 0+100@1000", "read 30+70@1030", "read 80+20@1080");
        assertThat(resumed.sum()).isEqualTo(2);
    }

    @Test
    void shouldEndAReadAtTheEndOfTheFile() throws IOException {
        assertThat(one(new ScriptedFile(1, 30, 0), false, segment, 0)).isEqualTo(30);
        assertThat(one(new ScriptedFile(1, 0), false, segment, 0)).isZero();
    }

    @Test
    void shouldNotAskAgainInsideABlockWhenADirectReadMeetsTheEnd() throws IOException {
        ScriptedFile raw = new ScriptedFile(10, 20, 7);
        assertThat(one(raw, false, segment, 0)).isEqualTo(27);
        assertThat(raw.tries).hasSize(2);
    }

    @Test
    void shouldWriteAPartialBlockAgainWhenADirectWriteIsShort() throws IOException {
        ScriptedFile raw = new ScriptedFile(10, 25, 80);
        assertThat(one(raw, true, segment, 0)).isEqualTo(100);
        assertThat(raw.tries).containsExactly("write 0+100@0", "write 20+80@20");
    }

    @Test
    void shouldFailAWriteThatMakesNoProgress() {
        assertThatThrownBy(() -> one(new ScriptedFile(1, 40, 0), true, segment, 7))
                .isInstanceOf(IoException.class)
                .hasMessage(
                        "write failed: no progress, the system wrote 0 of 60 bytes: file=a.db,"
                                + " position=7, length=100");
        assertThatThrownBy(() -> one(new ScriptedFile(10, 9), true, segment, 0))
                .hasMessageContaining("no progress");
    }

    @Test
    void shouldTryAgainWhenInterruptedOrOutOfRequests() throws IOException {
        ScriptedFile raw = new ScriptedFile(1, -Errno.EINTR, -Errno.EAGAIN, 60, -Errno.EINTR, 40);
        assertThat(one(raw, true, segment, 0)).isEqualTo(100);
        assertThat(raw.tries).hasSize(5);
    }

    @Test
    void shouldGiveUpWhenTheKernelStaysOutOfRequests() {
        ScriptedFile raw = new ScriptedFile(1);
        for (int i = 0; i <= Transfer.AGAIN_TRIES_MAX; i++) {
            raw.script.add((long) -Errno.EAGAIN);
        }
        assertThatThrownBy(() -> one(raw, false, segment, 0))
                .isInstanceOfSatisfying(
                        IoException.class,
                        e -> {
                            assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                            assertThat(e.retryCanHelp()).isTrue();
                        });
        assertThat(raw.script).isEmpty();
    }

    @Test
    void shouldKeepTheInterruptFlagWhenItPauses() throws IOException {
        Thread.currentThread().interrupt();
        assertThat(one(new ScriptedFile(1, -Errno.EAGAIN, 100), false, segment, 0)).isEqualTo(100);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldMakeEachTryOfADataSyncWriteDurable() throws IOException {
        ScriptedFile raw = new ScriptedFile(1, 30, 70);
        assertThat(one(raw, true, segment, 0, WriteDurability.DATA_SYNC)).isEqualTo(100);
        assertThat(raw.tries).containsExactly("write 0+100@0 dsync", "write 30+70@30 dsync");
    }

    @Test
    void shouldSyncOnceAfterTheLastTryOfAWriteThenSync() throws IOException {
        ScriptedFile raw = new ScriptedFile(1, 30, 70);
        assertThat(one(raw, true, segment, 0, WriteDurability.WRITE_THEN_SYNC)).isEqualTo(100);
        assertThat(raw.tries).containsExactly("write 0+100@0", "write 30+70@30", "syncData");
    }

    @Test
    void shouldNotSyncWhenTheWriteFailed() {
        ScriptedFile raw = new ScriptedFile(1, 30, -Errno.EIO);
        assertThatThrownBy(() -> one(raw, true, segment, 0, WriteDurability.WRITE_THEN_SYNC))
                .isInstanceOf(IoException.class);
        assertThat(raw.tries).doesNotContain("syncData");
    }

    // S2.6: an error after a part was moved hides the part.
    @Test
    void shouldReportTheErrorAndNoPartialCount() {
        assertThatThrownBy(() -> one(new ScriptedFile(1, 30, -Errno.EIO), false, segment, 5))
                .isInstanceOfSatisfying(
                        IoException.class,
                        e -> {
                            assertThat(e.operation()).isEqualTo("read");
                            assertThat(e.path()).isEqualTo(PATH);
                            assertThat(e.position()).isEqualTo(5);
                            assertThat(e.length()).isEqualTo(100);
                            assertThat(e.errnoName()).isEqualTo("EIO");
                            assertThat(e.retryCanHelp()).isFalse();
                        })
                .hasMessage("read failed: EIO (5): file=a.db, position=5, length=100");
    }

    @Test
    void shouldGoOnFromWhereAVectorStopped() throws IOException {
        MemorySegment[] segments = {
            segment.asSlice(0, 10), segment.asSlice(0, 0), segment.asSlice(0, 30)
        };
        ScriptedFile raw = new ScriptedFile(1, 4, 6, 13, 17);
        assertThat(vector(raw, true, segments, 0, 3, 100)).isEqualTo(40);
        assertThat(raw.tries)
                .containsExactly(
                        "writeVector 0#3 skip 0@100",
                        "writeVector 0#3 skip 4@104",
                        "writeVector 2#1 skip 0@110",
                        "writeVector 2#1 skip 13@123");
        assertThat(vector(new ScriptedFile(1, 15, 0), false, segments, 0, 3, 0)).isEqualTo(15);
    }

    private long one(RawFile raw, boolean write, MemorySegment memory, long position)
            throws IOException {
        return one(raw, write, memory, position, WriteDurability.NONE);
    }

    private long one(
            RawFile raw,
            boolean write,
            MemorySegment memory,
            long position,
            WriteDurability durability)
            throws IOException {
        Progress progress = new Progress();
        progress.one(write, memory, position, durability);
        return new Transfer(raw, PATH, resumed).run(progress);
    }

    private long vector(
            RawFile raw, boolean write, MemorySegment[] memory, int from, int count, long position)
            throws IOException {
        Progress progress = new Progress();
        progress.vector(write, memory, from, count, position, WriteDurability.NONE);
        return new Transfer(raw, PATH, resumed).run(progress);
    }
}
