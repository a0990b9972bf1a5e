package dev.quire.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.quire.aio.AsyncIoStats;
import dev.quire.allocator.AllocatorStats;
import dev.quire.allocator.BuddyInfo;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheConfig;
import dev.quire.pagecache.PageCacheStats;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;
import dev.quire.pagecache.Threading;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every number is a meter, and a meter answers what the statistics say. */
class PageCacheMetricsTest {
    private static final int PAGES = 100;

    /** What the javadoc of the statistics says of a component. */
    private static final Pattern PARAM = Pattern.compile("@param (\\w+) (.*?)(?= @param| /\n)");

    @TempDir Path directory;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private PageCache cache = open();

    private static PageCache open() {
        return PageCache.create(
                PageCacheConfig.builder()
                        .memoryBytes(64 * 8192)
                        .threading(Threading.embedded()) // so that nothing moves between two looks
                        .build());
    }

    @BeforeEach
    void work() throws IOException {
        new PageCacheMetrics(cache, Tags.of("cache", "main")).bindTo(registry);
        try (PagedFile file = cache.open(directory.resolve("file"), READ, WRITE, CREATE);
                PageCursor cursor = file.cursor()) {
            for (long page = 0; page < PAGES; page++) {
                cursor.write(page);
                cursor.putLong(0, page);
                cursor.release();
            }
            file.sync();
            for (long page = 0; page < PAGES; page++) {
                do {
                    cursor.read(page);
                } while (cursor.retry());
            }
        }
    }

    @AfterEach
    void verifyAndClose() throws IOException {
        cache.verify();
        cache.close();
    }

