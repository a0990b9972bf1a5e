package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** What is counted of each file, and that it adds up to what is counted of the cache. */
class FileStatsTest extends CacheFixture {
    @Test
    void shouldCountEachFileForItself() throws IOException {
        MemoryBacking store = new MemoryBacking(PAGE_BYTES);
        store.put(9, 1);
        PagedFile other = cache.map("other", store);

        write(0, 3, 0);
        read(other, 5);
        read(other, 5);
        file.sync();

        FileStats one = file.stats();
        FileStats two = other.stats();
        assertThat(one.file()).isEqualTo("store");
        assertThat(one.faults()).isEqualTo(3);
        assertThat(one.cachedPages()).isEqualTo(3);
        assertThat(one.pagesWritten()).isEqualTo(3);
        assertThat(one.bytesWritten()).isEqualTo(3L * PAGE_BYTES);
        assertThat(one.syncs()).isEqualTo(1);
        assertThat(one.pagesRead()).isZero();
        assertThat(two.faults()).isEqualTo(1);
        assertThat(two.accesses()).isEqualTo(2);
        assertThat(two.hits()).isEqualTo(1);
        assertThat(two.pagesRead()).isEqualTo(1);
        assertThat(two.bytesRead()).isEqualTo(PAGE_BYTES);
        assertThat(two.pagesWritten()).isZero();
        assertThat(cache.fileStats()).containsExactlyInAnyOrder(one, two);

        PageCacheStats all = cache.stats();
        assertThat(all.faults()).isEqualTo(one.faults() + two.faults());
        assertThat(all.accesses()).isEqualTo(one.accesses() + two.accesses());
        assertThat(all.openFiles()).isEqualTo(2);
        assertThat(all.syncs()).isEqualTo(1);
        assertThat(all.syncNanos()).isPositive();
        other.close();
        assertThat(cache.fileStats()).extracting(FileStats::file).containsExactly("store");
        assertThat(cache.stats().accesses()).as("closed files go on counting").isEqualTo(5);
    }

    /** Cursors that come and go are counted once each, whoever looks in between. */
    @Test
    void shouldNeverCountLessThanBefore() throws Exception {
        write(0, 1, 0);
        AtomicBoolean over = new AtomicBoolean();
        Running<Boolean> reading =
                Running.run(
                        () -> {
                            for (int round = 0; round < 300; round++) {
                                try (PageCursor c = file.cursor()) {
                                    for (int i = 0; i < 100; i++) {
                                        c.read(0);
                                    }
                                }
                            }
                            over.set(true);
                        });
        long told = 0;
        long toldOfFile = 0;
        while (!over.get()) {
            long now = cache.stats().accesses();
            long nowOfFile = file.stats().accesses();
            assertThat(now).isGreaterThanOrEqualTo(told);
            assertThat(nowOfFile).isGreaterThanOrEqualTo(toldOfFile);
            told = now;
            toldOfFile = nowOfFile;
        }
        reading.get();
        assertThat(cache.stats().accesses()).isEqualTo(1 + 300 * 100);
        assertThat(file.stats().accesses()).isEqualTo(1 + 300 * 100);
    }

    @Test
    void shouldCountWhatReclaimTookAndWhatCameBack() throws IOException {
        file.truncate(4L * FRAMES * PAGE_BYTES);
        sweep(0, 2L * FRAMES);
        sweep(FRAMES, 2L * FRAMES);
        FileStats stats = file.stats();
        assertThat(stats.evictions()).isEqualTo(cache.stats().evictions()).isPositive();
        assertThat(stats.refaults()).isEqualTo(cache.stats().refaults());
        assertThat(stats.cachedPages()).isEqualTo(cache.stats().cachedPages());
    }

    @Test
    void shouldCountErrors() throws IOException {
        file.truncate(2L * PAGE_BYTES);
        backing.beforeRead =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(() -> read(1)).hasMessageContaining("page=1");
        backing.heal();
        write(0, 1, 0);
        backing.beforeWrite =
                page -> {
                    throw new IOException("on purpose");
                };
        assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
        assertThat(file.stats().readErrors()).isEqualTo(1);
        assertThat(file.stats().writeErrors()).isEqualTo(1);
        assertThat(file.stats().dirtyPages()).isEqualTo(1);
        assertThat(file.stats().fenced()).isFalse();
        assertThat(cache.stats().fencedFiles()).isZero();
    }

    @Test
    void shouldCountSnapshotsAndTheirImages() throws IOException {
        write(0, 2, 1);
        FileSnapshot snapshot = file.snapshot();
        write(0, 2, 2);
        assertThat(file.stats().openSnapshots()).isEqualTo(1);
        PageCacheStats stats = cache.stats();
        assertThat(stats.snapshotsTaken()).isEqualTo(1);
        assertThat(stats.openSnapshots()).isEqualTo(1);
        assertThat(stats.imagesKept()).isEqualTo(2);
        assertThat(stats.imageFrames()).isEqualTo(2);
        assertThat(stats.imagesSpilled()).isZero();
        assertThat(stats.snapshotsLost()).isZero();
        snapshot.close();
        assertThat(cache.stats().openSnapshots()).isZero();
        assertThat(cache.stats().imageFrames()).isZero();
    }

    @Test
    void shouldCountASnapshotThatIsLostOnce() throws IOException {
        write(0, FRAMES / 2, 1);
        FileSnapshot snapshot = file.snapshot();
        // Of a store in memory there is no directory to spill to, and 1 MiB beside the frames.
        long pages = (1 << 20) / PAGE_BYTES + FRAMES;
        file.truncate(pages * PAGE_BYTES);
        long before = cache.stats().snapshotsLost();
        write(0, FRAMES / 2, 2);
        snapshot.close();
        assertThat(before).isZero();
        assertThat(cache.stats().snapshotsLost()).isZero();

        write(0, pages, 3);
        FileSnapshot lost = file.snapshot();
        write(0, pages, 4);
        assertThat(cache.stats().snapshotsLost()).isEqualTo(1);
        assertThat(cache.stats().openSnapshots()).isZero();
        lost.close();
        assertThat(cache.stats().snapshotsLost()).isEqualTo(1);
    }
}
