package dev.quire.pagecache.space;

import dev.quire.pagecache.backing.SnapshotLostException;

import org.jspecify.annotations.Nullable;

/** What an address space was at one moment: its size, and the pages that were written since. */
public final class SpaceSnapshot {
    private final String name;
    private final long sizeBytes;
    private final long sizePages;
    private final Images images;
    private volatile boolean closed;
    private volatile @Nullable SnapshotLostException loss;

    SpaceSnapshot(AddressSpace space, Images images) {
        name = space.name();
        sizeBytes = space.sizeBytes();
        sizePages = space.sizePages();
        this.images = images;
    }

    /**
     * How long the content was.
     *
     * @return bytes
     */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * How many pages it took, the last one perhaps in part.
     *
     * @return pages
     */
    public long sizePages() {
        return sizePages;
    }

    Images images() {
        return images;
    }

    /** Whether somebody may still read it: pages are kept for it. */
    boolean wanted() {
        return !closed && loss == null;
    }

    void lose(SnapshotLostException why) {
        loss = why;
    }

    /** Answers false if it was closed before. */
    boolean close() { // under the lock of the snapshots
        boolean open = !closed;
        closed = true;
        return open;
    }

    /**
     * Fails unless it can be read.
     *
     * @throws SnapshotLostException if it is lost
     * @throws IllegalStateException if it is closed
     */
    public void check() {
        if (closed) {
            throw new IllegalStateException("snapshot is closed: file=" + name);
        }
        SnapshotLostException why = loss;
        if (why != null) { // each reader gets one of his own: it tells where he was
            throw new SnapshotLostException(why);
        }
    }

    @Override
    public String toString() {
        return "SpaceSnapshot["
                + name
                + ", sizeBytes="
                + sizeBytes
                + (closed ? ", closed]" : loss != null ? ", lost]" : "]");
    }
}
