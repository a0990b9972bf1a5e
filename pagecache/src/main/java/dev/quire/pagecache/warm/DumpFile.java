package dev.quire.pagecache.warm;

import dev.quire.pagecache.warm.WarmUp.Outcome;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A list of hot pages on the disk. It is written beside its place, synced and renamed, so that a
 * crash leaves the old dump or the new one; and it is believed only as a whole.
 *
 * <pre>
 *   byte  0  magic "QUIREHOT"          40  created, ns since 1970
 *         8  version 1                 48  modified, ns since 1970
 *        12  bytes of a page           56  pages of the main list, m
 *        16  flags: 1 = file closed    60  pages on probation, p
 *        20  bytes of the name, n      64  name of a store that is no file, UTF-8
 *        24  inode                 64 + n  m + p page numbers, 8 bytes each
 *        32  bytes of the file      at end CRC32C of all before, 4 bytes        (big-endian)
 * </pre>
 */
final class DumpFile {
    private static final long MAGIC = 0x5155_4952_4548_4F54L; // "QUIREHOT"
    private static final int VERSION = 1;
    private static final int CLOSED = 1;
    private static final int HEADER_BYTES = 64;
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int NAME_BYTES_MAX = 4096;
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path path;

    DumpFile(Path path) {
        this.path = path;
    }

    /**
     * What a dump holds.
     *
     * @param identity of which file
     * @param closed whether the file was closed when it was dumped
     * @param pages the list
     */
    record Content(FileIdentity identity, boolean closed, HotPages pages) {}

    // ---- write

    /** Replaces the dump, as a whole; it is durable afterwards. */
    void write(Content content) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        try {
            try (FileChannel file =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                new Writer(file).write(content);
                file.force(true);
            }
            Files.move(
                    temporary,
                    path,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        syncFolder();
    }

    private void syncFolder() throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            try (FileChannel open = FileChannel.open(folder, StandardOpenOption.READ)) {
                open.force(true);
            }
        }
    }

    private static final class Writer {
        private final FileChannel file;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        private final CRC32C checksum = new CRC32C();

        Writer(FileChannel file) {
            this.file = file;
        }

        void write(Content content) throws IOException {
            FileIdentity identity = content.identity();
            HotPages pages = content.pages();
            byte[] name = identity.name().getBytes(StandardCharsets.UTF_8);
            if (name.length > NAME_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "name must be at most "
                                + NAME_BYTES_MAX
                                + " bytes of UTF-8: bytes="
                                + name.length);
            }
            buffer.putLong(MAGIC)
                    .putInt(VERSION)
                    .putInt(identity.pageBytes())
                    .putInt(content.closed() ? CLOSED : 0)
                    .putInt(name.length)
                    .putLong(identity.inode())
                    .putLong(identity.sizeBytes())
                    .putLong(identity.createdNanos())
                    .putLong(identity.modifiedNanos())
                    .putInt(pages.mainCount())
                    .putInt(pages.count() - pages.mainCount())
                    .put(name);
            for (int i = 0; i < pages.count(); i++) {
                if (buffer.remaining() < Long.BYTES) {
                    flush();
                }
                buffer.putLong(pages.page(i));
            }
            flush();
            buffer.putInt((int) checksum.getValue());
            flush();
        }

        private void flush() throws IOException {
            buffer.flip();
            checksum.update(buffer.duplicate());
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
            buffer.clear();
        }
    }

    // ---- read

    /**
     * Reads the dump.
     *
     * @throws RefusedDumpException if it is none, or damaged in any bit
     * @throws java.nio.file.NoSuchFileException if there is none
     */
    Content read() throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new Reader(file).read();
        } catch (EOFException e) {
            throw damaged("it ends too early");
        }
    }

    private static RefusedDumpException damaged(String why) {
        return new RefusedDumpException(Outcome.DAMAGED, why);
    }

    private static final class Reader {
        private final FileChannel file;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        private final CRC32C checksum = new CRC32C();

        Reader(FileChannel file) {
            this.file = file;
        }

        Content read() throws IOException {
            fill(HEADER_BYTES);
            checkMagic();
            int version = buffer.getInt();
            int pageBytes = buffer.getInt();
            int flags = buffer.getInt();
            int nameBytes = buffer.getInt();
            long inode = buffer.getLong();
            long sizeBytes = buffer.getLong();
            long created = buffer.getLong();
            long modified = buffer.getLong();
            int main = buffer.getInt();
            int probation = buffer.getInt();
            checkLength(nameBytes, main, probation);
            byte[] name = new byte[nameBytes];
            fill(nameBytes);
            buffer.get(name);
            long[] pages = pages(main + probation);
            checkSum();
            if (version != VERSION) {
                throw damaged("its version must be " + VERSION + ": version=" + version);
            }
            FileIdentity identity =
                    new FileIdentity(
                            new String(name, StandardCharsets.UTF_8),
                            inode,
                            created,
                            modified,
                            sizeBytes,
                            pageBytes);
            return new Content(identity, (flags & CLOSED) != 0, new HotPages(pages, main));
        }

        private void checkMagic() throws RefusedDumpException {
            if (buffer.getLong() != MAGIC) {
                throw damaged("it is no dump of hot pages");
            }
        }

        /** Before anything is allocated by what the header says. */
        private void checkLength(int nameBytes, int main, int probation) throws IOException {
            long pages = (long) main + probation;
            long expected = HEADER_BYTES + nameBytes + pages * Long.BYTES + CHECKSUM_BYTES;
            if (nameBytes < 0
                    || nameBytes > NAME_BYTES_MAX
                    || main < 0
                    || probation < 0
                    || pages > Integer.MAX_VALUE
                    || expected != file.size()) {
                throw damaged("its length is not what its header says: bytes=" + file.size());
            }
        }

        private long[] pages(int count) throws IOException {
            long[] pages = new long[count];
            for (int done = 0; done < count; ) {
                int some = Math.min(count - done, BUFFER_BYTES / Long.BYTES);
                fill(some * Long.BYTES);
                buffer.asLongBuffer().get(pages, done, some);
                done += some;
            }
            return pages;
        }

        private void checkSum() throws IOException {
            int expected = (int) checksum.getValue();
            fill(CHECKSUM_BYTES);
            if (buffer.getInt() != expected) {
                throw damaged("its checksum is wrong");
            }
        }

        private void fill(int bytes) throws IOException {
            buffer.clear().limit(bytes);
            while (buffer.hasRemaining()) {
                if (file.read(buffer) < 0) {
                    throw new EOFException();
                }
            }
            buffer.flip();
            checksum.update(buffer.duplicate());
        }
    }
}
