package dev.quire.pagecache.space;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quire.aio.AsyncFile;
import dev.quire.allocator.AllocatorConfig;
import dev.quire.allocator.PageAllocator;
import dev.quire.pagecache.MemoryBacking;
import dev.quire.pagecache.lru.Policies;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;

/** Steps of snapshots between which others come, one at a time. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SnapshotsTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 64;
    private static final int PAGES = 4;

    private PageAllocator allocator;
    private CacheContext context;
    private AddressSpace space;

    @BeforeEach
    void open() throws Exception {
        allocator =
                PageAllocator.create(
                        AllocatorConfig.builder()
                                .capacityBytes(FRAMES * PAGE_BYTES)
                                .pageBytes(PAGE_BYTES)
                                .build());
        context =
                new CacheContext(
                        allocator,
                        Policies.RTQ.over(allocator.frames()),
                        Thread.ofVirtual().factory());
        context.images().limit(10, 0);
        allocator.onDeferred(context.lru()::removeDeferred);
        space = AddressSpace.open(context, "file", new MemoryBacking(PAGE_BYTES), false);
        space.sizeLock().lock();
        try {
            space.growTo(PAGES - 1);
        } finally {
            space.sizeLock().unlock();
        }
    }

    @AfterEach
    void close() {
        context.truncation().discard(space);
        new CacheVerifier(context).verify();
        allocator.drainDeferred();
        allocator.verify();
        assertThat(allocator.freeFrames()).isEqualTo(FRAMES);
        allocator.close();
    }

    private static final class NoSpill implements Images.Spill {
        @Override
        public AsyncFile open() throws IOException {
            throw new IOException("nowhere");
        }

        @Override
        public long bytesMax() {
            return 0;
        }
    }

    /** Closed is said before the others hear of it, and in between what is kept is not enough. */
    @Test
    void shouldKeepForTheOlderOneWhenTheNewestIsJustBeingClosed() {
        Snapshots snapshots = space.snapshots();
        SpaceSnapshot older = snapshots.take(new NoSpill());
        SpaceSnapshot newest = snapshots.take(new NoSpill());
        newest.close();
        assertThat(snapshots.areKept(snapshots.keep(0, PAGES))).isFalse();
        snapshots.publish(Epoch.Taking.NOTHING, null);
        assertThat(snapshots.areKept(snapshots.keep(0, PAGES))).isTrue();
        for (long page = 0; page < PAGES; page++) {
            assertThat(older.images().has(page)).as("page %s", page).isTrue();
        }
        snapshots.close(older);
    }

    @Test
    void shouldKeepForTheNewestAlone() {
        Snapshots snapshots = space.snapshots();
        assertThat(snapshots.areKept(snapshots.keep(0, PAGES))).isTrue();
        SpaceSnapshot older = snapshots.take(new NoSpill());
        SpaceSnapshot keptForOlder = snapshots.keep(0, 1);
        SpaceSnapshot newest = snapshots.take(new NoSpill());
        assertThat(snapshots.areKept(keptForOlder)).as("one was taken").isFalse();
        assertThat(snapshots.areKept(null)).isFalse();
        assertThat(snapshots.areKept(snapshots.keep(0, PAGES))).isTrue();
        assertThat(older.images().has(0)).isTrue();
        assertThat(older.images().has(1)).isFalse();
        assertThat(newest.images().has(1)).isTrue();
        snapshots.close(newest);
        snapshots.close(older);
    }
}
