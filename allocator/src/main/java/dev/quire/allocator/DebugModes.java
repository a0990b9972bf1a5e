package dev.quire.allocator;

import dev.quire.allocator.debug.Handles;
import dev.quire.allocator.debug.OwnerTracker;
import dev.quire.allocator.debug.Poison;
import dev.quire.allocator.frame.FrameTable;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * What an allocator does more for every block when it is asked to find bugs: poison, owner
 * tracking, handles with generations, each or all of them.
 *
 * <p>An allocator without debug modes has none of these, and its fast paths never ask: with one,
 * frame caches are off, so that every block passes FrameRelease; and a handle with a generation is
 * no frame number, so that it leaves the fast path where frame numbers are checked anyway.
 */
final class DebugModes {
    private final @Nullable Poison poison;
    private final @Nullable OwnerTracker owners;
    private final @Nullable Handles handles;

    private DebugModes(
            @Nullable Poison poison, @Nullable OwnerTracker owners, @Nullable Handles handles) {
        this.poison = poison;
        this.owners = owners;
        this.handles = handles;
    }

    /** The debug modes of a configuration; null when all are off. */
    static @Nullable DebugModes of(
            AllocatorConfig config, FrameTable frames, MemorySegment region) {
        if (!config.debugs()) {
            return null;
        }
        Tracking tracking = config.tracking();
        int oneIn = tracking == Tracking.FULL ? 1 : config.trackingSample();
        return new DebugModes(
                config.poison() ? new Poison(region, config.pageBytes()) : null,
                tracking == Tracking.OFF
                        ? null
                        : new OwnerTracker(
                                frames.frameCount(), oneIn, PageAllocator.class.getName()),
                tracking == Tracking.FULL ? new Handles(frames) : null);
    }

    // ---- a block's life

    /**
     * Looks for a write after free.
     *
     * @param frame a free frame, or the head of a free block
     * @param count frames to look at
     * @return where and what, or null when there was none
     */
    @Nullable Damage damage(int frame, int count) {
        long at = poison == null ? Poison.INTACT : poison.damage(frame, count);
        return poison == null || at == Poison.INTACT
                ? null
                : new Damage(poison.frame(at), poison.describe(at));
    }

    /** A write after free: the frame, and what was found in it. */
    record Damage(int frame, String found) {
        static final String RULE = "write after free";

        /** The frame and its damage in words. */
        String state(FrameTable frames) {
            return frames.describe(frame) + ", " + found;
        }
    }

    /** A block is about to be handed out; nobody else can reach it yet. */
    void allocated(int head, int count) {
        if (owners != null) {
            owners.allocated(head, count);
        }
        if (handles != null) {
            handles.renew(head);
        }
    }

    /** The caller, who owns a block FROZEN, frees it; its bytes stay as they are. */
    void freeing(int head, int count) {
        if (owners != null) {
            owners.freed(head, count);
        }
    }

    /** The caller owns a block FROZEN, and it passed all checks. */
    void freed(int head, int count) {
        freeing(head, count);
        if (poison != null) {
            poison.fill(head, count);
        }
    }

    /** The memory of free frames was given back to the system, and reads as zeros. */
    void givenBack(int frame, int count) {
        if (poison != null) {
            poison.forget(frame, count);
        }
    }

    // ---- handles

    /** The handle of a frame in the block's present life. */
    int handle(int frame) {
        return handles == null || frame < 0 ? frame : handles.handle(frame);
    }

    /** The frame of a handle; outside the region when it is none's. */
    int frame(int handle) {
        return handles == null ? handle : handles.frame(handle);
    }

    /**
     * Whether a handle is of an earlier life of its frame.
     *
     * @return the generations, or null when it is not
     */
    @Nullable String staleness(int handle) {
        if (handles == null || !handles.isStale(handle)) {
            return null;
        }
        int now = handles.current(handles.frame(handle));
        return "generation=" + handles.generation(handle) + ", now " + now;
    }

    // ---- reports

    /** Who is tracked; null when nobody is. */
    @Nullable OwnerTracker owners() {
        return owners;
    }

    /** What is known about who allocated and freed a frame, if it is one; some lines, or none. */
    String history(int frame) {
        if (owners == null) {
            return "";
        }
        return frame < 0 ? owners.here() : owners.here() + "\n" + owners.history(frame);
    }

    long metadataBytes() {
        return (poison == null ? 0 : poison.metadataBytes())
                + (owners == null ? 0 : owners.metadataBytes())
                + (handles == null ? 0 : handles.metadataBytes());
    }

    @Override
    public String toString() {
        return "poison="
                + (poison == null ? "off" : "on")
                + ", tracking="
                + (owners == null ? "off" : owners)
                + ", generations="
                + (handles == null ? "off" : "on");
    }
}
