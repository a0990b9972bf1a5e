package dev.quire.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.MemorySegment;

final class PageStampTest {
    private static final int PAGE_BYTES = 4096;

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 65536})
    void shouldAcceptWhatItWrote(int pageBytes) {
        PageCopy copy = new PageCopy(pageBytes);
        PageStamp.write(copy, 42, 7);
        assertThat(PageStamp.check(copy, 42, 7, 7)).isNull();
        assertThat(PageStamp.check(copy, 42, 1, Long.MAX_VALUE)).isNull();
        assertThat(PageStamp.version(copy)).isEqualTo(7);
    }

    @Test
    void shouldFindThePageOfAnotherNumber() {
        Mismatch mismatch = requireNonNull(PageStamp.check(stamped(41, 7), 42, 7, 7));
        assertThat(mismatch).isEqualTo(new Mismatch(42, "page 42", "page 41"));
        assertThat(mismatch).hasToString("mismatch: page=42, expected page 42, found page 41");
    }

    @Test
    void shouldFindAVersionThatIsTooOldOrTooNew() {
        assertThat(PageStamp.check(stamped(42, 7), 42, 8, Long.MAX_VALUE))
                .isEqualTo(new Mismatch(42, "version 8 or newer", "version 7"));
        assertThat(PageStamp.check(stamped(42, 7), 42, 8, 8))
                .isEqualTo(new Mismatch(42, "version 8", "version 7"));
        assertThat(PageStamp.check(stamped(42, 9), 42, 8, 8))
                .isEqualTo(new Mismatch(42, "version 8", "version 9"));
    }

    @Test
    void shouldFindAPageOfZeros() {
        assertThat(requireNonNull(PageStamp.check(new PageCopy(PAGE_BYTES), 0, 0, 0)).found())
                .isEqualTo("mark 0x0");
    }

    @Test
    void shouldFindEverySingleFlippedBit() {
        PageCopy copy = stamped(42, 7);
        for (int offset = 0; offset < PAGE_BYTES; offset += Long.BYTES) {
            for (int bit = 0; bit < Long.SIZE; bit++) {
                copy.putLong(offset, copy.getLong(offset) ^ (1L << bit));
                assertThat(PageStamp.check(copy, 42, 7, 7)).as("%d:%d", offset, bit).isNotNull();
                copy.putLong(offset, copy.getLong(offset) ^ (1L << bit));
            }
        }
        assertThat(PageStamp.check(copy, 42, 7, 7)).isNull();
    }

    /** A device writes sectors, a copy that races writes words: any border may be the torn one. */
    @Test
    void shouldFindAPageTornBetweenTwoVersionsAtAnyWord() {
        for (int border = Long.BYTES; border < PAGE_BYTES; border += Long.BYTES) {
            PageCopy older = stamped(42, 7);
            PageCopy newer = stamped(42, 8);
            int newBytes = border;
            MemorySegment.copy(newer.segment(), 0, older.segment(), 0, newBytes);
            boolean stillOld = newBytes <= PageStamp.VERSION_OFFSET;
            assertThat(PageStamp.check(older, 42, 7, 8) == null)
                    .as("torn at byte %d", border)
                    .isEqualTo(stillOld);
        }
    }

    private static PageCopy stamped(long page, long version) {
        PageCopy copy = new PageCopy(PAGE_BYTES);
        PageStamp.write(copy, page, version);
        return copy;
    }
}
