package dev.quire.bench.replay;

import dev.quire.bench.console.JsonObject;
import dev.quire.bench.reference.ReferenceCache;
import dev.quire.bench.reference.ReferencePolicy;
import dev.quire.bench.trace.Trace;

/**
 * What came of one replay.
 *
 * @param trace what was replayed
 * @param policy through what
 * @param reference whether that was a simulation instead of the page cache
 * @param frames how many pages it could hold
 * @param threads how many threads took part
 * @param hits accesses that found their page
 * @param seconds how long it took
 */
public record ReplayResult(
        Trace trace,
        String policy,
        boolean reference,
        int frames,
        int threads,
        long hits,
        double seconds) {

    /** Replays a trace through a reference policy. */
    static ReplayResult of(Trace trace, ReferencePolicy policy, int frames) {
        ReferenceCache cache = policy.create(frames, trace);
        long start = System.nanoTime();
        long hits = 0;
        for (int at = 0; at < trace.accesses(); at++) {
            hits += cache.access(trace.page(at)) ? 1 : 0;
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new ReplayResult(trace, policy.toString(), true, frames, 1, hits, seconds);
    }

    /**
     * How many accesses found their page.
     *
     * @return 0..1
     */
    public double hitRatio() {
        return (double) hits / trace.accesses();
    }

    long misses() {
        return trace.accesses() - hits;
    }

    JsonObject json() {
        return new JsonObject()
                .put("trace", trace.name())
                .put("policy", policy)
                .put("reference", reference)
                .put("frames", frames)
                .put("threads", threads)
                .put("accesses", trace.accesses())
                .put("pages", trace.pageCount())
                .put("hits", hits)
                .put("hitRatio", hitRatio())
                .put("seconds", seconds);
    }
}
