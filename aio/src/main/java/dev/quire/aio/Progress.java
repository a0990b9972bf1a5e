package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;

/**
 * How far one transfer is: what is asked for, what has moved, and where the next try begins.
 *
 * <p>It survives the thread that works on it, so that a transfer may go on where an event of the
 * kernel left it.
 */
final class Progress {
    private static final MemorySegment[] NO_SEGMENTS = {};

    boolean write;
    WriteDurability durability = WriteDurability.NONE;
    long position;
    long length;
    long done;

    /** Tries since a byte last moved. */
    int tries;

    /** The whole memory of a transfer without a vector. */
    @Nullable MemorySegment single;

    MemorySegment[] segments = NO_SEGMENTS;

    /** The first segment with room, after its last. */
    int from;

    int end;

    /** Bytes of the first segment that have moved. */
    long skip;

    void one(boolean write, MemorySegment segment, long position, WriteDurability promise) {
        begin(write, position, segment.byteSize(), promise);
        single = segment;
    }

    void vector(
            boolean write,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            WriteDurability promise) {
        begin(write, position, Transfer.lengthBytes(segments, from, count), promise);
        this.segments = segments;
        this.from = from;
        end = from + count;
        skipFull();
    }

    /** Nothing to transfer; lets go of the caller's memory. */
    void clear() {
        begin(false, -1, 0, WriteDurability.NONE);
    }

    /** A range of the file and nothing to transfer; a position of -1 for none. */
    void range(long position, long bytes) {
        begin(false, position, bytes, WriteDurability.NONE);
    }

    boolean isDone() {
        return done == length;
    }

    /** Whether each try of this write is to be durable by itself. */
    boolean isDataSync() {
        return durability == WriteDurability.DATA_SYNC;
    }

    int count() {
        return end - from;
    }

    void advance(long moved) {
        done += moved;
        tries = 0;
        skip += moved;
        skipFull();
    }

    private void begin(boolean write, long position, long length, WriteDurability promise) {
        this.write = write;
        durability = promise;
        this.position = position;
        this.length = length;
        done = 0;
        tries = 0;
        single = null;
        segments = NO_SEGMENTS;
        from = 0;
        end = 0;
        skip = 0;
    }

    private void skipFull() {
        while (from < end && segments[from].byteSize() <= skip) {
            skip -= segments[from].byteSize();
            from++;
        }
    }
}
