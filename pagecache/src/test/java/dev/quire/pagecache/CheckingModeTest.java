package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;

/** Mistakes of an engine that its tests should find, in a cache that checks its users. */
class CheckingModeTest extends CacheFixture {
    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.checking(true);
    }

    @Test
    void shouldServeWhoKeepsTheRules() {
        write(0, 20, 3);
        for (long page = 0; page < 20; page++) {
            assertThat(read(page)).isEqualTo(page + 3);
        }
        try (PageCursor c = file.cursor()) {
            byte[] bytes = new byte[PAGE_BYTES];
            do {
                c.read(4);
                c.copyTo(0, MemorySegment.ofArray(bytes), 0, PAGE_BYTES);
            } while (c.retry());
            assertThat(bytes[0]).isEqualTo((byte) 7);
            c.pin(5);
            assertThat(c.getLong(0)).isEqualTo(8);
            c.release();
            do {
                c.read(6);
                c.getLong(0);
            } while (c.retry() || !c.upgrade());
            assertThat(c.getLong(0)).isEqualTo(9);
            c.release();
            ReadScope scope = file.readScope();
            long sum;
            do {
                scope.read(c, 1);
                sum = c.getLong(0);
                scope.read(c, 2);
                sum += c.getInt(0) + c.getShort(0) + c.getByte(0);
            } while (scope.retry());
            assertThat(sum).isEqualTo(4 + 5 + 5 + 5);
        }
    }

    @Test
    void shouldGiveGarbageToWhoDoesNotValidate() {
        write(0, 1, 3);
        int wrong = 0;
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 1000; i++) {
                c.read(0);
                wrong += c.getLong(0) == 3 ? 0 : 1;
                c.retry();
            }
        }
        assertThat(wrong).isBetween(100, 900);
    }

    @Test
    void shouldFailWhenWhatWasReadIsUsedBeforeItIsValidated() {
        write(0, 2, 0);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            long next = c.getLong(0);
            assertThatThrownBy(() -> c.read(next & 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("retry()")
                    .hasMessageContaining("page=0");
            c.read(1);
            c.getByte(9);
            assertThatThrownBy(() -> c.pin(0)).isInstanceOf(IllegalStateException.class);
            c.read(1);
            c.getByte(9);
            assertThatThrownBy(() -> c.write(0)).isInstanceOf(IllegalStateException.class);
        }
        PageCursor closed = file.cursor();
        closed.read(0);
        closed.getShort(0);
        assertThatThrownBy(closed::close).isInstanceOf(IllegalStateException.class);
        closed.close();
    }

    @Test
    void shouldFailWhenTwoThreadsUseACursor() throws Exception {
        write(0, 2, 0);
        try (PageCursor c = file.cursor()) {
            c.read(0);
            c.getLong(0);
            Running<Throwable> other =
                    Running.start(
                            () -> {
                                try {
                                    c.getLong(0);
                                    return new AssertionError("nothing noticed");
                                } catch (IllegalStateException e) {
                                    return e;
                                }
                            });
            assertThat(other.get()).hasMessageContaining("another thread");
            c.retry();
            Running.run(() -> assertThat(readBy(c)).isEqualTo(1)).get(); // handed over
        }
    }

    private static long readBy(PageCursor c) {
        long value;
        do {
            c.read(1);
            value = c.getLong(0);
        } while (c.retry());
        return value;
    }

    @Test
    void shouldStillRefuseOffsetsOutsideThePage() {
        write(0, 1, 0);
        try (PageCursor c = file.cursor()) {
            boolean refused = false;
            for (int i = 0; i < 50; i++) { // where garbage is shown, nothing is refused
                c.read(0);
                try {
                    assertThat(c.getLong(PAGE_BYTES - 7)).isZero();
                } catch (IndexOutOfBoundsException e) {
                    refused = true;
                }
                c.retry();
            }
            assertThat(refused).isTrue();
        }
    }

    @Test
    void shouldLetGarbageLeadAnywhereInThePage() {
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.putLong(0, 128);
            c.putLong(128, 77);
            c.release();
            for (int i = 0; i < 50; i++) {
                long value;
                do {
                    c.read(0);
                    value = c.getLong(c.getInt(0));
                } while (c.retry());
                assertThat(value).isEqualTo(77);
            }
        }
    }

    @Test
    void shouldLetGarbageBeALength() {
        byte[] bytes = new byte[64];
        try (PageCursor c = file.cursor()) {
            c.write(0);
            c.putLong(0, 16);
            c.putLong(8, 77);
            c.release();
            for (int i = 0; i < 50; i++) {
                do {
                    c.read(0);
                    c.copyTo(8, MemorySegment.ofArray(bytes), 0, c.getInt(0));
                } while (c.retry());
                assertThat(bytes[0]).isEqualTo((byte) 77);
            }
        }
    }

    @Test
    void shouldLetGarbageLeadAScopeAnywhere() {
        write(0, 2, 1); // page 0 names page 1
        try (PageCursor c = file.cursor();
                ReadScope scope = file.readScope()) {
            for (int i = 0; i < 50; i++) {
                long value;
                do {
                    scope.read(c, 0);
                    long child = c.getLong(0);
                    scope.read(c, child);
                    value = c.getLong(0);
                } while (scope.retry());
                assertThat(value).isEqualTo(2);
            }
        }
    }

    @Test
    void shouldNotUpgradeGarbage() {
        write(0, 1, 0);
        try (PageCursor c = file.cursor()) {
            for (int i = 0; i < 50; i++) {
                long value;
                do {
                    c.read(0);
                    value = c.getLong(0);
                } while (!c.upgrade());
                assertThat(value).isEqualTo(i);
                c.putLong(0, value + 1);
                c.putLong(PAGE_BYTES - 8, value + 1);
                c.release();
            }
        }
    }

    @Test
    void shouldFreeTheCursorsOfAScopeAtItsEnd() throws Exception {
        write(0, 1, 0);
        try (PageCursor c = file.cursor();
                ReadScope scope = file.readScope()) {
            do {
                scope.read(c, 0);
                c.getLong(0);
            } while (scope.retry());
            Running.run(
                            () -> {
                                do {
                                    c.read(0);
                                } while (c.retry());
                            })
                    .get();
        }
    }

    /** It has no address yet: what is read there was once read at address 0. */
    @Test
    void shouldReadZerosByAFreshCursorOfABrokenScope() {
        write(0, 2, 5);
        try (PageCursor first = file.cursor();
                PageCursor fresh = file.cursor();
                PageCursor writer = file.cursor();
                ReadScope scope = file.readScope()) {
            scope.read(first, 0);
            writer.write(0);
            writer.release();
            scope.read(fresh, 1);
            assertThat(fresh.getLong(0)).isZero();
            assertThat(scope.retry()).isTrue();
        }
    }
}
