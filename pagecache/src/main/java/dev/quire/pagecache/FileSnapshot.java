package dev.quire.pagecache;

import dev.quire.pagecache.backing.SnapshotLostException;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.SpaceSnapshot;

import java.nio.channels.FileChannel;

/**
 * A file as it was at one moment, see {@link PagedFile#snapshot}. Thread-safe; each thread reads by
 * a {@link SnapshotCursor} of its own, or by a channel.
 *
 * <pre>{@code
 * try (FileSnapshot snapshot = file.snapshot();
 *         FileChannel from = snapshot.channel();
 *         FileChannel to = FileChannel.open(backup, CREATE_NEW, WRITE)) {
 *     for (long at = 0; at < from.size(); ) {
 *         at += from.transferTo(at, from.size() - at, to);
 *     }
 *     to.force(true);
 * }
 * }</pre>
 *
 * <p>Pages that were not written since are read from the cache, or from the store, as any other
 * page; those that are brought in for it leave again. After a failed sync of the file, what is
 * cached or was kept can still be read.
 */
public final class FileSnapshot implements AutoCloseable {
    private final PagedFile file;
    private final AddressSpace space;
    private final CacheContext context;
    private final SpaceSnapshot snapshot;

    FileSnapshot(PagedFile file, AddressSpace space, CacheContext context, SpaceSnapshot snapshot) {
        this.file = file;
        this.space = space;
        this.context = context;
        this.snapshot = snapshot;
    }

    /**
     * How long the file was.
     *
     * @return bytes
     */
    public long sizeBytes() {
        return snapshot.sizeBytes();
    }

    /**
     * How many pages the file had, the last one perhaps in part.
     *
     * @return pages
     */
    public long sizePages() {
        return snapshot.sizePages();
    }

    /**
     * The size of a page.
     *
     * @return bytes, as the cache was configured
     */
    public int pageBytes() {
        return context.pageBytes();
    }

    /**
     * A new cursor, on no page. It has memory for a page: keep it, and close it.
     *
     * @return a cursor for one thread
     * @throws SnapshotLostException if the snapshot is lost
     * @throws IllegalStateException if it is closed
     */
    public SnapshotCursor cursor() {
        snapshot.check();
        return new SnapshotCursor(space, context, snapshot);
    }

    /**
     * The file as it was, for whatever reads a {@link FileChannel}: its size is exact to the byte.
     * Any number of threads may use it; an interrupt does not close it. It cannot be written,
     * mapped or locked. Closing it leaves the snapshot open; closing the snapshot ends its reads.
     *
     * @return a channel at position 0
     * @throws SnapshotLostException if the snapshot is lost
     * @throws IllegalStateException if it is closed
     */
    public FileChannel channel() {
        snapshot.check();
        return new SnapshotChannel(this);
    }

    /** Fails if it cannot be read. */
    void check() {
        snapshot.check();
    }

    /**
     * Gives back what was kept for it, unless an older snapshot needs it. Who reads it meanwhile,
     * or later, gets an {@link IllegalStateException}. Waits for a write of old images, if one is
     * under way. Closing twice does nothing.
     */
    @Override
    public void close() {
        file.forget(this);
        space.snapshots().close(snapshot);
    }

    @Override
    public String toString() {
        return "FileSnapshot[" + file.name() + ", sizeBytes=" + sizeBytes() + "]";
    }
}
