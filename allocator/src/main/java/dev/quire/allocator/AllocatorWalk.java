package dev.quire.allocator;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;
import dev.quire.allocator.zone.BuddyZone;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Walks every frame of an allocator: to check the invariants, and to find what leaked. */
final class AllocatorWalk {
    private static final long OWNERLESS =
            FrameState.SPARE | FrameState.FROZEN | FrameState.DEFERRED | FrameState.QUARANTINED;

    private final FrameTable frames;
    private final BuddyZone zone;
    private final @Nullable DebugModes debug;

    private int freeFrames;
    private int spareFrames;
    private int allocatedFrames;
    private int deferredFrames;
    private int quarantinedFrames;

    AllocatorWalk(FrameTable frames, BuddyZone zone, @Nullable DebugModes debug) {
        this.frames = frames;
        this.zone = zone;
        this.debug = debug;
    }

    /**
     * Checks I1, I4, I6 and what the allocator can see of I2. Exact only at quiescence.
     *
     * @param spare heads that the frame caches know of
     * @param deferred frames on the deferred stack
     * @param quarantined frames counted as quarantined
     * @throws AssertionError naming the invariant and the frame
     */
    void verify(int[] spare, int deferred, int quarantined) {
        zone.verify();
        int frame = 0;
        while (frame < frames.frameCount()) {
            frame += zone.isFree(frame) ? verifyFree(frame) : verifyBlock(frame, spare);
        }
        verifySum("free", freeFrames, zone.freeFrames());
        verifySum("deferred", deferredFrames, deferred);
        verifySum("quarantined", quarantinedFrames, quarantined);
        verifySum(
                "all",
                freeFrames + spareFrames + allocatedFrames + deferredFrames + quarantinedFrames,
                frames.frameCount());
    }

    private int verifyFree(int frame) {
        check(frames.word(frame) == 0, "I1 a free frame's word is 0", frame);
        check(frames.order(frame) == FrameTable.ORDER_NONE, "I4 a free frame has no order", frame);
        check(frames.owner(frame) == FrameTable.OWNER_NONE, "I5 a free frame has no owner", frame);
        check(damage(frame) == null, "no free frame is written to", frame);
        freeFrames++;
        return 1;
    }

    private DebugModes.@Nullable Damage damage(int frame) {
        return debug == null ? null : debug.damage(frame, 1);
    }

    private int verifyBlock(int head, int[] spare) {
        long word = frames.word(head);
        boolean quarantined = FrameState.any(word, FrameState.QUARANTINED);
        if (!quarantined) {
            verifyHead(head, word);
        }
        int order = frames.order(head);
        int length = quarantined ? FrameRelease.length(frames, head) : 1 << order;
        for (int tail = head + 1; tail < head + length && !quarantined; tail++) {
            verifyTail(tail);
        }
        if (quarantined) {
            quarantinedFrames += length;
        } else if (word == FrameState.SPARE) {
            check(
                    Arrays.binarySearch(spare, head) >= 0,
                    "I6 a spare block is in a frame cache",
                    head);
            check(frames.owner(head) == FrameTable.OWNER_NONE, "I5 a spare block's owner", head);
            spareFrames += length;
        } else if (FrameState.any(word, FrameState.DEFERRED)) {
            deferredFrames += length;
        } else {
            allocatedFrames += length;
        }
        return length;
    }

    private void verifyHead(int head, long word) {
        int order = frames.order(head);
        int length = 1 << order;
        check(order >= 0 && order <= BuddyZone.ORDER_MAX, "I4 a head carries its order", head);
        check((head & (length - 1)) == 0, "I4 a block is aligned to its order", head);
        check(head + length <= frames.frameCount(), "I4 a block lies in the region", head);
        int refs = FrameState.refs(word);
        int owned = Long.bitCount(word & OWNERLESS);
        check(
                refs > 0 ? owned == 0 : owned == 1,
                "I1 references 0 if and only if free, SPARE, FROZEN, DEFERRED or quarantined",
                head);
        check(FrameState.pins(word) <= refs, "I1 every pin is a reference", head);
        boolean lost =
                FrameState.any(word, FrameState.DEFERRED) && !FrameState.any(word, FrameState.LRU);
        check(!lost, "I2 a deferred frame is on an LRU list", head);
    }

    private void verifyTail(int tail) {
        check(!zone.isFree(tail), "I4 a tail is not free", tail);
        check(frames.word(tail) == 0, "I1 a tail has no references of its own", tail);
        check(frames.order(tail) == FrameTable.ORDER_TAIL, "I4 a tail is marked", tail);
    }

    /**
     * What is neither free nor spare nor deferred nor quarantined.
     *
     * @return the report; of 0 blocks when nothing leaked
     */
    LeakReport leaks() {
        int blocks = 0;
        int leaked = 0;
        List<String> first = new ArrayList<>();
        AllocationSites sites = new AllocationSites(debug == null ? null : debug.owners());
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            int order = frames.order(frame);
            boolean head = order >= 0 && order <= BuddyZone.ORDER_MAX;
            if (head && !FrameState.any(frames.word(frame), unleaked())) {
                blocks++;
                leaked += 1 << order;
                sites.add(frame, 1 << order);
                if (first.size() < LeakReport.SHOWN_MAX) {
                    first.add(frames.describe(frame));
                }
            }
        }
        return new LeakReport(blocks, leaked, first, sites.largest(LeakReport.SITES_MAX));
    }

    /** Where what is neither free nor deferred nor quarantined was allocated, as far as known. */
    List<AllocationSite> holders(int max) {
        if (debug == null || debug.owners() == null) {
            return List.of();
        }
        return leaks().sites().stream().limit(max).toList();
    }

    private static long unleaked() {
        return FrameState.SPARE | FrameState.DEFERRED | FrameState.QUARANTINED;
    }

    /** Reports every free frame that was written to, while its bytes can still be seen. */
    void reportDamage(BadPages badPages) {
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            DebugModes.Damage damage = zone.isFree(frame) ? damage(frame) : null;
            if (damage != null) {
                long word = frames.word(frame);
                badPages.report(DebugModes.Damage.RULE, frame, word, damage.state(frames));
            }
        }
    }

    private void verifySum(String what, int walked, int counted) {
        if (walked != counted) {
            throw new AssertionError(
                    "I6 free + in caches + allocated + deferred + quarantined = capacity: "
                            + what
                            + " walked="
                            + walked
                            + ", counted="
                            + counted);
        }
    }

    private void check(boolean holds, String rule, int frame) {
        if (!holds) {
            throw new AssertionError(rule + ": frame=" + frames.describe(frame));
        }
    }
}
