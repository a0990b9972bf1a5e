package dev.quire.bench.replay;

import dev.quire.bench.reference.ReferencePolicy;
import dev.quire.bench.trace.Trace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The page cache as it comes, beside every reference policy, on one trace. */
public final class HitRatios {
    private HitRatios() {}

    /**
     * Replays a trace through each of them, one thread.
     *
     * @param trace what is asked for
     * @param size of the caches
     * @return the page cache's result, then the others'
     * @throws IOException when a replay failed
     */
    public static List<ReplayResult> of(Trace trace, FrameCount size) throws IOException {
        int frames = size.frames(trace);
        List<ReplayResult> results = new ArrayList<>();
        results.add(new CacheReplay(trace, CachePolicy.RTQ, frames, 1).run());
        for (ReferencePolicy policy : ReferencePolicy.values()) {
            results.add(ReplayResult.of(trace, policy, frames));
        }
        return results;
    }
}
