package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Copies of segments that only their own thread may reach, for a request another thread runs. */
final class Bounce {
    // Any thread but the caller's tells a confined arena from the others.
    private static final Thread STRANGER = Thread.ofPlatform().unstarted(() -> {});

    private final MemorySegment[] copies;
    private final MemorySegment[] segments;
    private final int from;

    Bounce(Arena arena, MemorySegment[] segments, int from, int count, int alignmentBytes) {
        this.segments = segments;
        this.from = from;
        copies = new MemorySegment[count];
        for (int i = 0; i < count; i++) {
            copies[i] = arena.allocate(segments[from + i].byteSize(), alignmentBytes);
        }
    }

    static boolean isShared(MemorySegment segment) {
        return segment.isAccessibleBy(STRANGER);
    }

    static boolean isNeeded(
            @Nullable MemorySegment segment, MemorySegment[] segments, int from, int count) {
        if (segment != null) {
            return !isShared(segment);
        }
        for (int i = from; i < from + count; i++) {
            if (!isShared(segments[i])) {
                return true;
            }
        }
        return false;
    }

    MemorySegment[] copies() {
        return copies;
    }

    /** Copies what is to be written. */
    void fill() {
        for (int i = 0; i < copies.length; i++) {
            copies[i].copyFrom(segments[from + i]);
        }
    }

    /** Gives back the bytes that were read. */
    void drain(long bytes) {
        long left = bytes;
        for (int i = 0; i < copies.length && left > 0; i++) {
            long length = Math.min(left, copies[i].byteSize());
            MemorySegment.copy(copies[i], 0, segments[from + i], 0, length);
            left -= length;
        }
    }
}
