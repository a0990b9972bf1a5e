package dev.quire.bench.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The example of the guide beside a {@link TreeMap}, in a cache that holds a part of it. {@code
 * -Dseed=N} for the same operations.
 */
@Timeout(120)
class TreeStoreTest {
    private static final int PAGES = 64;
    private static final long SEED = Long.getLong("seed", System.nanoTime());

    @TempDir Path directory;

    private static PageCache cache(boolean checking) {
        System.out.println("TreeStoreTest -Dseed=" + SEED);
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(PAGES * 4096L)
                        .pageBytes(4096)
                        .checking(checking)
                        .dirtyPercent(30, 80)
                        .build());
    }

    @ParameterizedTest(name = "checking: {0}")
    @ValueSource(booleans = {false, true})
    void shouldHoldWhatATreeMapHoldsAlsoWhenOpenedAgain(boolean checking) throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        TreeMap<Long, Long> model = new TreeMap<>();
        for (int round = 0; round < 3; round++) {
            try (PageCache cache = cache(checking);
                    TreeStore store = TreeStore.open(cache, directory);
                    Session session = store.session()) {
                assertScanned(session, model, Long.MIN_VALUE, Long.MAX_VALUE);
                for (int i = 0; i < 10_000; i++) {
                    step(random, session, model);
                    if (i % 1000 == 0) {
                        store.commit();
                    }
                }
                assertScanned(session, model, Long.MIN_VALUE, Long.MAX_VALUE);
                assertThat(TreeCheck.entries(store)).isEqualTo(model);
                cache.verify();
            }
        }
        assertThat(Files.size(directory.resolve("tree"))).isGreaterThan(PAGES * 4096L);
    }

    private static void step(
            SplittableRandom random, Session session, NavigableMap<Long, Long> model)
            throws IOException {
        long key = random.nextLong() >> 48;
        switch (random.nextInt(8)) {
            case 0 -> {
                session.remove(key);
                model.remove(key);
            }
            case 1 -> assertThat(session.get(key)).isEqualTo(optional(model.get(key)));
            case 2 -> assertScanned(session, model, key, key + random.nextInt(1000));
            default -> {
                long value = random.nextLong();
                session.put(key, value);
                model.put(key, value);
            }
        }
    }

    private static OptionalLong optional(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static void assertScanned(
            Session session, NavigableMap<Long, Long> model, long from, long to) {
        List<Map.Entry<Long, Long>> found = new ArrayList<>();
        session.scan(from, to, (key, value) -> found.add(Map.entry(key, value)));
        assertThat(found).isEqualTo(List.copyOf(model.subMap(from, to).entrySet()));
    }

    @Test
    void shouldServeWritersOfOwnKeysAndReadersOfAll() throws Exception {
        int writers = 3;
        AtomicInteger writing = new AtomicInteger(writers);
        try (PageCache cache = cache(false);
                TreeStore store = TreeStore.open(cache, directory);
                ExecutorService pool = Executors.newCachedThreadPool()) {
            List<Future<Map<Long, Long>>> parts = new ArrayList<>();
            for (int id = 0; id < writers; id++) {
                long ours = id;
                parts.add(
                        pool.submit(
                                () -> {
                                    try {
                                        return write(store, ours, writers);
                                    } finally {
                                        writing.decrementAndGet();
                                    }
                                }));
            }
            Future<Integer> scans = pool.submit(() -> scan(store, writing));
            TreeMap<Long, Long> all = new TreeMap<>();
            for (Future<Map<Long, Long>> part : parts) {
                all.putAll(part.get());
            }
            assertThat(scans.get()).isPositive();
            assertThat(TreeCheck.entries(store)).isEqualTo(all);
            cache.verify();
        }
    }

    /** Keys that are this thread's own, among everybody's. */
    private static Map<Long, Long> write(TreeStore store, long id, int writers) throws IOException {
        TreeMap<Long, Long> model = new TreeMap<>();
        SplittableRandom random = new SplittableRandom(SEED + id);
        try (Session session = store.session()) {
            for (long i = 0; i < 4000; i++) {
                long key = random.nextInt(20_000) * (long) writers + id;
                session.put(key, i << 32 | key);
                model.put(key, i << 32 | key);
                long other = random.nextInt(20_000) * (long) writers + id;
                assertThat(session.get(other)).isEqualTo(optional(model.get(other)));
                if (i % 1000 == 0) {
                    store.commit();
                }
            }
        }
        return model;
    }

    /** What is found is in order, and of its key. */
    private static int scan(TreeStore store, AtomicInteger writing) {
        int scans = 0;
        try (Session session = store.session()) {
            long[] last = new long[1];
            do {
                last[0] = -1;
                session.scan(
                        0,
                        Long.MAX_VALUE,
                        (key, value) -> {
                            if (key <= last[0] || (int) value != key) {
                                throw new AssertionError(key + "=" + value + " follows " + last[0]);
                            }
                            last[0] = key;
                        });
                scans++;
            } while (writing.get() > 0);
        }
        return scans;
    }

    @Test
    void shouldOpenACopyThatWasMadeWhileItWasWritten(@TempDir Path backup) throws Exception {
        try (PageCache cache = cache(false);
                TreeStore store = TreeStore.open(cache, directory);
                Session session = store.session()) {
            for (long key = 0; key < 2000; key++) {
                session.put(key, 1);
            }
            try (FileSnapshot snapshot = store.file.snapshot();
                    FileChannel from = snapshot.channel();
                    FileChannel to = FileChannel.open(backup.resolve("tree"), CREATE_NEW, WRITE)) {
                for (long key = 0; key < 4000; key++) {
                    session.put(key, 2);
                }
                byte[] sector = Arrays.copyOf(Files.readAllBytes(directory.resolve("log")), 512);
                Files.write(backup.resolve("log"), sector);
                assertThat(from.transferTo(0, from.size(), to)).isEqualTo(from.size());
            }
            try (TreeStore copy = TreeStore.open(cache, backup)) {
                assertThat(TreeCheck.entries(copy)).hasSize(2000).containsValue(1L);
                assertThat(TreeCheck.entries(copy)).doesNotContainValue(2L);
            }
        }
    }

    @Test
    void shouldRefuseATreeWhoseLogIsGone() throws IOException {
        try (PageCache cache = cache(false);
                TreeStore store = TreeStore.open(cache, directory);
                Session session = store.session()) {
            session.put(1, 2);
        }
        Files.move(directory.resolve("log"), directory.resolve("elsewhere"));
        try (PageCache cache = cache(false)) {
            assertThatThrownBy(() -> TreeStore.open(cache, directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("without its log");
            Files.move(
                    directory.resolve("elsewhere"),
                    directory.resolve("log"),
                    StandardCopyOption.REPLACE_EXISTING);
            try (TreeStore store = TreeStore.open(cache, directory)) { // nothing of it was left
                assertThat(TreeCheck.entries(store)).isEqualTo(Map.of(1L, 2L));
            }
        }
    }

    /** As its commit says: close the store, and open it again; here in the same cache. */
    @Test
    void shouldOpenAgainAfterACommitThatFailed() throws IOException {
        try (PageCache cache = cache(false)) {
            TreeStore store = TreeStore.open(cache, directory);
            Session session = store.session();
            session.put(1, 2);
            store.commit();
            for (long key = 2; key < 5000; key++) { // more than the cache has room for
                session.put(key, 0);
            }
            store.log.close(); // what an interrupt does to a channel, or a sync that fails
            assertThatThrownBy(store::commit).isInstanceOf(ClosedChannelException.class);
            session.close();
            assertThatThrownBy(store::close).isInstanceOf(ClosedChannelException.class);
            try (TreeStore again = TreeStore.open(cache, directory)) {
                assertThat(TreeCheck.entries(again)).containsEntry(1L, 2L);
            }
            cache.verify();
        }
    }

    @Test
    void shouldRefuseTheKeyThatStandsForTheEnd() throws IOException {
        try (PageCache cache = cache(false);
                TreeStore store = TreeStore.open(cache, directory);
                Session session = store.session()) {
            assertThatThrownBy(() -> session.put(Long.MAX_VALUE, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("9223372036854775807");
            session.put(Long.MAX_VALUE - 1, 1);
            session.put(Long.MIN_VALUE, 2);
            assertThat(TreeCheck.entries(store))
                    .isEqualTo(Map.of(Long.MAX_VALUE - 1, 1L, Long.MIN_VALUE, 2L));
        }
    }
}
