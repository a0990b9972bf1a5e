package dev.quire.bench.pages;

/** Plain memory. */
final class RawPages implements PageSubject {
    private final NativePages memory;

    RawPages(int pages) {
        memory = new NativePages(pages, PAGE_BYTES);
        SegmentAccess access = new SegmentAccess(memory.segment());
        for (long page = 0; page < pages; page++) {
            access.write(page, page);
        }
    }

    @Override
    public PageAccess access() {
        return new SegmentAccess(memory.segment());
    }

    @Override
    public void close() {
        memory.close();
    }
}
