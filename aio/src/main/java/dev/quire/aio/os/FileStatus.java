package dev.quire.aio.os;

/**
 * What {@code statx(2)} says of an open file.
 *
 * @param kind regular file, directory, block device or something else
 * @param blockBytes preferred I/O size in bytes; a file system may answer anything
 * @param directOffsetBytes alignment of position and length for direct I/O in bytes; 0 when the
 *     kernel or the file system does not say
 * @param directReadOffsetBytes the same for reads, where a file system asks less of them; 0 when
 *     not said
 * @param directMemoryBytes alignment of memory for direct I/O in bytes; 0 when not said
 * @param atomicWriteBytesMin shortest write that a crash leaves whole or undone, in bytes; 0 when
 *     there are no such writes
 * @param atomicWriteBytesMax longest such write in bytes
 * @param atomicWriteSegmentsMax most segments of such a write
 */
public record FileStatus(
        Kind kind,
        int blockBytes,
        int directOffsetBytes,
        int directReadOffsetBytes,
        int directMemoryBytes,
        int atomicWriteBytesMin,
        int atomicWriteBytesMax,
        int atomicWriteSegmentsMax) {
    /** What kind of file it is. */
    public enum Kind {
        /** A regular file. */
        REGULAR,
        /** A directory. */
        DIRECTORY,
        /** A block device. */
        BLOCK_DEVICE,
        /** A pipe, a socket or a character device. */
        OTHER
    }

    // Where direct I/O aligns when nobody says: the largest logical block in common use, and a
    // page.
    private static final int ALIGNMENT_FALLBACK_BYTES = 4096;
    private static final int ALIGNMENT_MAX_BYTES = 1 << 16;

    /**
     * Alignment to use for position and length: what the kernel asks, else its block size when that
     * is a plausible power of two (tmpfs answers 0 to the question itself), else 4096.
     *
     * @return bytes, a power of two
     */
    public int offsetAlignmentBytes() {
        if (usable(directOffsetBytes)) {
            return directOffsetBytes;
        }
        return usable(blockBytes) && blockBytes >= 512 && blockBytes <= ALIGNMENT_MAX_BYTES
                ? blockBytes
                : ALIGNMENT_FALLBACK_BYTES;
    }

    /**
     * Alignment to use for memory addresses: what the kernel asks, else 4096.
     *
     * @return bytes, a power of two
     */
    public int memoryAlignmentBytes() {
        return usable(directMemoryBytes) ? directMemoryBytes : ALIGNMENT_FALLBACK_BYTES;
    }

    private static boolean usable(int bytes) {
        return bytes > 0 && Integer.bitCount(bytes) == 1;
    }
}
