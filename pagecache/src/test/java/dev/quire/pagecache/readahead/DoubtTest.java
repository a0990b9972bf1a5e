package dev.quire.pagecache.readahead;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Objects;
import java.util.Random;

/** Pages that were read ahead in vain: what looks like reading in order has to show it again. */
class DoubtTest {
    private static final long SIZE_PAGES = 16_384;

    /** As many windows have to be planned until two misses are enough again. */
    private static final int WINDOWS = 64;

    private final ReadAhead streams = new ReadAhead();
    private final ReadPattern pattern = new ReadPattern(ReadPattern.Order.UNKNOWN);

    @BeforeEach
    void configure() {
        streams.pagesMax(32);
    }

    private boolean begins(long page) {
        return streams.missed(page, SIZE_PAGES, pattern) != null;
    }

    @Test
    void shouldWantThreeMissesSideBySideOnceAPageWasReadInVain() {
        assertThat(begins(100)).isFalse();
        assertThat(begins(101)).isTrue();
        streams.wasted();
        assertThat(begins(1000)).isFalse();
        assertThat(begins(1001)).as("two").isFalse();
        assertThat(begins(1002)).as("three").isTrue();
        assertThat(begins(2002)).isFalse();
        assertThat(begins(2001)).isFalse();
        assertThat(begins(2000)).as("three that go backward").isTrue();
        assertThat(begins(0)).as("the start of the file").isFalse();
    }

    /** Else it would be begun again by the random read that comes to its next page some time. */
    @Test
    void shouldForgetTheStreamsThatWereThere() {
        Window window = begin(100);
        streams.wasted();
        assertThat(begins(window.after(window.pages()))).isFalse();
    }

    @Test
    void shouldFindAStreamThatIsReadByItsMark() {
        Window window = begin(100);
        streams.marked(window, window.after(0));
        streams.wasted();
        assertThat(streams.reached(window.after(0), SIZE_PAGES)).as("forgotten").isNull();
        assertThat(streams.forgotten(window.after(0))).isTrue();
        assertThat(streams.resumed(window.after(window.pages()), 1, window.pages(), SIZE_PAGES))
                .isNotNull();
    }

    @Test
    void shouldKeepTheStreamsOfWhoSaysThatHeReadsInOrder() {
        ReadPattern said = new ReadPattern(ReadPattern.Order.SEQUENTIAL);
        Window window = Objects.requireNonNull(streams.missed(500, SIZE_PAGES, said));
        streams.wasted();
        long next = window.after(window.pages());
        assertThat(begins(next)).as("by a miss of somebody else's").isFalse();
        Window second = Objects.requireNonNull(streams.missed(next, SIZE_PAGES, said));
        assertThat(second.after(0)).isEqualTo(next + 1);
        assertThat(streams.missed(900, SIZE_PAGES, said)).as("with the first miss").isNotNull();
    }

    @Test
    void shouldTakeTheSecondMissOfWhoSaysThatHeReadsInOrderForHisDirection() {
        begin(100);
        streams.wasted();
        ReadPattern said = new ReadPattern(ReadPattern.Order.SEQUENTIAL);
        assertThat(streams.missed(900, SIZE_PAGES, said)).isNotNull();
        Window window = Objects.requireNonNull(streams.missed(899, SIZE_PAGES, said));
        assertThat(window.step()).isEqualTo(-1);
    }

    /** A merge of eight runs, by one cursor. */
    @Test
    void shouldKnowEightStreamsByTurnsAllTheSame() {
        begin(100);
        streams.wasted();
        for (int page = 0; page < 3; page++) {
            for (int stream = 1; stream <= 8; stream++) {
                assertThat(begins(1000L * stream + page))
                        .as("page %s of stream %s", page, stream)
                        .isEqualTo(page == 2);
            }
        }
    }

    /** Frames are short: nothing of a window could be had, so that there is no mark. */
    @Test
    void shouldGoOnWithTheNextMissOfAStreamThatIsReadByMisses() {
        begin(100);
        for (long page = 102; page < 400; page++) {
            Window window = Objects.requireNonNull(streams.missed(page, SIZE_PAGES, pattern));
            streams.cut(window, 0);
            if (page % 10 == 0) {
                streams.wasted();
            }
        }
    }

    @Test
    void shouldTakeOnlyWhatIsFreeForSoManyWindows() {
        begin(100);
        streams.wasted();
        ReadPattern said = new ReadPattern(ReadPattern.Order.SEQUENTIAL);
        for (int i = 0; i < WINDOWS + 1; i++) {
            Window window = Objects.requireNonNull(streams.missed(500, SIZE_PAGES, said));
            assertThat(window.mayReclaim()).as("window %s", i).isEqualTo(i == WINDOWS);
        }
    }

    @Test
    void shouldTrustTwoMissesAgainWhenManyWindowsWereGood() {
        begin(100);
        streams.wasted();
        for (int i = 0; i < WINDOWS; i++) {
            long page = 200 + 10L * i;
            assertThat(begins(page)).isFalse();
            assertThat(begins(page + 1)).as("window %s", i).isFalse();
            assertThat(begins(page + 2)).isTrue();
        }
        assertThat(begins(5000)).isFalse();
        assertThat(begins(5001)).isTrue();
    }

    /** One miss in a thousand was beside one of the eight before it, another one what followed. */
    @Test
    void shouldReadNextToNothingAheadOfRandomReads() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.printf("DoubtTest: -Dseed=%d%n", seed);
        Random random = new Random(seed);
        int windows = 0;
        for (int i = 0; i < 1_000_000; i++) {
            if (begins(random.nextLong(SIZE_PAGES))) {
                windows++;
                streams.wasted(); // the cache is smaller than the file
            }
        }
        assertThat(windows).as("about 1000 and more without doubt").isBetween(1, 20);
    }

    private Window begin(long page) {
        assertThat(begins(page)).isFalse();
        return Objects.requireNonNull(streams.missed(page + 1, SIZE_PAGES, pattern));
    }
}
