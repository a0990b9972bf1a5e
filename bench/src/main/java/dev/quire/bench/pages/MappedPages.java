package dev.quire.bench.pages;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;

/** A mapped file: the kernel's own page cache, found by the processor. */
final class MappedPages implements PageSubject {
    private final PageFile file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment mapped;

    MappedPages(int pages) throws IOException {
        file = new PageFile(pages);
        mapped =
                file.channel()
                        .map(FileChannel.MapMode.READ_WRITE, 0, (long) pages * PAGE_BYTES, arena);
    }

    @Override
    public PageAccess access() {
        return new SegmentAccess(mapped);
    }

    @Override
    public void close() throws IOException {
        arena.close();
        file.close();
    }
}
