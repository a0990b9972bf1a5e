package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.space.Translation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** What a cursor lets its thread do, and what it refuses. */
class PageCursorTest extends CacheFixture {
    @Test
    void shouldReadBackEveryWidthLittleEndian() {
        try (PageCursor c = file.cursor()) {
            c.write(3);
            c.putLong(1, 0x0102_0304_0506_0708L); // unaligned on purpose
            c.putInt(17, 0x0A0B_0C0D);
            c.putShort(33, (short) 0x1122);
            c.putByte(35, (byte) 0x7F);
            c.release();
            c.read(3);
            assertThat(c.getLong(1)).isEqualTo(0x0102_0304_0506_0708L);
            assertThat(c.getByte(1)).isEqualTo((byte) 8);
            assertThat(c.getInt(17)).isEqualTo(0x0A0B_0C0D);
            assertThat(c.getShort(33)).isEqualTo((short) 0x1122);
            assertThat(c.getByte(35)).isEqualTo((byte) 0x7F);
            assertThat(c.retry()).isFalse();
        }
    }

    @Test
    void shouldCopyBytesInAndOut() {
        byte[] in = {1, 2, 3, 4, 5, 6, 7};
        byte[] out = new byte[9];
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.copyFrom(PAGE_BYTES - 5, MemorySegment.ofArray(in), 2, 5);
            c.release();
            c.read(0);
            c.copyTo(PAGE_BYTES - 5, MemorySegment.ofArray(out), 1, 5);
            assertThat(c.retry()).isFalse();
        }
        assertThat(out).containsExactly(0, 3, 4, 5, 6, 7, 0, 0, 0);
    }

    @Test
    void shouldRefuseToReadWithoutAPosition() {
        try (PageCursor c = file.cursor()) {
            assertThatThrownBy(() -> c.getLong(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("on no page");
            assertThatThrownBy(() -> c.putLong(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(c::segment).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(c::release).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(c::releaseClean).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldRefuseToWriteWithoutALatch() {
        write(0, 1, 0);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            assertThatThrownBy(() -> c.putLong(0, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("not latched");
            c.pin(0);
            assertThatThrownBy(() -> c.putByte(0, (byte) 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(c::releaseClean).isInstanceOf(IllegalStateException.class);
            c.release();
        }
    }

    @Test
    void shouldRefuseToWriteWithoutALatchAlsoWhenTheReadIsStale() {
        write(0, 1, 0);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            write(0, 1, 5);
            assertThatThrownBy(() -> c.putLong(0, 1)).isInstanceOf(IllegalStateException.class);
            c.pin(0);
            write(0, 1, 6);
            assertThatThrownBy(() -> c.putLong(0, 1)).isInstanceOf(IllegalStateException.class);
        }
        assertThat(read(0)).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, PAGE_BYTES - 7, PAGE_BYTES, Integer.MAX_VALUE})
    void shouldRefuseOffsetsOutsideThePageWhenTheReadIsValid(int offset) {
        write(0, 2, 0);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            assertOutside(() -> c.getLong(offset));
            c.pin(0);
            assertOutside(() -> c.getLong(offset));
            c.release();
            c.write(0);
            assertOutside(() -> c.getLong(offset));
            assertOutside(() -> c.putLong(offset, 1));
            assertOutside(() -> c.copyFrom(offset, MemorySegment.ofArray(new byte[8]), 0, 8));
            c.release();
        }
        assertThat(read(1)).isEqualTo(1); // the neighbour's
    }

    @Test
    void shouldCheckTheLastByteOfEveryWidth() {
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.putByte(PAGE_BYTES - 1, (byte) 1);
            c.putShort(PAGE_BYTES - 2, (short) 1);
            c.putInt(PAGE_BYTES - 4, 1);
            c.putLong(PAGE_BYTES - 8, 1);
            assertOutside(() -> c.putByte(PAGE_BYTES, (byte) 1));
            assertOutside(() -> c.putShort(PAGE_BYTES - 1, (short) 1));
            assertOutside(() -> c.putInt(PAGE_BYTES - 3, 1));
            assertOutside(() -> c.getByte(PAGE_BYTES));
            assertOutside(() -> c.getShort(PAGE_BYTES - 1));
            assertOutside(() -> c.getInt(PAGE_BYTES - 3));
            assertOutside(() -> c.copyTo(0, MemorySegment.ofArray(new byte[8]), 0, -1));
            c.release();
        }
    }

    private static void assertOutside(Runnable access) {
        assertThatThrownBy(access::run).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void shouldAnswerZeroOutsideThePageWhenTheReadIsStale() {
        write(0, 1, 0);
        byte[] target = new byte[8];
        try (PageCursor c = file.cursor()) {
            c.read(0);
            write(0, 1, 7);
            assertThat(c.getLong(PAGE_BYTES)).isZero();
            assertThat(c.getInt(-5)).isZero();
            c.copyTo(PAGE_BYTES, MemorySegment.ofArray(target), 0, 8);
            assertThat(c.retry()).isTrue();
            c.pin(0);
            write(0, 1, 8);
            assertThat(c.getLong(PAGE_BYTES)).isZero();
            assertThat(c.retry()).isTrue();
        }
        assertThat(target).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 2, 1L << 40, Long.MAX_VALUE})
    void shouldRefusePagesOutsideTheFile(long page) {
        write(0, 2, 0);
        try (PageCursor c = file.cursor()) {
            assertOutside(() -> c.read(page));
            assertOutside(() -> c.pin(page));
            assertThat(c.tryWrite(page)).isFalse();
            assertThatThrownBy(() -> c.getLong(0)).isInstanceOf(IllegalStateException.class);
            if (page < 0 || page >= Translation.PAGES_MAX) {
                assertOutside(() -> c.write(page));
                assertOutside(() -> c.create(page));
            }
        }
        assertThat(file.sizePages()).isEqualTo(2);
    }

    @Test
    void shouldGiveMemoryThatIsReadOnlyUnderAPinAndWritableUnderALatch() {
        write(0, 1, 4);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            assertThatThrownBy(c::segment).isInstanceOf(IllegalStateException.class);
            c.pin(0);
            assertThat(c.segment().isReadOnly()).isTrue();
            assertThat(c.segment().byteSize()).isEqualTo(PAGE_BYTES);
            assertThat(c.segment().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(4);
            c.release();
            assertThatThrownBy(c::segment).isInstanceOf(IllegalStateException.class);
            c.write(0);
            c.segment().fill((byte) 1);
            c.release();
        }
        assertThat(read(0)).isEqualTo(0x0101_0101_0101_0101L);
    }

    @Test
    void shouldLeaveAPageCleanThatIsReleasedClean() throws Exception {
        write(0, 1, 4);
        file.sync();
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.releaseClean();
        }
        assertThat(cache.stats().dirtyPages()).isZero();
        assertThat(backing.written(0)[0]).isEqualTo((byte) 4);
    }

    @Test
    void shouldNotBringBackTheOldContentOfAPageThatWasCreatedAndReleasedClean() throws Exception {
        backing.put(0, 0x33);
        reopen();
        try (PageCursor c = file.cursor()) {
            c.create(0);
            c.releaseClean();
        }
        assertThat(read(0)).isZero();
        file.sync();
        evictAll();
        assertThat(cached(0)).isFalse();
        assertThat(read(0)).isZero();
    }

    /** Opens the store again, at its present size. */
    private void reopen() throws IOException {
        file.close();
        file = cache.map("again", backing);
    }

    @Test
    void shouldLeaveThePageDirtyWhenClosedWithALatch() throws Exception {
        PageCursor c = file.cursor();
        c.write(0);
        c.putLong(0, 11);
        c.putLong(PAGE_BYTES - 8, 11);
        c.close();
        assertThat(cache.stats().dirtyPages()).isEqualTo(1);
        assertThat(read(0)).isEqualTo(11);
        file.sync();
        assertThat(backing.durable(0)[0]).isEqualTo((byte) 11);
    }

    @Test
    void shouldRefuseEverythingAfterClose() {
        write(0, 1, 4);
        PageCursor c = file.cursor();
        c.read(0);
        c.close();
        c.close();
        assertRefused(c, x -> x.read(0));
        assertRefused(c, x -> x.pin(0));
        assertRefused(c, x -> x.write(0));
        assertRefused(c, x -> x.create(0));
        assertRefused(c, x -> x.tryWrite(0));
        assertRefused(c, x -> x.getLong(0));
        assertRefused(c, PageCursor::release);
    }

    private static void assertRefused(PageCursor c, Consumer<PageCursor> use) {
        assertThatThrownBy(() -> use.accept(c)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldStayOnItsPageWhenItIsSentElsewhereWithoutARelease() {
        write(0, 2, 1000);
        write(600, 2, 1000);
        try (PageCursor c = file.cursor()) {
            c.write(1);
            c.putLong(0, 42);
            assertRefused(c, x -> x.read(601)); // another chunk, same index or not
            assertRefused(c, x -> x.read(513));
            assertRefused(c, x -> x.pin(600));
            assertRefused(c, x -> x.write(600));
            assertRefused(c, x -> x.tryWrite(600));
            c.putLong(PAGE_BYTES - 8, 42);
            c.release();
        }
        assertThat(read(1)).isEqualTo(42);
        assertThat(read(600)).isEqualTo(1600);
        assertThat(read(601)).isEqualTo(1601);
        cache.verify();
    }

    @Test
    void shouldRefuseAPageThatThisThreadLatchedThroughAnotherCursor() {
        write(0, 1, 3);
        try (PageCursor first = file.cursor();
                PageCursor second = file.cursor()) {
            first.write(0);
            assertRefused(second, c -> c.write(0));
            assertRefused(second, c -> c.create(0));
            assertRefused(second, c -> c.read(0));
            assertThat(second.tryWrite(0)).isFalse();
            first.putLong(0, 9);
            first.putLong(PAGE_BYTES - 8, 9);
            first.release();
            second.write(0);
            second.release();
        }
        assertThat(read(0)).isEqualTo(9);
    }

    @Test
    void shouldTryToWriteOnlyWhatNeedsNoWaiting() throws Exception {
        write(0, 2, 0);
        try (PageCursor c = file.cursor();
                PageCursor other = file.cursor()) {
            assertThat(c.tryWrite(0)).isTrue();
            assertThat(Running.start(() -> tryWriteElsewhere(0)).get()).isFalse();
            assertThat(other.tryWrite(1)).isTrue();
            other.release();
            c.release();
            assertThat(c.tryWrite(2)).as("beyond the end").isFalse();
            assertRefused(c, PageCursor::release);
        }
        file.truncate(0);
        file.truncate(2 * PAGE_BYTES);
        try (PageCursor c = file.cursor()) {
            assertThat(c.tryWrite(0)).as("not cached").isFalse();
        }
    }

    private boolean tryWriteElsewhere(long page) {
        try (PageCursor c = file.cursor()) {
            return c.tryWrite(page);
        }
    }

    @Test
    void shouldCountItsLookups() {
        write(0, 1, 0);
        long before = cache.stats().accesses();
        try (PageCursor c = file.cursor()) {
            c.read(0);
            c.read(0);
            c.pin(0);
            c.release();
            assertThat(cache.stats().accesses()).isEqualTo(before + 3);
        }
        assertThat(cache.stats().accesses()).isEqualTo(before + 3);
        assertThat(cache.stats().hits()).isEqualTo(before + 3 - cache.stats().faults());
    }
}
