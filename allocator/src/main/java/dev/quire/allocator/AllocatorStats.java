package dev.quire.allocator;

import java.io.Serializable;

/**
 * An allocator's numbers at one time. They are read one after another while others work, so that
 * each is right but they need not add up; at quiescence they do (I6): {@code free + cached +
 * allocated + deferred + quarantined = capacity}. What is named in frames is so now; the others are
 * counts since the allocator was created, exact up to what other threads do during the call.
 *
 * @param pageBytes bytes of a frame
 * @param capacityFrames frames of the region
 * @param freeFrames frames that are free in the zone
 * @param cachedFrames free frames kept ready in frame caches; counted by a walk, may be stale
 * @param allocatedFrames frames in somebody's hands: what is left of the capacity, so as stale as
 *     the four it is computed from
 * @param deferredFrames frames that wait to be taken off an LRU list; counted by a walk, may be
 *     stale
 * @param quarantinedFrames frames that failed a check and are never handed out again
 * @param reserveFrames frames that only reclaim, write-back and completions may take
 * @param lowFrames free frames below which background reclaim begins, withheld ones included; moves
 *     with the pace at which frames are taken
 * @param highFrames free frames at which background reclaim ends, counted as {@code lowFrames}
 * @param withheldFrames frames that stay free because only the others may be used
 * @param allocations blocks handed out so far
 * @param frees blocks that came back so far
 * @param deferredFrees of those, blocks that had to wait to be taken off an LRU list first
 * @param failures allocations that found no block, after all that was tried for them
 * @param badPages misuses found so far, shown or not
 * @param shrinkerRuns how often direct reclaim was called
 * @param shrinkerNanos nanoseconds that threads spent there, all of them together, their waits for
 *     write-back included
 * @param shrinkerFailures how often the shrinker or the deferred hook threw
 * @param regionBytes address space of the frames
 * @param metadataBytes what describes them: frame table, deferred links, zone, frame caches and the
 *     columns of debug modes
 */
public record AllocatorStats(
        int pageBytes,
        int capacityFrames,
        int freeFrames,
        int cachedFrames,
        int allocatedFrames,
        int deferredFrames,
        int quarantinedFrames,
        int reserveFrames,
        int lowFrames,
        int highFrames,
        int withheldFrames,
        long allocations,
        long frees,
        long deferredFrees,
        long failures,
        long badPages,
        long shrinkerRuns,
        long shrinkerNanos,
        long shrinkerFailures,
        long regionBytes,
        long metadataBytes)
        implements Serializable {}
