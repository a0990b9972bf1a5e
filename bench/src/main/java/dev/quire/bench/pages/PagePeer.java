package dev.quire.bench.pages;

import java.io.IOException;

/** Where pages may lie. */
public enum PagePeer {
    /** Quire's page cache. */
    QUIRE,
    /** Plain memory: what nothing that finds and guards pages can beat. */
    RAW,
    /** A mapped file. */
    MMAP,
    /** Caffeine holding direct buffers, each with a count of its users. */
    CAFFEINE,
    /** Caffeine holding arrays on the heap. */
    HEAP,
    /** A concurrent hash map of direct buffers, each with a lock. */
    CHM,
    /** A channel, which copies out of the kernel's cache. */
    FILECHANNEL;

    /**
     * Makes pages, each with its number in it.
     *
     * @param pages how many
     * @return all of them in memory
     * @throws IOException if a file cannot be written
     */
    public PageSubject open(int pages) throws IOException {
        return switch (this) {
            case QUIRE -> new QuirePages(pages);
            case RAW -> new RawPages(pages);
            case MMAP -> new MappedPages(pages);
            case CAFFEINE -> new CaffeinePages(pages);
            case HEAP -> new HeapPages(pages);
            case CHM -> new LockedPages(pages);
            case FILECHANNEL -> new ChannelPages(pages);
        };
    }
}
