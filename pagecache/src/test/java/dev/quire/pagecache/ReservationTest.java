package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.pagecache.space.ReservedFrames;

import org.junit.jupiter.api.Test;

/** Frames promised before an operation of several pages. */
@SuppressWarnings("try") // what is closed at the end of a block is all there is to it
class ReservationTest extends CacheFixture {
    @Test
    void shouldServeWhateverItsThreadBringsIn() throws Exception {
        PagedFile other = cache.map("filler", pagesFor(2 * FRAMES));
        try (Reservation r = cache.reserve(3);
                Pins pins = pinAll(other)) {
            assertThat(pins.cursors()).isNotEmpty();
            assertThat(r.remaining()).isZero();
        }
        try (PageCursor any = other.cursor()) {
            any.read(0);
        }
        other.close();
    }

    @Test
    void shouldServeTheThreadThatReservedAndNobodyElse() throws Exception {
        try (Reservation r = cache.reserve(2);
                PageCursor c = file.cursor()) {
            Running.run(() -> write(5, 1, 0)).get();
            assertThat(r.remaining()).as("another thread's page").isEqualTo(2);
            long free = cache.stats().freeFrames();
            c.create(0);
            c.release();
            assertThat(r.remaining()).isEqualTo(1);
            c.write(1);
            c.release();
            assertThat(r.remaining()).isZero();
            assertThat(cache.stats().freeFrames()).as("none taken").isEqualTo(free);
            c.write(2);
            c.release();
            assertThat(cache.stats().freeFrames()).isLessThan(free);
        }
    }

    /** Somebody who looked at it through a stale slot has it for a moment. */
    @Test
    void shouldTakeAFrameBackThatAnotherThreadLooksAt() {
        FrameTable frames = cache.context().frames();
        ReservedFrames.Source source = cache.context().newFrames();
        try (Reservation r = cache.reserve(2)) {
            int first = source.take();
            int second = source.take();
            frames.update(first, FrameState::get);
            source.giveBack(first);
            source.giveBack(second);
            assertThat(r.remaining()).isEqualTo(2);
            cache.context().allocator().put(first);
            int other = cache.context().allocator().frame(cache.context().allocator().allocate(0));
            source.giveBack(other);
            assertThat(r.remaining()).as("that was none of its own").isEqualTo(2);
        }
    }

    @Test
    void shouldGoOnWhenNothingElseIsFree() throws Exception {
        PagedFile other = cache.map("filler", pagesFor(2 * FRAMES));
        Reservation r = cache.reserve(3);
        Running<Pins> pinning = Running.start(() -> pinAll(other));
        try (Pins pins = pinning.get();
                PageCursor left = file.cursor();
                PageCursor right = file.cursor();
                PageCursor root = file.cursor();
                PageCursor more = file.cursor()) {
            assertThat(pins.end()).isNotNull();
            left.create(file.append());
            right.create(file.append());
            root.create(file.append());
            assertThatThrownBy(() -> more.create(file.append()))
                    .isInstanceOf(OutOfFramesException.class);
        }
        r.close();
        other.close();
    }

    @Test
    void shouldTakeNothingWhenThereIsNotEnough() throws Exception {
        PagedFile other = cache.map("filler", pagesFor(2 * FRAMES));
        try (Pins pins = pinAll(other)) {
            long free = cache.stats().freeFrames();
            assertThatThrownBy(() -> cache.reserve(8)).isInstanceOf(OutOfFramesException.class);
            assertThat(cache.stats().freeFrames()).isEqualTo(free);
        }
        other.close();
    }

    @Test
    void shouldNest() {
        Reservation outer = cache.reserve(1);
        Reservation inner = cache.reserve(1);
        assertThatThrownBy(outer::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("later reservation");
        write(0, 1, 0);
        assertThat(inner.remaining()).isZero();
        write(1, 1, 0);
        assertThat(outer.remaining()).isZero();
        inner.close();
        inner.close();
        outer.close();
    }

    @Test
    void shouldBeClosedByItsThread() throws Exception {
        try (Reservation r = cache.reserve(1)) {
            Running<Throwable> other =
                    Running.start(
                            () -> {
                                try {
                                    r.close();
                                    return new AssertionError("closed");
                                } catch (IllegalStateException e) {
                                    return e;
                                }
                            });
            assertThat(other.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("thread=");
            assertThat(r.remaining()).isEqualTo(1);
        }
    }

    @Test
    void shouldSayHowManyFramesMayBeReserved() {
        assertThatThrownBy(() -> cache.reserve(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1.." + FRAMES / 2)
                .hasMessageContaining("frames=0");
        assertThatThrownBy(() -> cache.reserve(FRAMES / 2 + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("frames=" + (FRAMES / 2 + 1));
    }

    private static MemoryBacking pagesFor(int pages) {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.put(pages - 1, 1);
        return store;
    }

    @Test
    void shouldKeepAFrameThatWasTakenInVain() throws Exception {
        file.truncate(100);
        try (Reservation r = cache.reserve(2);
                PageCursor c = file.cursor()) {
            c.create(0); // grows the file to the end of the page first
            c.release();
            assertThat(r.remaining()).isEqualTo(1);
        }
    }
}
