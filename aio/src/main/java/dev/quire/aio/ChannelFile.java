package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file behind a {@link FileChannel}.
 *
 * <p>Used on engine threads only: an interrupt of the thread inside a channel closes it, and those
 * threads cannot be interrupted.
 */
final class ChannelFile implements RawFile {
    private final Path path;
    private final FileChannel channel;
    private final @Nullable FileChannel grower;
    private final boolean direct;
    private final int alignmentBytes;

    // Shared by writes: the byte that makes a file longer would overwrite what one of them puts
    // there after the size was asked for.
    private final ReentrantReadWriteLock growth = new ReentrantReadWriteLock();

    private ChannelFile(
            Path path,
            FileChannel channel,
            @Nullable FileChannel grower,
            boolean direct,
            int alignmentBytes) {
        this.path = path;
        this.channel = channel;
        this.grower = grower;
        this.direct = direct;
        this.alignmentBytes = alignmentBytes;
    }

    static ChannelFile open(Path path, OpenMode mode, Set<OpenOption> options) throws IoException {
        FileChannel channel = null;
        try {
            if (Files.isDirectory(path, new LinkOption[0])) {
                throw new IoException("open", path, -1, -1, Errno.EISDIR, null);
            }
            channel = FileChannel.open(path, options);
            int alignmentBytes =
                    mode.direct() ? Math.toIntExact(Files.getFileStore(path).getBlockSize()) : 1;
            // A direct channel cannot write the single byte that makes a file longer.
            FileChannel grower = null;
            if (mode.direct() && mode.write()) {
                grower = FileChannel.open(path, StandardOpenOption.WRITE);
            }
            return new ChannelFile(path, channel, grower, mode.direct(), alignmentBytes);
        } catch (IoException e) {
            throw e;
        } catch (IOException | UnsupportedOperationException e) {
            closeQuietly(channel, e);
            throw mode.failed(path, errnoOf(e), e);
        }
    }

    @Override
    public long read(MemorySegment segment, long offset, long bytes, long position)
            throws IOException {
        return Math.max(0, channel.read(buffer(segment, offset, bytes), position));
    }

    @Override
    public long write(
            MemorySegment segment, long offset, long bytes, long position, boolean dataSync)
            throws IOException {
        int n;
        growth.readLock().lock();
        try {
            n = channel.write(buffer(segment, offset, bytes), position);
        } finally {
            growth.readLock().unlock();
        }
        if (dataSync) {
            channel.force(false);
        }
        return n;
    }

    // A channel has no positional vector: one segment a try, the transfer loop goes on from there.
    @Override
    public long readVector(MemorySegment[] segments, int from, int count, long skip, long position)
            throws IOException {
        return read(segments[from], skip, segments[from].byteSize() - skip, position);
    }

    @Override
    public long writeVector(
            MemorySegment[] segments,
            int from,
            int count,
            long skip,
            long position,
            boolean dataSync)
            throws IOException {
        long bytes = segments[from].byteSize() - skip;
        return write(segments[from], skip, bytes, position, dataSync);
    }

    @Override
    public void sync(boolean metadata) throws IOException {
        try {
            channel.force(metadata);
        } catch (IOException e) {
            throw failed(metadata ? "sync" : "syncData", -1, e);
        }
    }

    @Override
    public void syncDirectory() throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null) {
            return;
        }
        FileChannel opened;
        try {
            opened = FileChannel.open(directory, StandardOpenOption.READ);
        } catch (IOException e) {
            // Some platforms cannot open a directory; there its entries need no sync of their own.
            if (e instanceof AccessDeniedException
                    && System.getProperty("os.name", "").startsWith("Windows")) {
                return;
            }
            throw OpenMode.directoryFailed(directory, errnoOf(e), e);
        }
        try (opened) {
            opened.force(true);
        } catch (IOException e) {
            throw new IoException("sync", directory, -1, -1, errnoOf(e), e);
        }
    }

    @Override
    public long sizeBytes() throws IOException {
        try {
            return channel.size();
        } catch (IOException e) {
            throw failed("size", -1, e);
        }
    }

    @Override
    public void truncate(long bytes) throws IOException {
        growth.writeLock().lock();
        try {
            if (bytes > channel.size()) {
                FileChannel growing = grower == null ? channel : grower;
                growing.write(ByteBuffer.allocateDirect(1), bytes - 1);
            } else {
                channel.truncate(bytes);
            }
        } catch (IOException e) {
            throw failed("truncate", bytes, e);
        } finally {
            growth.writeLock().unlock();
        }
    }

    @Override
    public void allocate(long position, long bytes) throws IOException {
        throw new IoException("allocate", path, position, bytes, Errno.EOPNOTSUPP, null);
    }

    @Override
    public void punchHole(long position, long bytes) throws IOException {
        throw new IoException("punchHole", path, position, bytes, Errno.EOPNOTSUPP, null);
    }

    @Override
    public void close() throws IOException {
        try {
            try {
                channel.close();
            } finally {
                if (grower != null) {
                    grower.close();
                }
            }
        } catch (IOException e) {
            throw failed("close", -1, e);
        }
    }

    @Override
    public boolean direct() {
        return direct;
    }

    @Override
    public FileCapabilities capabilities() {
        return FileCapabilities.UNKNOWN;
    }

    @Override
    public int offsetAlignmentBytes() {
        return alignmentBytes;
    }

    @Override
    public int memoryAlignmentBytes() {
        return alignmentBytes;
    }

    private static ByteBuffer buffer(MemorySegment segment, long offset, long bytes) {
        return segment.asSlice(offset, bytes).asByteBuffer();
    }

    private static int errnoOf(Exception e) {
        return switch (e) {
            case NoSuchFileException missing -> Errno.ENOENT;
            case AccessDeniedException denied -> Errno.EACCES;
            case FileAlreadyExistsException exists -> Errno.EEXIST;
            case java.nio.file.FileSystemException other -> Errno.ofMessage(other.getReason());
            default -> Errno.ofMessage(e.getMessage());
        };
    }

    private static void closeQuietly(@Nullable FileChannel channel, Exception reason) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                reason.addSuppressed(e);
            }
        }
    }

    private IoException failed(String operation, long length, IOException e) {
        return new IoException(operation, path, -1, length, errnoOf(e), e);
    }
}
