package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.AsyncFile;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.MemoryBacking;
import dev.quire.pagecache.lru.Policies;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/** The seams between what a snapshot says of itself and what its file says of it. */
class SnapshotsTest {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 4;

    private final PageAllocator allocator =
            PageAllocator.create(
                    AllocatorConfig.builder()
                            .capacityBytes(64 * PAGE_BYTES)
                            .pageBytes(PAGE_BYTES)
                            .build());
    private final CacheContext context =
            new CacheContext(
                    allocator, Policies.RTQ.over(allocator.frames()), Thread.ofVirtual().factory());

    @AfterEach
    void close() {
        new CacheVerifier(context).verify();
        allocator.close();
    }

    /** Memory for images is enough here. */
    private static final Images.Spill NOWHERE =
            new Images.Spill() {
                @Override
                public AsyncFile open() throws IOException {
                    throw new IOException("nowhere to spill to");
                }

                @Override
                public long bytesMax() {
                    return 0;
                }
            };

    /**
     * Who closes the newest says so before the file does: a cut that stopped keeping pages because
     * of the one must not be told by the other that all is kept, while an older one is open.
     */
    @Test
    void shouldNotTakePagesForKeptThatWereLeftOutBecauseTheirSnapshotIsBeingClosed()
            throws Exception {
        allocator.onDeferred(context.lru()::removeDeferred);
        context.images().limit(50, 0);
        MemoryBacking backing = new MemoryBacking(PAGE_BYTES);
        backing.truncate((long) PAGES * PAGE_BYTES);
        AddressSpace space = AddressSpace.open(context, "kept", backing, false);
        Snapshots snapshots = space.snapshots();
        SpaceSnapshot older = snapshots.take(NOWHERE);
        SpaceSnapshot newest = snapshots.take(NOWHERE);

        newest.close(); // the first half of Snapshots.close
        SpaceSnapshot kept = snapshots.keep(0, PAGES);

        assertThat(snapshots.areKept(kept)).isFalse();
        snapshots.close(older);
        assertThat(snapshots.areKept(snapshots.keep(0, PAGES))).isTrue();
        context.truncation().discard(space);
    }
}
