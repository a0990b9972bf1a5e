package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A snapshot is a moment in which nobody holds a latch: what is changed under latches that overlap
 * is there as a whole or not at all. Here amounts are moved between pages under two latches, so
 * that their sum is always the same; and nothing keeps a snapshot from being taken in the middle.
 */
class SnapshotMomentTest extends CacheFixture {
    private static final int PAGES = 100; // of a cache of 64: some are read back all the time
    private static final int WRITERS = 3;
    private static final int SNAPSHOTS = Integer.getInteger("snapshot.moments", 300);
    private static final long EACH = 1_000_000;

    @TempDir Path directory;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong moves = new AtomicLong();

    @Override
    PageCacheConfig.Builder configure(PageCacheConfig.Builder config) {
        return config.dirtyPercent(20, 60)
                .dirtyAge(Duration.ofMillis(10))
                .snapshots(
                        new SnapshotLimits(25, Long.MAX_VALUE, Duration.ofSeconds(20), directory));
    }

    private List<Running<Boolean>> startWriters() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.printf("SnapshotMomentTest %d snapshots: -Dseed=%d%n", SNAPSHOTS, seed);
        try (PageCursor c = file.cursor()) {
            for (int page = 0; page < PAGES; page++) {
                c.write(page);
                c.putLong(0, EACH);
                c.putLong(PAGE_BYTES - 8, EACH);
                c.release();
            }
        }
        List<Running<Boolean>> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Random random = new Random(seed + i);
            writers.add(Running.run(() -> move(random)));
        }
        Running.until("they write", () -> moves.get() > 100);
        return writers;
    }

    private void move(Random random) {
        try (PageCursor low = file.cursor();
                PageCursor high = file.cursor()) {
            while (!over.get()) {
                int a = random.nextInt(PAGES - 1);
                int b = a + 1 + random.nextInt(PAGES - a - 1);
                long amount = random.nextInt(1000);
                low.write(a);
                add(low, -amount);
                if (random.nextInt(8) == 0) {
                    LockSupport.parkNanos(1); // in the middle
                }
                high.write(b);
                if (random.nextBoolean()) { // the first goes before the second is changed
                    low.release();
                    add(high, amount);
                    high.release();
                } else {
                    add(high, amount);
                    high.release();
                    low.release();
                }
                moves.incrementAndGet();
            }
        }
    }

    private static void add(PageCursor c, long amount) {
        long value = c.getLong(0) + amount;
        c.putLong(0, value);
        c.putLong(PAGE_BYTES - 8, value);
    }

    private void end(List<Running<Boolean>> writers) throws Exception {
        over.set(true);
        for (Running<Boolean> writer : writers) {
            writer.get();
        }
    }

    private static long[] read(FileSnapshot snapshot) {
        long[] values = new long[PAGES];
        try (SnapshotCursor c = snapshot.cursor()) {
            for (int page = 0; page < PAGES; page++) {
                c.read(page);
                values[page] = c.getLong(0);
                assertThat(c.getLong(PAGE_BYTES - 8)).isEqualTo(values[page]);
            }
        }
        return values;
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }

    @Test
    void shouldHoldAMoveAsAWholeOrNotAtAll() throws Exception {
        List<Running<Boolean>> writers = startWriters();
        try {
            for (int i = 0; i < SNAPSHOTS; i++) {
                try (FileSnapshot snapshot = file.snapshot();
                        FileSnapshot second = file.snapshot()) {
                    long[] then = read(snapshot);
                    assertThat(sum(then)).as("snapshot %s", i).isEqualTo(PAGES * EACH);
                    assertThat(sum(read(second))).isEqualTo(PAGES * EACH);
                    assertThat(read(snapshot)).as("it does not change").isEqualTo(then);
                }
            }
        } finally {
            end(writers);
        }
    }

    @Test
    void shouldBackUpAFileWhileItIsWritten() throws Exception {
        List<Running<Boolean>> writers = startWriters();
        try {
            for (int i = 0; i < 20; i++) {
                long before = moves.get();
                Path backup = directory.resolve("backup-" + i);
                try (FileSnapshot snapshot = file.snapshot()) {
                    copy(snapshot, backup);
                    assertThat(sumOf(backup)).isEqualTo(PAGES * EACH);
                    assertThat(sum(read(snapshot))).isEqualTo(PAGES * EACH);
                }
                Running.until("writers go on", () -> moves.get() > before);
            }
        } finally {
            end(writers);
        }
    }

    private static void copy(FileSnapshot snapshot, Path backup) throws IOException {
        try (FileChannel from = snapshot.channel();
                FileChannel to =
                        FileChannel.open(
                                backup, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < from.size(); ) {
                at += from.transferTo(at, from.size() - at, to);
            }
        }
    }

    private static long sumOf(Path backup) throws IOException {
        try (FileChannel channel = FileChannel.open(backup)) {
            assertThat(channel.size()).isEqualTo((long) PAGES * PAGE_BYTES);
            ByteBuffer first = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            long sum = 0;
            for (long page = 0; page < PAGES; page++) {
                channel.read(first.clear(), page * PAGE_BYTES);
                sum += first.getLong(0);
            }
            return sum;
        }
    }
}
