package dev.quire.micrometer;

import dev.quire.aio.AsyncIoStats;
import dev.quire.allocator.AllocatorStats;
import dev.quire.allocator.BuddyInfo;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCacheStats;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Every number of a cache's {@link PageCacheStats}, {@link AllocatorStats} and {@link AsyncIoStats}
 * as a meter, and its free blocks by order.
 *
 * <pre>
 *   new PageCacheMetrics(cache, Tags.of("cache", "main")).bindTo(registry);
 * </pre>
 *
 * <p>A meter is named as its number is, in words: {@code directReclaims} is {@code
 * quire.cache.direct.reclaims}, {@code bytesRead} is {@code quire.cache.read.bytes}; those of the
 * allocator and of the I/O begin with {@code quire.allocator} and {@code quire.io}. Counts are
 * counters, what is so now are gauges, and counts of which the time is known are timers, {@code
 * quire.cache.frame.waits} say. {@code quire.allocator.free.blocks} has a tag {@code order}.
 *
 * <p>To read a meter is to take the statistics once; nothing is done between, and hits cost what
 * they cost without. The registry holds the cache weakly, and a closed cache goes on answering with
 * its last numbers: to take its meters out is up to who knows its tags. Two caches in one registry
 * need different tags.
 */
public final class PageCacheMetrics implements MeterBinder {
    /** Counts, and the nanoseconds that they took together. */
    private static final Map<String, String> TIMED =
            Map.of(
                    "syncs", "syncNanos",
                    "frameWaits", "frameWaitNanos",
                    "writeThrottles", "writeThrottleNanos",
                    "pageWaits", "pageWaitNanos",
                    "placeWaits", "placeWaitNanos",
                    "shrinkerRuns", "shrinkerNanos");

    /** What is no count but so now; frames of any kind are, too. */
    private static final Set<String> NOW =
            Set.of(
                    "openFiles",
                    "fencedFiles",
                    "openSnapshots",
                    "dirtyPages",
                    "writebackPages",
                    "fillingPages",
                    "cachedPages",
                    "frameBytes",
                    "metadataBytes",
                    "inFlight",
                    "inFlightMax",
                    "pageBytes",
                    "regionBytes");

    private final PageCache cache;
    private final Tags tags;

    /**
     * The meters of one cache.
     *
     * @param cache open
     * @param tags of each of its meters, to tell it from other caches
     */
    public PageCacheMetrics(PageCache cache, Iterable<Tag> tags) {
        this.cache = cache;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bind(registry, "quire.cache", PageCacheStats.class, PageCache::stats);
        bind(registry, "quire.allocator", AllocatorStats.class, PageCache::allocatorStats);
        bind(registry, "quire.io", AsyncIoStats.class, PageCache::ioStats);
        for (int i = 0; i <= BuddyInfo.ORDER_MAX; i++) {
            int order = i;
            Gauge.builder(
                            "quire.allocator.free.blocks",
                            cache,
                            it -> it.buddyInfo().freeBlocks(order))
                    .tags(tags.and("order", Integer.toString(order)))
                    .description("free blocks of an order")
                    .register(registry);
        }
    }

    private <T extends Record> void bind(
            MeterRegistry registry, String prefix, Class<T> type, Function<PageCache, T> stats) {
        Map<String, ToDoubleFunction<PageCache>> numbers = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
            numbers.put(component.getName(), it -> number(component, stats.apply(it)));
        }
        numbers.forEach(
                (number, value) -> {
                    String name = prefix + "." + words(number);
                    String unit = name.endsWith(".bytes") ? "bytes" : null;
                    String told = number + " of " + type.getSimpleName();
                    ToDoubleFunction<PageCache> nanos = numbers.get(TIMED.getOrDefault(number, ""));
                    if (nanos != null) {
                        ToLongFunction<PageCache> count = it -> (long) value.applyAsDouble(it);
                        FunctionTimer.builder(name, cache, count, nanos, TimeUnit.NANOSECONDS)
                                .tags(tags)
                                .description(told)
                                .register(registry);
                    } else if (NOW.contains(number) || number.endsWith("Frames")) {
                        Gauge.builder(name, cache, value)
                                .tags(tags)
                                .description(told)
                                .baseUnit(unit)
                                .register(registry);
                    } else if (!TIMED.containsValue(number)) {
                        FunctionCounter.builder(name, cache, value)
                                .tags(tags)
                                .description(told)
                                .baseUnit(unit)
                                .register(registry);
                    }
                });
    }

    private static double number(RecordComponent component, Record stats) {
        try {
            return ((Number) component.getAccessor().invoke(stats)).doubleValue();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("component of a public record: " + component, e);
        }
    }

    /** A number's name as the field has it: in lower case, with dots, its unit last. */
    private static String words(String number) {
        String dotted = number.replaceAll("(?=[A-Z])", ".").toLowerCase(Locale.ROOT);
        return dotted.replaceFirst("^(bytes|pages)[.](.+)$", "$2.$1");
    }
}
