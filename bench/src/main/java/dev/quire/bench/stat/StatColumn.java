package dev.quire.bench.stat;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.console.Units;

import java.util.List;
import java.util.Locale;

/**
 * The columns of a line but the free blocks, the most telling ones first: a narrow terminal shows
 * as many as fit.
 */
enum StatColumn {
    OPS("ops", "accesses", Kind.RATE, "pages looked up by cursors", "stats.accesses"),
    HIT("hit%", "hitPercent", Kind.HITS, "part of them that were cached"),
    FAULTS(
            "flt",
            "faults",
            Kind.RATE,
            "pages brought in: read from a store, or made new",
            "stats.faults"),
    REFAULTS(
            "reft",
            "refaults",
            Kind.RATE,
            "of those, pages that had left shortly before",
            "stats.refaults"),
    SCANNED("scan", "scanned", Kind.RATE, "frames that reclaim looked at", "stats.framesScanned"),
    STOLEN("steal", "stolen", Kind.RATE, "of those, frames that it took", "stats.evictions"),
    WRITTEN("wrtn", "written", Kind.RATE, "pages written back", "stats.pagesWritten"),
    WRITING("wb", "writing", Kind.NOW, "pages being written back", "stats.writebackPages"),
    DIRTY("dirty", "dirty", Kind.NOW, "pages newer than their store", "stats.dirtyPages"),
    FREE("free", "free", Kind.NOW, "frames that hold no page", "stats.freeFrames"),
    FRAME_STALLS(
            "sfrm",
            "frameStalls",
            Kind.RATE,
            "waits for a frame: none was free",
            "stats.frameWaits"),
    WRITE_STALLS(
            "swrt",
            "writeStalls",
            Kind.RATE,
            "waits of writers: too much was dirty",
            "stats.writeThrottles"),
    PAGE_STALLS(
            "spag",
            "pageStalls",
            Kind.RATE,
            "waits for a page that another thread had",
            "stats.pageWaits"),
    STALL_MILLIS(
            "stms",
            "stallMillis",
            Kind.MILLIS,
            "milliseconds of these waits, all threads",
            "stats.frameWaitNanos",
            "stats.writeThrottleNanos",
            "stats.pageWaitNanos"),
    ERRORS(
            "err",
            "errors",
            Kind.GROWTH,
            "failed reads, writes, syncs; misused frames",
            "stats.readErrors",
            "stats.writeErrors",
            "allocator.badPages"),
    DEFERRED(
            "dfrd",
            "deferred",
            Kind.NOW,
            "frames whose free waits for a list",
            "allocator.deferredFrames"),
    SYNCS("sync", "syncs", Kind.RATE, "times a store was made durable", "stats.syncs"),
    AHEAD("ra", "readAhead", Kind.RATE, "pages read ahead, or prefetched", "stats.prefetchedPages"),
    WASTED(
            "raw",
            "readAheadWasted",
            Kind.RATE,
            "of those, pages that left unused",
            "stats.prefetchesWasted"),
    DIRECT(
            "dio",
            "direct",
            Kind.RATE,
            "direct reads and writes",
            "stats.directReads",
            "stats.directWrites"),
    MOVED("move", "moved", Kind.RATE, "pages moved to another frame", "stats.relocations"),
    IMAGES("img", "images", Kind.NOW, "frames with old images of snapshots", "stats.imageFrames");

    /** What is made of the numbers. */
    private enum Kind {
        RATE("/s"),
        NOW("now"),
        GROWTH("new"),
        HITS("%"),
        MILLIS("/s");

        private final String unit;

        Kind(String unit) {
            this.unit = unit;
        }
    }

    private final String header;
    private final String key;
    private final Kind kind;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // It is: List.of
    private final List<String> numbers;

    StatColumn(String header, String key, Kind kind, String meaning, String... numbers) {
        this.header = header;
        this.key = key;
        this.kind = kind;
        this.meaning = meaning;
        this.numbers = List.of(numbers);
    }

    /** What stands above it. */
    String header() {
        return header;
    }

    /** What it is called in JSON. */
    String key() {
        return key;
    }

    /** Whether it is a rate a second, what is new since the line before, or how it is now. */
    String unit() {
        return kind.unit;
    }

    /** What it tells, in words. */
    String meaning() {
        return meaning;
    }

    /** The number between two samples; NaN where there is none. */
    double value(Sample before, Sample now) {
        double growth = 0;
        double present = 0;
        for (String name : numbers) {
            growth += now.growth(before, name);
            present += now.get(name);
        }
        return switch (kind) {
            case RATE -> growth / now.secondsSince(before);
            case NOW -> present;
            case GROWTH -> growth;
            case HITS -> hitPercent(before, now);
            case MILLIS -> growth / 1e6 / now.secondsSince(before);
        };
    }

    private static double hitPercent(Sample before, Sample now) {
        double accesses = now.growth(before, "stats.accesses");
        double hits = Math.max(0, accesses - now.growth(before, "stats.faults"));
        return accesses == 0 ? Double.NaN : 100 * hits / accesses;
    }

    /** The number in at most five characters. */
    String cell(Sample before, Sample now) {
        double value = value(before, now);
        if (Double.isNaN(value)) {
            return "-";
        }
        return kind == Kind.HITS ? String.format(Locale.ROOT, "%.1f", value) : Units.rate(value);
    }

    void put(JsonObject into, Sample before, Sample now) {
        into.put(key, value(before, now));
    }
}
