package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.allocator.OutOfFramesException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** When no frame is left, the message says who holds them. */
class FrameHoldersTest extends CacheFixture {
    private PagedFile mapped(String name) throws IOException {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.put(2 * FRAMES - 1, 1);
        return cache.map(name, store);
    }

    @Test
    void shouldNameTheFilesAndTheFirstPagesThatArePinned() throws IOException {
        PagedFile index = mapped("index");
        PagedFile table = mapped("table");
        try (PageCursor first = index.cursor();
                PageCursor second = index.cursor();
                Pins pins = pinAll(table, () -> twice(first, second))) {
            assertThat(pins.end())
                    .hasMessageContaining("out of frames")
                    .hasMessageContaining("file=table, pages=" + (pins.cursors().size() - 1))
                    .hasMessageContaining("page=0 pins=1, page=1 pins=1, page=2 pins=1, ...")
                    .hasMessageContaining("file=index, pages=1, pins=2: page=7 pins=2")
                    .hasMessageContaining("dirtyPages=0");
            assertThat(pins.end().getMessage())
                    .as("most first")
                    .containsSubsequence("file=table", "file=index");
        }
        index.close();
        table.close();
    }

    private static void twice(PageCursor first, PageCursor second) {
        first.pin(7);
        second.pin(7);
    }

    private static Pins pinAll(PagedFile of, Runnable before) {
        before.run();
        return pinAll(of);
    }

    @Test
    void shouldNameNoMoreThanAFewFiles() throws IOException {
        List<PagedFile> files = new ArrayList<>();
        List<PageCursor> cursors = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            files.add(mapped("file" + i));
            PageCursor c = files.get(i).cursor();
            c.pin(i);
            cursors.add(c);
        }
        PagedFile most = mapped("most");
        try (Pins pins = pinAll(most)) {
            assertThat(pins.end())
                    .hasMessageContaining("file=most")
                    .hasMessageContaining("files not shown=3");
        }
        cursors.forEach(PageCursor::close);
        most.close();
        for (PagedFile opened : files) {
            opened.close();
        }
    }

    @Test
    void shouldCountDirtyAndLatchedPages() {
        backing.beforeWrite =
                page -> {
                    throw new IOException("on purpose");
                };
        try (PageCursor latch = file.cursor()) {
            latch.write(0);
            try (Reservation most = cache.reserve(FRAMES / 2 - 1)) {
                assertThat(most.remaining()).isEqualTo(FRAMES / 2 - 1);
                assertThatThrownBy(() -> writeUntilFull(latch))
                        .isInstanceOf(OutOfFramesException.class)
                        .hasMessageContaining("latchedPages=")
                        .hasMessageContaining("framesWithoutPage=");
            }
        }
    }

    private void writeUntilFull(PageCursor latch) {
        List<PageCursor> cursors = new ArrayList<>();
        try {
            for (int page = 1; page < 2 * FRAMES; page++) {
                PageCursor c = file.cursor();
                cursors.add(c);
                c.write(page);
            }
        } finally {
            assertThat(latch.page()).isZero();
            cursors.forEach(PageCursor::close);
        }
    }
}
