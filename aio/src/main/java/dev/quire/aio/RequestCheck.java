package dev.quire.aio;

import dev.quire.allocator.IoMemory;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/** What a request must look like, tested before anything happens. */
final class RequestCheck {
    private final Path path;
    private final int offsetAlignmentBytes;
    private final int memoryAlignmentBytes;
    private final KnownMemory known;

    RequestCheck(Path path, int offsetAlignmentBytes, int memoryAlignmentBytes, KnownMemory known) {
        this.known = known;
        this.path = path;
        this.offsetAlignmentBytes = offsetAlignmentBytes;
        this.memoryAlignmentBytes = memoryAlignmentBytes;
    }

    /** A segment to be read into. */
    void target(MemorySegment segment, long position) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException(
                    "segment to read into must be writable: segment=" + segment + ", file=" + path);
        }
        source(segment, position);
    }

    /** A segment to be written from. */
    void source(MemorySegment segment, long position) {
        position(position, segment.byteSize());
        memory(segment, position);
    }

    void targets(MemorySegment[] segments, int from, int count, long position) {
        Objects.checkFromIndexSize(from, count, segments.length);
        for (int i = from; i < from + count; i++) {
            target(segments[i], position);
        }
        position(position, Transfer.lengthBytes(segments, from, count));
    }

    void sources(MemorySegment[] segments, int from, int count, long position) {
        Objects.checkFromIndexSize(from, count, segments.length);
        for (int i = from; i < from + count; i++) {
            source(segments[i], position);
        }
        position(position, Transfer.lengthBytes(segments, from, count));
    }

    void targets(IoMemory[] memory, int from, int count, long position) {
        Objects.checkFromIndexSize(from, count, memory.length);
        for (int i = from; i < from + count; i++) {
            target(memory[i].segment(), position);
        }
        fragments(memory, from, count, position);
    }

    void sources(IoMemory[] memory, int from, int count, long position) {
        Objects.checkFromIndexSize(from, count, memory.length);
        for (int i = from; i < from + count; i++) {
            source(memory[i].segment(), position);
        }
        fragments(memory, from, count, position);
    }

    /** A range of the file without memory. */
    void range(long position, long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException(
                    "length must be more than 0: bytes=" + bytes + ", file=" + path);
        }
        position(position, bytes);
    }

    /** A segment that threads of the engine will reach while its owner goes on. */
    void shared(MemorySegment segment) {
        if (!Bounce.isShared(segment)) {
            throw new IllegalArgumentException(
                    "segment of an asynchronous request must not be of a confined arena: segment="
                            + segment
                            + ", file="
                            + path);
        }
    }

    void shared(MemorySegment[] segments, int from, int count) {
        for (int i = from; i < from + count; i++) {
            shared(segments[i]);
        }
    }

    private void fragments(IoMemory[] memory, int from, int count, long position) {
        long length = 0;
        for (int i = from; i < from + count; i++) {
            MemorySegment segment = memory[i].segment();
            shared(segment);
            length = Math.addExact(length, segment.byteSize());
        }
        position(position, length);
    }

    private void position(long position, long length) {
        if (position < 0 || position > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "position must be 0 or more and position + length fit a long: position="
                            + position
                            + ", length="
                            + length
                            + ", file="
                            + path);
        }
    }

    private void memory(MemorySegment segment, long position) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "segment must be native memory: segment=" + segment + ", file=" + path);
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw new IllegalArgumentException(
                    "segment must be accessible by its caller: segment="
                            + segment
                            + ", file="
                            + path);
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException(
                    "segment must be alive: segment=" + segment + ", file=" + path);
        }
        long length = segment.byteSize();
        if (length > AsyncFile.TRANSFER_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "length must be 0.."
                            + AsyncFile.TRANSFER_BYTES_MAX
                            + " bytes: length="
                            + length
                            + ", file="
                            + path);
        }
        boolean aligned =
                ((position | length) & (offsetAlignmentBytes - 1)) == 0
                        && (segment.address() & (memoryAlignmentBytes - 1)) == 0;
        if (!aligned) {
            throw misaligned(segment, position);
        }
        known.check(segment, path);
    }

    private IllegalArgumentException misaligned(MemorySegment segment, long position) {
        return new IllegalArgumentException(
                "direct I/O needs position and length in multiples of "
                        + offsetAlignmentBytes
                        + " and the address in multiples of "
                        + memoryAlignmentBytes
                        + ": position="
                        + position
                        + ", length="
                        + segment.byteSize()
                        + ", address=0x"
                        + Long.toHexString(segment.address())
                        + ", file="
                        + path);
    }
}
