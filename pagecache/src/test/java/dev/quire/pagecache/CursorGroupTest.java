package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.backing.PageReadException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Several pages asked for together. */
class CursorGroupTest extends CacheFixture {
    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < 200; page++) {
            backing.put(page, (int) page + 1);
        }
        return config.stallMax(Duration.ofMillis(400));
    }

    private static long word(long page) {
        return ((page + 1) & 0xff) * 0x0101_0101_0101_0101L;
    }

    private static long value(CursorGroup group, int i) {
        long value;
        do {
            value = group.cursor(i).getLong(8);
        } while (group.retry(i));
        return value;
    }

    @Test
    void shouldAskForAllPagesInTheOrderOfTheStoreBeforeItWaitsForOne() throws Exception {
        ReadsUnderWay reads = new ReadsUnderWay(backing);
        long[] pages = {0, 40, 7, 6, 199, 40, 8};
        try (CursorGroup group = file.cursorGroup(6)) {
            Running<Boolean> reader = Running.run(() -> group.read(pages, 1, 6)).awaitAsleep();
            assertThat(reader.isDone()).isFalse();
            assertThat(reads.all)
                    .extracting(ReadsUnderWay.Read::firstPage)
                    .containsExactly(6L, 40L, 199L);
            assertThat(reads.all).extracting(ReadsUnderWay.Read::count).containsExactly(3, 1, 1);
            reads.finishAll();
            reader.get();
            for (int i = 0; i < 6; i++) {
                assertThat(group.cursor(i).page()).isEqualTo(pages[1 + i]);
                assertThat(value(group, i)).isEqualTo(word(pages[1 + i]));
            }
        }
        assertThat(backing.reads).hasValue(5);
        assertThat(cached(0)).isFalse();
    }

    @Test
    void shouldHaveManyReadsUnderWayInAStoreThatBlocks() throws Exception {
        CountDownLatch go = gate();
        AtomicInteger inside = new AtomicInteger();
        backing.beforeRead =
                page -> {
                    inside.incrementAndGet();
                    Running.await(go);
                };
        try (CursorGroup group = file.cursorGroup(8)) {
            long[] pages = {3, 33, 63, 93, 123, 153, 183, 13};
            Running<Boolean> reader = Running.run(() -> group.read(pages, 0, 8));
            Running.until("8 reads are under way", () -> inside.get() == 8);
            go.countDown();
            reader.get();
            assertThat(value(group, 4)).isEqualTo(word(123));
        }
    }

    /** More than may be on their way in at once: the rest is read when its turn comes. */
    @Test
    void shouldReadMoreThanFindsRoomAtOnce() {
        Random random = new Random(1);
        try (CursorGroup group = file.cursorGroup(48)) {
            for (int round = 0; round < 50; round++) {
                long[] pages = random.longs(48, 0, 200).toArray();
                group.read(pages, 0, 48);
                for (int i = 0; i < 48; i++) {
                    assertThat(value(group, i)).isEqualTo(word(pages[i]));
                }
            }
        }
    }

    @Test
    void shouldBeOnAPageAgainThatWasWrittenMeanwhile() {
        try (CursorGroup group = file.cursorGroup(2);
                PageCursor writer = file.cursor()) {
            group.read(new long[] {4, 5}, 0, 2);
            writer.write(5);
            writer.putLong(8, 77);
            writer.release();
            assertThat(value(group, 0)).isEqualTo(word(4));
            assertThat(group.retry(1)).isTrue();
            assertThat(value(group, 1)).isEqualTo(77);
        }
    }

    @Test
    void shouldSayWhichPageCannotBeRead() {
        backing.beforeRead =
                page -> {
                    if (page == 9) {
                        throw new IOException("bad sector");
                    }
                };
        try (CursorGroup group = file.cursorGroup(3)) {
            assertThatThrownBy(() -> group.read(new long[] {7, 9, 11}, 0, 3))
                    .isInstanceOf(PageReadException.class)
                    .hasMessageContaining("page=9");
            assertThat(value(group, 0)).isEqualTo(word(7));
            backing.heal();
            group.read(new long[] {7, 9, 11}, 0, 3);
            assertThat(value(group, 1)).isEqualTo(word(9));
        }
    }

    @Test
    void shouldRefuseWhatItDoesNotHave() {
        assertThatThrownBy(() -> file.cursorGroup(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a group must have 1..1024 cursors: size=0");
        assertThatThrownBy(() -> file.cursorGroup(1025)).hasMessageContaining("size=1025");
        try (CursorGroup group = file.cursorGroup(2)) {
            assertThat(group.size()).isEqualTo(2);
            assertThatThrownBy(() -> group.cursor(2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> group.read(new long[3], 0, 3))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> group.read(new long[2], 1, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> group.read(new long[] {1, 200}, 0, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessageContaining("page must be below 200: page=200");
            assertThatThrownBy(() -> group.read(new long[] {-1}, 0, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            group.read(new long[0], 0, 0);
        }
    }
}
