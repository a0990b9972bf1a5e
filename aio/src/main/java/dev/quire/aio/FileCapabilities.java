package dev.quire.aio;

/**
 * What a file and its file system support, as the system says it: a value, asked for once at the
 * open. All are 0 or false with an engine that has no way to ask, and for what the system does not
 * say.
 *
 * @param directOffsetBytes what position and length of direct I/O must be a multiple of, in bytes;
 *     0 also when the file has no direct I/O. Said of a file opened without DIRECT too. {@link
 *     AsyncFile#directAlignment} is what requests of this open must keep.
 * @param directReadOffsetBytes the same for reads alone, where the file system asks less of them
 * @param directMemoryBytes what addresses of direct I/O must be a multiple of, in bytes
 * @param atomicWriteBytesMin shortest write that a crash leaves whole or undone, in bytes; 0 when
 *     the device or the file system has no such writes
 * @param atomicWriteBytesMax longest such write in bytes, a power of two
 * @param atomicWriteSegmentsMax most segments of such a write
 * @param dataSyncWrites whether {@link WriteDurability#DATA_SYNC} is one operation of the system;
 *     otherwise it is a write and a sync
 */
public record FileCapabilities(
        int directOffsetBytes,
        int directReadOffsetBytes,
        int directMemoryBytes,
        int atomicWriteBytesMin,
        int atomicWriteBytesMax,
        int atomicWriteSegmentsMax,
        boolean dataSyncWrites) {
    /** Nothing is known. */
    static final FileCapabilities UNKNOWN = new FileCapabilities(0, 0, 0, 0, 0, 0, false);
}
