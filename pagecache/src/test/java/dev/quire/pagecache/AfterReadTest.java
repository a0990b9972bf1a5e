package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.frame.FrameState;
import dev.quire.pagecache.backing.PageChecksumException;
import dev.quire.pagecache.backing.PageReadException;
import dev.quire.pagecache.space.Slot;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What verifies and decrypts pages sees each of them before anybody else, however it comes in. */
class AfterReadTest extends CacheFixture {
    private static final long PAGE = 5;
    private static final long WORD = 6 * 0x0101_0101_0101_0101L;

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        for (long page = 0; page < 8; page++) {
            backing.put(page, (int) page + 1);
        }
        return config;
    }

    /** Every road into the cache. */
    enum Road {
        READ,
        WRITE,
        PREFETCH,
        ASYNC,
        PREFETCH_ENDED_BY_A_COMPLETION,
        ASYNC_ENDED_BY_A_COMPLETION
    }

    /** Brings the page in; throws what a reader of it gets. */
    private void comeBy(Road road) throws Exception {
        switch (road) {
            case READ -> read(PAGE);
            case WRITE -> {
                try (PageCursor c = file.cursor()) {
                    c.write(PAGE);
                    c.releaseClean();
                }
            }
            case PREFETCH -> {
                file.prefetch(PAGE);
                awaitOver();
            }
            case ASYNC -> awaitAsync();
            case PREFETCH_ENDED_BY_A_COMPLETION -> {
                ReadsUnderWay reads = new ReadsUnderWay(backing);
                file.prefetch(PAGE);
                reads.finishAll();
                awaitOver();
            }
            case ASYNC_ENDED_BY_A_COMPLETION -> {
                ReadsUnderWay reads = new ReadsUnderWay(backing);
                CompletableFuture<Long> told = ask();
                reads.finishAll();
                told.get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
            }
        }
        backing.onReadPages = (firstPage, pages, count, completion) -> false;
    }

    private void awaitOver() {
        Running.until("the fill is over", () -> cache.context().counters().fillingPages.get() == 0);
    }

    private CompletableFuture<Long> ask() {
        CompletableFuture<Long> told = new CompletableFuture<>();
        file.readAsync(
                PAGE,
                (page, failure) -> {
                    if (failure == null) {
                        told.complete(page);
                    } else {
                        told.completeExceptionally(failure);
                    }
                });
        return told;
    }

    private void awaitAsync() throws Exception {
        ask().get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(Road.class)
    void shouldSeeEachPageOnceAndBeforeAnybodyElse(Road road) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        backing.onAfterRead =
                page -> {
                    long word = cache.context().frames().word(Slot.frame(slot(page)));
                    boolean hidden =
                            FrameState.any(word, FrameState.LOCKED)
                                    && !FrameState.any(word, FrameState.UPTODATE)
                                    && !Slot.isReadable(slot(page));
                    calls.incrementAndGet();
                    wrong.addAndGet(hidden && page == PAGE ? 0 : 1);
                };
        comeBy(road);
        assertThat(read(PAGE)).isEqualTo(WORD);
        assertThat(calls).hasValue(1);
        assertThat(wrong).hasValue(0);
    }

    // S4.7: freePage once for a page that never became up to date; the next reader tries again.
    @ParameterizedTest
    @EnumSource(Road.class)
    void shouldNotCacheAPageThatIsRefused(Road road) throws Exception {
        PageChecksumException damaged = new PageChecksumException("store", PAGE, "on purpose");
        backing.onAfterRead =
                page -> {
                    throw damaged;
                };
        if (road.name().startsWith("PREFETCH")) {
            comeBy(road);
        } else {
            assertThatThrownBy(() -> comeBy(road))
                    .satisfiesAnyOf(
                            e -> assertRefused(e, damaged),
                            e -> assertRefused(e.getCause(), damaged));
        }
        assertThat(cached(PAGE)).isFalse();
        assertThat(backing.freed(PAGE)).isEqualTo(1);
        assertThat(cache.stats().cachedPages()).isZero();
        assertThat(cache.stats().readErrors()).isEqualTo(1);
        assertThat(file.space().translation().find(PAGE)).as("its chunk").isNull();
        backing.heal();
        assertThat(read(PAGE)).isEqualTo(WORD);
    }

    private static void assertRefused(@Nullable Throwable e, Throwable cause) {
        assertThat(e)
                .isInstanceOf(PageReadException.class)
                .hasMessageContaining("page=5")
                .hasCause(cause)
                .extracting(refused -> ((PageReadException) refused).errno())
                .isEqualTo(0);
    }

    // S4.8
    @Test
    void shouldGiveTheReaderWhateverTheHookThrows() {
        for (Throwable thrown :
                new Throwable[] {
                    new IllegalStateException("odd"), new StackOverflowError("deep")
                }) {
            backing.onAfterRead =
                    page -> {
                        switch (thrown) {
                            case Error e -> throw e;
                            case RuntimeException e -> throw e;
                            default -> throw new IOException(thrown);
                        }
                    };
            assertThatThrownBy(() -> read(PAGE))
                    .isInstanceOf(PageReadException.class)
                    .hasRootCause(thrown);
            assertThat(cached(PAGE)).isFalse();
        }
        assertThat(backing.freed(PAGE)).isEqualTo(2);
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwSneakily(Throwable e) throws X {
        throw (X) e;
    }

    /** As languages without checked exceptions may. */
    @Test
    void shouldNotKeepThePageLockedWhateverIsThrown() {
        backing.onAfterRead =
                page -> AfterReadTest.<RuntimeException>throwSneakily(new InterruptedException());
        assertThatThrownBy(() -> read(3))
                .isInstanceOf(PageReadException.class)
                .hasMessageContaining("page=3");
        backing.heal();
        backing.beforeRead =
                page -> AfterReadTest.<RuntimeException>throwSneakily(new InterruptedException());
        assertThatThrownBy(() -> read(3)).isInstanceOf(PageReadException.class);
        backing.heal();
        assertThat(read(3)).isEqualTo(4 * 0x0101_0101_0101_0101L);
    }
}
