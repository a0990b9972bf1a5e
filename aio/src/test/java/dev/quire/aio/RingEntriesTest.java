package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;

final class RingEntriesTest {
    // linux/fs.h
    private static final int RWF_DSYNC = 2;

    // A write that lost the flag would succeed all the same, and be durable only by luck.
    @ParameterizedTest
    @CsvSource({"NONE, 0", "DATA_SYNC, " + RWF_DSYNC, "WRITE_THEN_SYNC, 0"})
    void shouldAskTheKernelForADurableWrite(WriteDurability durability, int flags) {
        assertThat(RingEntries.flags(write(durability).progress)).isEqualTo(flags);
    }

    @Test
    void shouldFollowAWriteByASyncOnlyWhereThatWasAsked() {
        assertThat(RingEntries.syncs(write(WriteDurability.NONE))).isFalse();
        assertThat(RingEntries.syncs(write(WriteDurability.DATA_SYNC))).isFalse();
        assertThat(RingEntries.syncs(write(WriteDurability.WRITE_THEN_SYNC))).isTrue();
    }

    private static IoRequest write(WriteDurability durability) {
        IoRequest request = new IoRequest(true);
        request.operation = IoOperation.WRITE;
        request.progress.one(true, Arena.ofAuto().allocate(8), 0, durability);
        return request;
    }
}
