package dev.quire.allocator;

import dev.quire.allocator.frame.FrameState;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An allocator in lines, for a person who looks at a program in trouble. One walk over the frames,
 * while others go on: what it says was true of each frame at some moment of the walk.
 */
final class AllocatorDump {
    /** Groups that are told apart; blocks of others are only counted. */
    static final int GROUPS_MAX = 512;

    /** Groups that get a line. */
    static final int GROUPS_SHOWN = 32;

    /** Deferred and quarantined blocks that get a line, each. */
    static final int BLOCKS_SHOWN = 16;

    /** Places of allocation that are shown. */
    static final int SITES_SHOWN = 16;

    /** All flags: LOCKED is the lowest. */
    private static final long FLAGS = -FrameState.LOCKED;

    /** What blocks have in common that get one line. */
    private record Kind(int order, long flags, int owner) {}

    /** Blocks of one kind. */
    private static final class Group {
        private final Kind kind;
        private final int first;
        private int blocks;
        private int refsMin = Integer.MAX_VALUE;
        private int refsMax;
        private int pinsMax;

        Group(Kind kind, int first) {
            this.kind = kind;
            this.first = first;
        }

        void add(long word) {
            blocks++;
            refsMin = Math.min(refsMin, FrameState.refs(word));
            refsMax = Math.max(refsMax, FrameState.refs(word));
            pinsMax = Math.max(pinsMax, FrameState.pins(word));
        }

        int frames() {
            return blocks << kind.order;
        }

        @Override
        public String toString() {
            String flags = FrameState.flagNames(kind.flags);
            return "o"
                    + kind.order
                    + (flags.isEmpty() ? "" : " [" + flags + "]")
                    + (kind.owner == FrameTable.OWNER_NONE ? "" : " owner " + kind.owner)
                    + ": "
                    + AllocationSite.count(blocks, frames())
                    + ", refs "
                    + refsMin
                    + (refsMax > refsMin ? ".." + refsMax : "")
                    + (pinsMax > 0 ? ", pins up to " + pinsMax : "")
                    + ", first F#"
                    + Integer.toHexString(first);
        }
    }

    private final FrameTable frames;
    private final Map<Kind, Group> groups = new HashMap<>();
    private final List<String> deferred = new ArrayList<>();
    private final List<String> quarantined = new ArrayList<>();
    private final AllocationSites sites;
    private int deferredBlocks;
    private int quarantinedBlocks;
    private int otherBlocks;
    private int otherFrames;

    AllocatorDump(FrameTable frames, @Nullable DebugModes debug) {
        this.frames = frames;
        sites = new AllocationSites(debug == null ? null : debug.owners());
        for (int frame = 0; frame < frames.frameCount(); frame++) {
            int order = frames.order(frame);
            if (order >= 0 && order <= PageAllocator.ORDER_MAX) {
                add(frame, order, frames.word(frame));
            }
        }
    }

    private void add(int head, int order, long word) {
        Kind kind = new Kind(order, word & FLAGS, frames.owner(head));
        Group group = groups.get(kind);
        if (group == null && groups.size() < GROUPS_MAX) {
            group = new Group(kind, head);
            groups.put(kind, group);
        }
        if (group != null) {
            group.add(word);
        } else {
            otherBlocks++;
            otherFrames += 1 << order;
        }
        if (FrameState.any(word, FrameState.DEFERRED)) {
            deferredBlocks++;
            describe(head, deferred);
        } else if (FrameState.any(word, FrameState.QUARANTINED)) {
            quarantinedBlocks++;
            describe(head, quarantined);
        } else if (!FrameState.any(word, FrameState.SPARE)) {
            sites.add(head, 1 << order);
        }
    }

    private void describe(int head, List<String> shown) {
        if (shown.size() < BLOCKS_SHOWN) {
            shown.add(frames.describe(head));
        }
    }

    /** Free blocks, and of what use they are to each order. */
    static void appendFree(BuddyInfo buddies, Appendable out) throws IOException {
        out.append("free blocks by order: blocks, frames, unusable/1000, fragmentation/1000\n");
        for (int order = 0; order <= BuddyInfo.ORDER_MAX; order++) {
            int index = buddies.fragmentationIndex(order);
            out.append("  o")
                    .append(Integer.toString(order))
                    .append(": ")
                    .append(Integer.toString(buddies.freeBlocks(order)))
                    .append(", ")
                    .append(Integer.toString(buddies.freeBlocks(order) << order))
                    .append(", ")
                    .append(Integer.toString(buddies.unusableIndex(order)))
                    .append(", ")
                    .append(
                            index == BuddyInfo.WOULD_SUCCEED
                                    ? "would succeed"
                                    : Integer.toString(index))
                    .append('\n');
        }
    }

    /** Blocks that are not free. */
    void appendBlocks(Appendable out) throws IOException {
        List<Group> largest = new ArrayList<>(groups.values());
        largest.sort(
                Comparator.comparingInt(Group::frames)
                        .reversed()
                        .thenComparingInt(group -> group.first));
        out.append("blocks that are not free, by order, flags and owner, largest first\n");
        int shown = Math.min(GROUPS_SHOWN, largest.size());
        for (Group group : largest.subList(0, shown)) {
            out.append("  ").append(group.toString()).append('\n');
        }
        for (Group group : largest.subList(shown, largest.size())) {
            otherBlocks += group.blocks;
            otherFrames += group.frames();
        }
        if (otherBlocks > 0) {
            out.append("  and others: ")
                    .append(AllocationSite.count(otherBlocks, otherFrames))
                    .append('\n');
        }
        appendList("deferred", deferredBlocks, deferred, out);
        appendList("quarantined", quarantinedBlocks, quarantined, out);
        appendSites(out);
    }

    private static void appendList(String what, int count, List<String> shown, Appendable out)
            throws IOException {
        if (count == 0) {
            return;
        }
        out.append(what).append(" blocks: ").append(Integer.toString(count)).append('\n');
        for (String block : shown) {
            out.append("  ").append(block).append('\n');
        }
        if (count > shown.size()) {
            out.append("  and ").append(Integer.toString(count - shown.size())).append(" more\n");
        }
    }

    private void appendSites(Appendable out) throws IOException {
        int count = sites.count();
        if (count == 0) {
            return;
        }
        out.append("blocks in use by who allocated them, largest first\n");
        for (AllocationSite site : sites.largest(SITES_SHOWN)) {
            out.append("  ").append(site.toString()).append('\n');
        }
        if (count > SITES_SHOWN) {
            out.append("  and ")
                    .append(Integer.toString(count - SITES_SHOWN))
                    .append(" places more\n");
        }
    }
}
