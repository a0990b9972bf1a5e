package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.lru.HeldUpLists;
import dev.quire.pagecache.space.Slot;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Whoever has the lists of the policy is held up: nobody who reads waits for him. */
class HeldUpCacheTest extends CacheFixture {
    private static final int PAGES = 4 * FRAMES;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (int page = 0; page < PAGES; page++) {
            backing.put(page, page % 100 + 1);
        }
        return config.stallMax(Duration.ofMillis(400));
    }

    private static long word(long page) {
        return (page % 100 + 1) * 0x0101_0101_0101_0101L;
    }

    private HeldUpLists holdLists() throws InterruptedException {
        return HeldUpLists.of(cache.context().lru());
    }

    @Test
    void shouldReadWhateverIsWanted() throws Exception {
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists()) {
            for (long page = 0; page < PAGES; page++) {
                assertThat(read(page)).as("page %s, with %s", page, held).isEqualTo(word(page));
            }
            assertThat(cache.stats().cachedPages()).isLessThanOrEqualTo(FRAMES);
        }
        cache.verify();
        for (long page = 0; page < PAGES; page++) {
            assertThat(read(page)).isEqualTo(word(page));
        }
    }

    @Test
    void shouldReadFromManyThreads() throws Exception {
        long seed = System.nanoTime();
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists()) {
            List<Running<Boolean>> readers = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Random random = new Random(seed + t);
                readers.add(
                        Running.run(
                                () -> {
                                    for (int i = 0; i < 2000; i++) {
                                        long page = random.nextInt(PAGES);
                                        assertThat(read(page))
                                                .as("seed %s, %s", seed, held)
                                                .isEqualTo(word(page));
                                    }
                                }));
            }
            for (Running<Boolean> reader : readers) {
                reader.get();
            }
        }
    }

    @Test
    void shouldLoseNoWrite() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long[] expected = new long[PAGES];
        for (int page = 0; page < PAGES; page++) {
            expected[page] = word(page);
        }
        for (int round = 0; round < 4; round++) {
            try (HeldUpLists held = holdLists()) {
                for (int i = 0; i < 300; i++) {
                    int page = random.nextInt(PAGES);
                    if (i % 10 == 0) {
                        write(page, 1, random.nextInt(100));
                        expected[page] = read(page);
                    } else {
                        assertThat(read(page))
                                .as("seed %s, %s", seed, held)
                                .isEqualTo(expected[page]);
                    }
                }
                file.sync();
            }
            cache.verify();
        }
    }

    @Test
    void shouldGrowTheFile() throws Exception {
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists()) {
            for (int i = 0; i < 20; i++) {
                write(PAGES + i, 1, i);
                file.sync();
            }
            assertThat(file.sizePages()).as("with %s", held).isEqualTo(PAGES + 20);
        }
    }

    @Test
    void shouldTakeNoPageThatIsPinnedAndNoneBeforeItIsWritten() throws Exception {
        try (HeldUpLists held = holdLists();
                PageCursor pin = file.cursor()) {
            pin.pin(3);
            write(5, 1, 77);
            long written = read(5);
            for (long page = 10; page < PAGES; page++) {
                read(page);
            }
            assertThat(cached(3)).as("with %s", held).isTrue();
            assertThat(read(5)).isEqualTo(written);
            assertThat(pin.getLong(0)).isEqualTo(word(3));
        }
    }

    @Test
    void shouldSayWhoHasThePagesWhenAllArePinned() throws Exception {
        List<PageCursor> pins = new ArrayList<>();
        try (HeldUpLists held = holdLists()) {
            assertThatThrownBy(
                            () -> {
                                for (long page = 0; page < PAGES; page++) {
                                    PageCursor c = file.cursor();
                                    pins.add(c);
                                    c.pin(page);
                                }
                            })
                    .as("with %s", held)
                    .isInstanceOf(OutOfFramesException.class);
        } finally {
            pins.forEach(PageCursor::close);
        }
    }

    /** The frame was taken from another page, and is on a list. */
    @Test
    void shouldGiveAFrameBackWhenItsReadFails() throws Exception {
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists()) {
            backing.beforeRead =
                    page -> {
                        throw new IOException("on purpose");
                    };
            for (long page = FRAMES; page < FRAMES + 8; page++) {
                long wanted = page;
                assertThatThrownBy(() -> read(wanted))
                        .as("with %s", held)
                        .isInstanceOf(PageReadException.class);
                assertThat(cached(page)).isFalse();
            }
            backing.heal();
            assertThat(read(FRAMES)).isEqualTo(word(FRAMES));
        }
        cache.verify();
    }

    @Test
    void shouldDropPagesOfAFileThatIsCut() throws Exception {
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists()) {
            file.truncate(0);
            assertThat(cache.stats().cachedPages()).as("with %s", held).isZero();
        }
        awaitAllFree(cache);
        assertThat(cache.stats().freeFrames()).isEqualTo(cache.stats().totalFrames());
    }

    @Test
    void shouldHaveTheFramesOfAFileThatWasCutForAnother() throws Exception {
        sweep(0, FRAMES);
        PagedFile other = cache.map("other", filler());
        try (HeldUpLists held = holdLists()) {
            file.truncate(0);
            long before = cache.stats().evictions();
            for (long page = 0; page < FRAMES - 8; page++) {
                read(other, page);
            }
            assertThat(cache.stats().evictions()).as("with %s", held).isEqualTo(before);
            for (long page = 0; page < 2 * FRAMES; page++) {
                read(other, page);
            }
        }
        other.close();
    }

    @Test
    void shouldReadOnWhenReadsFailAgainAndAgain() throws Exception {
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists()) {
            for (long page = FRAMES; page < PAGES; page++) {
                long wanted = page;
                backing.beforeRead =
                        failing -> {
                            throw new IOException("on purpose");
                        };
                assertThatThrownBy(() -> read(wanted)).isInstanceOf(PageReadException.class);
                backing.heal();
                assertThat(read(page)).as("with %s", held).isEqualTo(word(page));
            }
        }
    }

    @Test
    void shouldTakePagesWithPrivateData() throws Exception {
        try (PageCursor c = file.cursor()) {
            for (long page = 0; page < FRAMES / 2; page++) {
                c.pin(page);
                c.attachPrivate(page + 1);
                c.release();
            }
        }
        sweep(FRAMES / 2, FRAMES);
        try (HeldUpLists held = holdLists()) {
            for (long page = FRAMES; page < 3L * FRAMES; page++) {
                assertThat(read(page)).as("with %s", held).isEqualTo(word(page));
            }
            assertThat(backing.freed(3)).isEqualTo(1);
        }
    }

    /** Whoever is asked whether a page may go takes no pages away himself. */
    @Test
    void shouldTakeNoPageForAHook() throws Exception {
        sweep(0, FRAMES);
        PagedFile other = cache.map("other", filler());
        int[] asked = new int[3];
        try (HeldUpLists held = holdLists()) {
            backing.mayRelease =
                    page -> {
                        asked[0]++;
                        assertThat(asked[1]++).as("for a hook").isZero();
                        try {
                            read(other, page);
                        } catch (OutOfFramesException nothingFree) {
                            asked[2]++;
                        } finally {
                            asked[1]--;
                        }
                        return true;
                    };
            for (long page = FRAMES; page < FRAMES + 8; page++) {
                assertThat(read(page)).as("with %s", held).isEqualTo(word(page));
            }
            assertThat(asked[0]).isPositive();
            assertThat(asked[2]).as("nothing free for hooks").isPositive();
            backing.mayRelease = page -> true;
        }
        other.close();
    }

    /** All but one came in since, are on no list yet, and are the only ones that may go. */
    @Test
    void shouldReadWhenWhatIsLinkedCannotGo() throws Exception {
        try (PageCursor pin = file.cursor()) {
            pin.pin(0);
            try (HeldUpLists held = holdLists()) {
                for (long page = 0; page < PAGES; page++) {
                    assertThat(read(page)).as("page %s, with %s", page, held).isEqualTo(word(page));
                }
                assertThat(pin.getLong(0)).isEqualTo(word(0));
            }
        }
        cache.verify();
    }

    @Test
    void shouldStreamWithoutDroppingWhatIsBehind() throws Exception {
        sweep(0, 8);
        try (HeldUpLists held = holdLists();
                PageCursor c = file.cursor(CursorHint.DROP_BEHIND)) {
            for (long page = 0; page < PAGES; page++) {
                c.read(page);
                assertThat(c.getLong(0)).as("with %s", held).isEqualTo(word(page));
            }
        }
    }

    @Test
    void shouldReadASnapshot() throws Exception {
        sweep(0, 8);
        try (HeldUpLists held = holdLists();
                FileSnapshot snapshot = file.snapshot();
                SnapshotCursor c = snapshot.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                c.read(page);
                assertThat(c.getLong(0)).as("with %s", held).isEqualTo(word(page));
            }
        }
    }

    @Test
    void shouldTakeOutNothingAtOnce() throws Exception {
        sweep(0, 8);
        try (HeldUpLists held = holdLists()) {
            assertThat(file.tryInvalidate(0, 8)).as("with %s", held).isZero();
        }
        assertThat(file.tryInvalidate(0, 8)).isEqualTo(8);
    }

    @Test
    void shouldTakePagesLastThatWereReadAheadAndNobodyCameToYet() throws Exception {
        file.readAheadBytes(0);
        sweep(0, FRAMES / 2);
        file.prefetch(LongStream.range(FRAMES, FRAMES + FRAMES / 4).toArray());
        Running.until(
                "nothing is on its way in",
                () -> cache.context().counters().fillingPages.get() == 0);
        try (HeldUpLists held = holdLists()) {
            sweep(2 * FRAMES, 3 * FRAMES);
            for (long page = FRAMES; page < FRAMES + FRAMES / 4; page++) {
                assertThat(cached(page)).as("page %s, with %s", page, held).isTrue();
            }
        }
    }

    /** A frame that was taken over in vain is on a list, and is no frame to keep for later. */
    @Test
    void shouldKeepReservedFramesApartFromThoseTakenOver() throws Exception {
        sweep(0, FRAMES);
        try (Reservation reserved = cache.reserve(2);
                HeldUpLists held = holdLists()) {
            read(FRAMES);
            read(FRAMES + 1);
            assertThat(reserved.remaining()).as("with %s", held).isZero();
            backing.beforeRead =
                    page -> {
                        throw new IOException("on purpose");
                    };
            for (long page = FRAMES + 2; page < FRAMES + 6; page++) {
                long wanted = page;
                assertThatThrownBy(() -> read(wanted)).isInstanceOf(PageReadException.class);
            }
            assertThat(reserved.remaining()).as("none of its own").isZero();
            backing.heal();
            for (long page = FRAMES; page < PAGES; page++) {
                assertThat(read(page)).isEqualTo(word(page));
            }
        }
        cache.verify();
    }

    @Test
    void shouldTellTheOldPageFromTheNewOneInAFrame() throws Exception {
        sweep(0, FRAMES);
        try (HeldUpLists held = holdLists();
                PageCursor c = file.cursor()) {
            long page = 0;
            while (!cached(page)) {
                page++;
            }
            c.read(page);
            int frame = Slot.frame(slot(page));
            for (long other = FRAMES; other < PAGES && cached(page); other++) {
                read(other);
            }
            assertThat(cached(page)).as("with %s", held).isFalse();
            assertThat(FrameState.any(cache.context().frames().word(frame), FrameState.LRU))
                    .as("still on its list, or not linked yet")
                    .isTrue();
            assertThat(c.retry()).as("the frame is another page's").isTrue();
        }
    }
}
