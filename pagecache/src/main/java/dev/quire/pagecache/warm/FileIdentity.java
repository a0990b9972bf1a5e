package dev.quire.pagecache.warm;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * What tells a file from others, and from what it was before: the page numbers of a dump mean
 * nothing in another file. No device number: it may change with every start of the machine.
 *
 * @param name of a store that is no file; empty for a file
 * @param inode 0 when the system does not tell
 * @param createdNanos since 1970; 0 when the system does not tell
 * @param modifiedNanos since 1970; 0 for a store that is no file
 * @param sizeBytes how long it is
 * @param pageBytes the size of the cache's pages
 */
record FileIdentity(
        String name,
        long inode,
        long createdNanos,
        long modifiedNanos,
        long sizeBytes,
        int pageBytes) {
    /** What a dump says about a file. */
    enum Match {
        SAME,
        FOREIGN,
        STALE
    }

    static FileIdentity ofFile(Path path, int pageBytes) throws IOException {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        long modified = attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS);
        long created = attributes.creationTime().to(TimeUnit.NANOSECONDS);
        return new FileIdentity(
                "",
                inodeOf(path),
                created == modified ? 0 : created, // what the JDK answers when it does not know
                modified,
                attributes.size(),
                pageBytes);
    }

    private static long inodeOf(Path path) throws IOException {
        try {
            return Files.getAttribute(path, "unix:ino") instanceof Long inode ? inode : 0;
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return 0; // another system
        }
    }

    static FileIdentity ofStore(String name, long sizeBytes, int pageBytes) {
        return new FileIdentity(name, 0, 0, 0, sizeBytes, pageBytes);
    }

    /**
     * Whether a dump is of this file as it is now.
     *
     * @param dumped what the dump says
     * @param closed whether nobody should have written the file since; otherwise it may have grown
     */
    Match match(FileIdentity dumped, boolean closed) {
        boolean otherTime =
                createdNanos != 0
                        && dumped.createdNanos != 0
                        && createdNanos != dumped.createdNanos;
        if (!name.equals(dumped.name)
                || inode != dumped.inode
                || pageBytes != dumped.pageBytes
                || otherTime) {
            return Match.FOREIGN;
        }
        boolean stale =
                closed
                        ? sizeBytes != dumped.sizeBytes || modifiedNanos != dumped.modifiedNanos
                        : sizeBytes < dumped.sizeBytes || modifiedNanos < dumped.modifiedNanos;
        return stale ? Match.STALE : Match.SAME;
    }

    /** For messages; of a null path the store it stands for. */
    static FileIdentity of(@Nullable Path path, String name, long sizeBytes, int pageBytes)
            throws IOException {
        return path == null ? ofStore(name, sizeBytes, pageBytes) : ofFile(path, pageBytes);
    }
}
