package dev.quire.bench.run;

/** Page after page, from a given one on, round and round. */
final class SequentialKeys implements KeySource {
    private final long pages;
    private long next;

    SequentialKeys(long pages, long first) {
        this.pages = pages;
        this.next = first;
    }

    @Override
    public long next() {
        long page = next;
        next = page + 1 == pages ? 0 : page + 1;
        return page;
    }
}
