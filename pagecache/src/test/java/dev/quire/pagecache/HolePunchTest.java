package dev.quire.pagecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.pagecache.warm.WarmUp;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Holes: zeros for whoever reads, space for the store. */
class HolePunchTest extends CacheFixture {
    private static final int BYTES = 10 * PAGE_BYTES + 123;

    @TempDir Path directory;

    private static void fill(PagedFile of, int bytes) throws IOException {
        byte[] ones = new byte[bytes];
        Arrays.fill(ones, (byte) 1);
        try (FileChannel channel = of.channel()) {
            channel.write(ByteBuffer.wrap(ones), 0);
        }
    }

    private static void assertHole(PagedFile of, int from, int to) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(BYTES + 1);
        try (FileChannel channel = of.channel()) {
            assertThat(channel.read(all, 0)).isEqualTo(BYTES);
        }
        for (int i = 0; i < BYTES; i++) {
            assertThat(all.get(i)).as("byte %s", i).isEqualTo((byte) (i >= from && i < to ? 0 : 1));
        }
    }

    @ParameterizedTest(name = "from {0}, {1} bytes")
    @CsvSource({
        "0, 4096",
        "4096, 8192",
        "5000, 100",
        "100, 12000",
        "4095, 2",
        "40000, 9000000",
        "0, 1"
    })
    void shouldReadZerosInTheCacheAndOnDisk(int position, int bytes) throws Exception {
        Path path = directory.resolve("data");
        PagedFile real = cache.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        fill(real, BYTES);
        real.sync();
        fill(real, BYTES / 2); // dirty and clean pages
        real.punchHole(position, bytes);
        assertThat(real.sizeBytes()).isEqualTo(BYTES);
        int end = Math.min(position + bytes, BYTES);
        assertHole(real, position, end);
        cache.verify();
        real.close();
        byte[] stored = Files.readAllBytes(path);
        assertThat(stored).hasSize(BYTES);
        for (int i = 0; i < BYTES; i++) {
            assertThat(stored[i])
                    .as("byte %s", i)
                    .isEqualTo((byte) (i >= position && i < end ? 0 : 1));
        }
    }

    @Test
    void shouldWriteZerosToAStoreThatCannotPunch() throws Exception {
        fill(file, BYTES);
        file.sync();
        file.punchHole(PAGE_BYTES - 5, 3 * PAGE_BYTES);
        assertHole(file, PAGE_BYTES - 5, 4 * PAGE_BYTES - 5);
        file.sync();
        assertThat(backing.written(2)).containsOnly(0);
        evictAll();
        assertHole(file, PAGE_BYTES - 5, 4 * PAGE_BYTES - 5);
    }

    @Test
    void shouldWriteNoZerosToAStoreThatPunches() throws Exception {
        AtomicInteger punched = new AtomicInteger();
        backing.onPunch =
                page -> {
                    punched.incrementAndGet();
                    return true;
                };
        fill(file, BYTES);
        file.sync();
        int writes = backing.writes.get();
        file.punchHole(2 * PAGE_BYTES, 8L * PAGE_BYTES);
        assertThat(punched).hasValue(1);
        assertThat(cache.stats().cachedPages()).isEqualTo(3);
        assertThat(cache.stats().dirtyPages()).isZero();
        file.sync();
        assertThat(backing.writes).hasValue(writes);
        assertHole(file, 2 * PAGE_BYTES, 10 * PAGE_BYTES);
        assertThat(backing.freed(5)).isEqualTo(1);
    }

    @Test
    void shouldNotBringBackAPageThatIsReadWhileItIsPunched() throws Exception {
        fill(file, BYTES);
        file.sync();
        evictAll();
        CountDownLatch reading = gate();
        CountDownLatch go = gate();
        backing.onPunch = page -> true;
        backing.beforePunch =
                page -> {
                    reading.countDown();
                    Running.await(go);
                };
        Running<Boolean> punch = Running.run(() -> file.punchHole(0, 4 * PAGE_BYTES));
        Running.await(reading);
        // The pages are dropped, the store still has what it had: a read must wait for the punch.
        Running<Long> reader = Running.start(() -> read(2)).awaitAsleep();
        assertThat(reader.isDone()).isFalse();
        CompletableFuture<@Nullable Throwable> told = new CompletableFuture<>();
        file.readAsync(3, (page, failure) -> told.complete(failure));
        file.prefetch(1);
        assertThat(cached(1)).isFalse();
        assertThat(told).isNotDone();
        assertThat(read(7)).as("beside the hole").isEqualTo(0x0101010101010101L);
        go.countDown();
        punch.get();
        assertThat(reader.get()).isZero();
        assertThat(cache.stats().pageWaits()).isPositive();
        assertThat(told.get(Running.DEADLINE_SECONDS, TimeUnit.SECONDS)).isNull();
        assertThat(cached(3)).isTrue();
        assertThat(read(3)).isZero();
    }

    @Test
    void shouldNotWarmUpAPageThatIsBeingPunched() throws Exception {
        fill(file, BYTES);
        file.sync();
        Path dump = directory.resolve("dump");
        assertThat(file.dumpHotPages(dump)).isEqualTo(11);
        evictAll();
        CountDownLatch reading = gate();
        CountDownLatch go = gate();
        backing.onPunch = page -> true;
        backing.beforePunch =
                page -> {
                    reading.countDown();
                    Running.await(go);
                };
        Running<Boolean> punch = Running.run(() -> file.punchHole(0, 4 * PAGE_BYTES));
        Running.await(reading);
        WarmUp warmUp = file.warmUp(dump);
        assertThat(warmUp.await(Duration.ofSeconds(Running.DEADLINE_SECONDS))).isTrue();
        assertThat(cached(1)).as("the store still has what it had").isFalse();
        assertThat(cached(7)).as("beside the hole").isTrue();
        go.countDown();
        punch.get();
        assertThat(read(1)).isZero();
    }

    @Test
    void shouldRefuseWhatCannotBe() throws Exception {
        fill(file, 100);
        assertThatThrownBy(() -> file.punchHole(-1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position=-1");
        file.punchHole(100, 1000);
        file.punchHole(5000, Long.MAX_VALUE);
        assertThat(file.sizeBytes()).isEqualTo(100);
        try (PageCursor c = file.cursor()) {
            c.write(0);
            assertThatThrownBy(() -> file.punchHole(0, 10))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldNotTakeWhatIsAppendedMeanwhile() throws Exception {
        backing.onPunch = position -> true;
        fill(file, BYTES); // ends inside a page
        try (PageCursor c = file.cursor();
                FileChannel channel = file.channel()) {
            c.write(0);
            Running<Boolean> punch = Running.run(() -> file.punchHole(10, BYTES));
            punch.awaitAsleep(); // it has seen the size
            channel.write(ByteBuffer.wrap(new byte[] {42}), BYTES);
            c.release();
            punch.get();
            ByteBuffer one = ByteBuffer.allocate(1);
            assertThat(channel.read(one, BYTES)).isEqualTo(1);
            assertThat(one.get(0)).isEqualTo((byte) 42);
        }
    }

    @Test
    void shouldNotGrowTheFileThatIsCutMeanwhile() throws Exception {
        fill(file, BYTES);
        Running<Boolean> punch;
        Running<Boolean> cut;
        try (PageCursor c = file.cursor()) {
            c.write(8);
            punch = Running.run(() -> file.punchHole(8L * PAGE_BYTES + 10, 100)).awaitAsleep();
            cut = Running.run(() -> file.truncate(2L * PAGE_BYTES)).awaitAsleep();
            Running.until("size is cut", () -> file.sizeBytes() == 2L * PAGE_BYTES);
            c.release();
        }
        cut.get();
        punch.get();
        assertThat(file.sizeBytes()).isEqualTo(2L * PAGE_BYTES);
    }

    /** The cut comes first here: what it left of the range is punched all the same. */
    @Test
    void shouldPunchWhatACutInsideTheRangeLeftOfIt() throws Exception {
        fill(file, BYTES);
        int from = 8 * PAGE_BYTES + 10;
        Running<Boolean> punch;
        Running<Boolean> cut;
        try (PageCursor c = file.cursor()) {
            c.write(8);
            punch = Running.run(() -> file.punchHole(from, 100)).awaitAsleep();
            cut = Running.run(() -> file.truncate(from + 50)).awaitAsleep();
            Running.until("size is cut", () -> file.sizeBytes() == from + 50);
            c.release();
        }
        cut.get();
        punch.get();
        assertThat(file.sizeBytes()).isEqualTo(from + 50);
        ByteBuffer left = ByteBuffer.allocate(60);
        try (FileChannel channel = file.channel()) {
            assertThat(channel.read(left, from - 10)).isEqualTo(60);
        }
        for (int i = 0; i < 60; i++) {
            assertThat(left.get(i)).as("byte %s", i).isEqualTo((byte) (i < 10 ? 1 : 0));
        }
    }

    /** The dirty pages are gone by then. */
    @Test
    void shouldWriteZerosWhenTheStoreFailsByMoreThanAnIoError() throws Exception {
        fill(file, BYTES);
        long errors = cache.stats().callbackErrors();
        backing.beforePunch =
                position -> {
                    throw new UnsupportedOperationException("not here");
                };
        file.punchHole(PAGE_BYTES, 3 * PAGE_BYTES);
        assertHole(file, PAGE_BYTES, 4 * PAGE_BYTES);
        assertThat(cache.stats().callbackErrors()).isEqualTo(errors + 1);
        file.sync();
        assertThat(backing.durable(2)).containsOnly(0);
    }

    @Test
    void shouldSayWhenAnEdgeCannotBeRead() throws Exception {
        backing.put(0, 1);
        file.truncate(PAGE_BYTES);
        backing.beforeRead =
                page -> {
                    throw new IOException("EIO");
                };
        assertThatThrownBy(() -> file.punchHole(10, 10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("EIO");
    }
}