    @Test
    void shouldHaveAMeterForEveryNumber() throws ReflectiveOperationException {
        List<String> expected = new ArrayList<>();
        for (Record stats : List.of(cache.stats(), cache.allocatorStats(), cache.ioStats())) {
            for (RecordComponent component : stats.getClass().getRecordComponents()) {
                if (!component.getName().endsWith("Nanos")) {
                    expected.add(component.getName() + " of " + stats.getClass().getSimpleName());
                }
            }
        }
        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getDescription())
                .containsAll(expected)
                .hasSize(expected.size() + BuddyInfo.ORDER_MAX + 1);
    }

    @Test
    void shouldAnswerWhatTheStatisticsSay() {
        PageCacheStats stats = cache.stats();
        assertThat(stats.evictions()).as("there was something to count").isPositive();
        assertThat(counter("quire.cache.evictions")).isEqualTo(stats.evictions());
        assertThat(counter("quire.cache.accesses")).isEqualTo(stats.accesses());
        assertThat(counter("quire.cache.read.bytes")).isEqualTo(stats.bytesRead()).isPositive();
        assertThat(counter("quire.cache.written.pages")).isEqualTo(stats.pagesWritten());
        assertThat(gauge("quire.cache.free.frames")).isEqualTo(stats.freeFrames());
        assertThat(gauge("quire.cache.open.files")).isEqualTo(stats.openFiles());
        assertThat(gauge("quire.cache.metadata.bytes")).isEqualTo(stats.metadataBytes());

        AllocatorStats allocator = cache.allocatorStats();
        assertThat(counter("quire.allocator.allocations")).isEqualTo(allocator.allocations());
        assertThat(gauge("quire.allocator.capacity.frames")).isEqualTo(allocator.capacityFrames());

        AsyncIoStats io = cache.ioStats();
        assertThat(counter("quire.io.submitted")).isEqualTo(io.submitted()).isPositive();
        assertThat(gauge("quire.io.in.flight.max")).isEqualTo(io.inFlightMax());
    }

    @Test
    void shouldTimeWhatIsTimed() {
        FunctionTimer syncs = registry.get("quire.cache.syncs").functionTimer();
        assertThat(Math.round(syncs.count())).isEqualTo(cache.stats().syncs()).isPositive();
        assertThat(Math.round(syncs.totalTime(TimeUnit.NANOSECONDS)))
                .isEqualTo(cache.stats().syncNanos())
                .isPositive();
        assertThat(registry.getMeters())
                .filteredOn(FunctionTimer.class::isInstance)
                .extracting(meter -> meter.getId().getName())
                .containsExactlyInAnyOrder(
                        "quire.cache.syncs",
                        "quire.cache.frame.waits",
                        "quire.cache.write.throttles",
                        "quire.cache.page.waits",
                        "quire.allocator.shrinker.runs",
                        "quire.io.place.waits");
    }

    @Test
    void shouldTellFreeBlocksByOrder() {
        for (int order = 0; order <= BuddyInfo.ORDER_MAX; order++) {
            Gauge blocks =
                    registry.get("quire.allocator.free.blocks")
                            .tag("order", Integer.toString(order))
                            .gauge();
            assertThat(blocks.value()).isEqualTo(cache.buddyInfo().freeBlocks(order));
        }
    }

    /** The javadoc says which numbers are no counts: a counter of them would be nonsense. */
    @Test
    void shouldHaveGaugesForWhatIsSoNow() throws IOException {
        String source = Files.readString(Path.of("../src/main/java", name(PageCacheStats.class)));
        Matcher param = PARAM.matcher(source.replaceAll("\\s*\\n \\* *", " "));
        int now = 0;
        while (param.find()) {
            boolean isNow = param.group(2).strip().endsWith(", now");
            now += isNow ? 1 : 0;
            String told = param.group(1) + " of PageCacheStats";
            if (isNow) {
                assertThat(meter(told)).as(told).isInstanceOf(Gauge.class);
            } else if (!param.group(2).startsWith("frames of the cache")
                    && !param.group(2).startsWith("memory of the frames")
                    && !param.group(1).endsWith("Nanos")) {
                assertThat(meter(told)).as(told).isNotInstanceOf(Gauge.class);
            }
        }
        assertThat(now).isGreaterThan(10);
    }

    @Test
    void shouldTellTwoCachesApart() throws IOException {
        try (PageCache other = open()) {
            new PageCacheMetrics(other, Tags.of("cache", "other")).bindTo(registry);
            assertThat(registry.get("quire.cache.faults").tag("cache", "other").meter())
                    .isNotEqualTo(registry.get("quire.cache.faults").tag("cache", "main").meter());
            assertThat(
                            registry.get("quire.cache.faults")
                                    .tag("cache", "other")
                                    .functionCounter()
                                    .count())
                    .isZero();
        }
    }

    /** As each meter is read after the program has closed its cache, too. */
    @Test
    void shouldGoOnAnsweringWhenTheCacheIsClosed() throws IOException {
        long faults = cache.stats().faults();
        cache.close();
        assertThat(counter("quire.cache.faults")).isEqualTo(faults);
        cache = open();
    }

    @Test
    @Timeout(60)
    void shouldNotKeepACacheThatTheProgramHasNoMore() throws Exception {
        WeakReference<PageCache> gone = boundAndClosed();
        while (gone.get() != null) {
            System.gc();
            Thread.sleep(10);
        }
        FunctionCounter faults =
                registry.get("quire.cache.faults").tag("cache", "gone").functionCounter();
        assertThat(faults.count()).as("the last number that was asked for").isZero();
    }

    private WeakReference<PageCache> boundAndClosed() throws IOException {
        try (PageCache other = open()) {
            new PageCacheMetrics(other, Tags.of("cache", "gone")).bindTo(registry);
            return new WeakReference<>(other);
        }
    }

    private Meter meter(String description) {
        return registry.getMeters().stream()
                .filter(it -> description.equals(it.getId().getDescription()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no meter: " + description));
    }

    private long counter(String name) {
        FunctionCounter counter = registry.get(name).tag("cache", "main").functionCounter();
        return Math.round(counter.count());
    }

    private long gauge(String name) {
        return Math.round(registry.get(name).tag("cache", "main").gauge().value());
    }

    private static String name(Class<?> type) {
        return type.getName().replace('.', '/') + ".java";
    }
}
