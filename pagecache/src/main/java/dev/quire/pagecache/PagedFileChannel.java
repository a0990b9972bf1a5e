package dev.quire.pagecache;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.pagecache.backing.FileFencedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A file of the cache as a channel: the bytes are those of the cached pages. What the JDK's channel
 * does, this one does, with three differences: an interrupt does not close it, nothing can be
 * mapped, and closing it leaves the file open.
 *
 * <p>Of an operation in several steps, what was done before one failed counts: its bytes are
 * answered, and the next call fails by the same.
 */
final class PagedFileChannel extends FileChannel {
    private static final int TRANSFER_BYTES = 64 << 10;

    private final PagedFile file;
    private final ChannelMode mode;
    private final FileBytes bytes;
    private final FileLocks locks;
    // Held by what reads or moves the position, as in the JDK's.
    private final ReentrantLock positionLock = new ReentrantLock();
    private final AtomicLong errorsTold; // of write errors, apart from the file and other channels
    private long position;

    PagedFileChannel(PagedFile file, ChannelMode mode, FileBytes bytes) {
        this.file = file;
        this.mode = mode;
        this.bytes = bytes;
        locks = new FileLocks(this, mode, file);
        errorsTold = file.newListener();
    }

    // ---- relative

    @Override
    public int read(ByteBuffer to) throws IOException {
        checkReadable();
        lockPosition();
        try {
            int count = readAt(to, position);
            position += Math.max(0, count);
            return count;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public long read(ByteBuffer[] to, int from, int count) throws IOException {
        Objects.checkFromIndexSize(from, count, to.length);
        checkReadable();
        for (int i = from; i < from + count; i++) {
            checkTarget(to[i]);
        }
        lockPosition();
        try {
            return readAll(to, from, count);
        } finally {
            positionLock.unlock();
        }
    }

    private long readAll(ByteBuffer[] to, int from, int count) throws IOException {
        long sum = 0;
        try {
            for (int i = from; i < from + count; i++) {
                int wanted = to[i].remaining();
                int got = readAt(to[i], position);
                if (got < 0) {
                    return sum > 0 ? sum : -1;
                }
                position += got;
                sum += got;
                if (got < wanted) {
                    break;
                }
            }
        } catch (IOException | IllegalStateException e) {
            if (sum == 0) {
                throw e;
            }
        }
        return sum;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        checkWritable();
        lockPosition();
        try {
            return writeRelative(from);
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public long write(ByteBuffer[] from, int first, int count) throws IOException {
        Objects.checkFromIndexSize(first, count, from.length);
        checkWritable();
        lockPosition();
        try {
            return mode.append() ? appendAll(from, first, count) : writeAll(from, first, count);
        } finally {
            positionLock.unlock();
        }
    }

    private long writeAll(ByteBuffer[] from, int first, int count) throws IOException {
        long sum = 0;
        try {
            for (int i = first; i < first + count; i++) {
                int wanted = from[i].remaining();
                int written = writeRelative(from[i]);
                sum += written;
                if (written < wanted) {
                    break;
                }
            }
        } catch (IOException | IllegalStateException e) {
            if (sum == 0) {
                throw e;
            }
        }
        return sum;
    }

    /** The buffers together are one append: nothing of others gets in between. */
    private long appendAll(ByteBuffer[] from, int first, int count) throws IOException {
        return run(() -> bytes.appending(() -> appendEach(from, first, count)));
    }

    private long appendEach(ByteBuffer[] from, int first, int count) throws IOException {
        long sum = 0;
        try {
            for (int i = first; i < first + count; i++) {
                sum += advance(from[i], bytes.append(segment(from[i])));
                if (from[i].hasRemaining()) {
                    break;
                }
            }
        } catch (IOException | RuntimeException e) {
            if (sum == 0) {
                throw e;
            }
        }
        return sum;
    }

    private int writeRelative(ByteBuffer from) throws IOException {
        int count = writeAt(from, position);
        position += count;
        return count;
    }

    private void lockPosition() {
        bytes.lock(positionLock, "use of a channel's position");
    }

    // ---- positional

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        checkPosition(position);
        checkReadable();
        return readAt(to, position);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        checkPosition(position);
        checkWritable();
        return writeAt(from, position);
    }

    private int readAt(ByteBuffer to, long position) throws IOException {
        checkTarget(to);
        if (!to.hasRemaining()) {
            return 0;
        }
        long count = run(() -> bytes.read(position, MemorySegment.ofBuffer(to)));
        return count < 0 ? -1 : advance(to, count);
    }

    /** As the system's, an appending channel's positional writes go to the end, too. */
    private int writeAt(ByteBuffer from, long position) throws IOException {
        if (!from.hasRemaining()) {
            return 0;
        }
        MemorySegment source = segment(from);
        return advance(
                from,
                run(() -> mode.append() ? bytes.append(source) : bytes.write(position, source)));
    }

    private static MemorySegment segment(ByteBuffer buffer) {
        return MemorySegment.ofBuffer(buffer);
    }

    private static int advance(ByteBuffer buffer, long count) {
        buffer.position(buffer.position() + (int) count);
        return (int) count;
    }

    // ---- transfers

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        checkOpen();
        checkTarget(target);
        checkReadable();
        checkRange(position, count);
        long end = position + Math.min(count, Math.max(0, size() - position));
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(TRANSFER_BYTES, end - position + 1));
        long done = 0;
        try {
            while (position + done < end) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - position - done));
                if (readAt(buffer, position + done) < 0) {
                    break;
                }
                buffer.flip();
                done += target.write(buffer);
                if (buffer.hasRemaining()) {
                    break; // the target takes no more now
                }
            }
        } catch (IOException | IllegalStateException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
            throws IOException {
        checkOpen();
        if (!source.isOpen()) {
            throw new ClosedChannelException();
        }
        checkWritable();
        checkRange(position, count);
        if (position > size() && !mode.append()) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(TRANSFER_BYTES, count));
        long done = 0;
        try {
            while (done < count) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), count - done));
                if (source.read(buffer) <= 0) {
                    break;
                }
                buffer.flip();
                done += writeAt(buffer, position + done);
                if (buffer.hasRemaining()) {
                    break; // and the next write fails
                }
            }
        } catch (IOException | IllegalStateException e) {
            if (done == 0) {
                throw e;
            }
        }
        return done;
    }

    private static void checkTarget(ByteBuffer to) {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
    }

    private static void checkTarget(WritableByteChannel target) throws IOException {
        if (!target.isOpen()) {
            throw new ClosedChannelException();
        }
        if (target instanceof PagedFileChannel channel) {
            channel.checkWritable();
        }
    }

    // ---- position and size

    @Override
    public long position() throws IOException {
        checkOpen();
        lockPosition();
        try {
            return mode.append() ? file.sizeBytes() : position;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        checkOpen();
        checkPosition(newPosition);
        lockPosition();
        try {
            position = newPosition;
            return this;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        return file.sizeBytes();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        checkOpen();
        if (size < 0) {
            throw new IllegalArgumentException("Negative size");
        }
        checkWritable();
        lockPosition();
        try {
            run(() -> bytes.cut(size));
            position = Math.min(position, size);
            return this;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public void force(boolean metaData) throws IOException {
        checkOpen();
        run(
                () -> {
                    file.sync(errorsTold); // the size is made durable either way
                    return 0;
                });
    }

    // ---- locks, mappings

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
        checkOpen();
        return locks.lock(position, size, shared);
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
        checkOpen();
        return locks.tryLock(position, size, shared);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw noMap();
    }

    @Override
    public MemorySegment map(MapMode mode, long offset, long size, Arena arena) {
        throw noMap();
    }

    private UnsupportedOperationException noMap() {
        return new UnsupportedOperationException(
                "cached pages cannot be mapped as one range: read them through PagedFile.cursor(), "
                        + "whose pin() gives a page's memory, or sync and map the file itself: "
                        + "file="
                        + file.name());
    }

    // ---- checks

    /** What throws the cache's errors, translated to the channel's. */
    private interface Step {
        long run() throws IOException;
    }

    private long run(Step step) throws IOException {
        try {
            return step.run();
        } catch (UncheckedIOException | FileFencedException | OutOfFramesException e) {
            throw new IOException(e.getMessage(), e);
        } catch (IllegalStateException e) {
            if (isOpen() && !file.closed()) {
                throw e;
            }
            AsynchronousCloseException closed = new AsynchronousCloseException();
            closed.initCause(e);
            throw closed;
        }
    }

    private void checkOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void checkReadable() throws ClosedChannelException {
        checkOpen();
        if (!mode.read()) {
            throw new NonReadableChannelException();
        }
    }

    private void checkWritable() throws ClosedChannelException {
        checkOpen();
        if (!mode.write()) {
            throw new NonWritableChannelException();
        }
    }

    private static void checkPosition(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("Negative position: position=" + position);
        }
    }

    private static void checkRange(long position, long count) {
        checkPosition(position);
        if (count < 0) {
            throw new IllegalArgumentException("Negative count: count=" + count);
        }
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.forget(this);
        bytes.close();
        locks.close();
    }

    @Override
    public String toString() {
        return "FileChannel[" + file.name() + ", " + mode + (isOpen() ? "]" : ", closed]");
    }
}
