package dev.quire.pagecache;

import dev.quire.allocator.OutOfFramesException;
import dev.quire.pagecache.backing.FileFencedException;
import dev.quire.pagecache.backing.SnapshotLostException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/** A snapshot as a channel that can only be read. */
final class SnapshotChannel extends FileChannel {
    private static final int TRANSFER_BYTES = 64 << 10;

    private final FileSnapshot snapshot;
    private final int pageBytes;
    // Each on the page that was read by it last, which does not change.
    private final Queue<SnapshotCursor> cursors = new ConcurrentLinkedQueue<>();
    // Held by what reads or moves the position, as in the JDK's.
    private final ReentrantLock positionLock = new ReentrantLock();
    private long position;

    SnapshotChannel(FileSnapshot snapshot) {
        this.snapshot = snapshot;
        pageBytes = snapshot.pageBytes();
    }

    // ---- reads

    @Override
    public int read(ByteBuffer to) throws IOException {
        checkOpen();
        positionLock.lock();
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
        checkOpen();
        positionLock.lock();
        try {
            long sum = 0;
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
            return sum;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        checkPosition(position);
        checkOpen();
        return readAt(to, position);
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        checkOpen();
        if (!target.isOpen()) {
            throw new ClosedChannelException();
        }
        checkPosition(position);
        if (count < 0) {
            throw new IllegalArgumentException("Negative count: count=" + count);
        }
        long end = position + Math.min(count, Math.max(0, size() - position));
        ByteBuffer buffer = ByteBuffer.allocateDirect(TRANSFER_BYTES);
        long done = 0;
        while (position + done < end) {
            buffer.clear().limit((int) Math.min(TRANSFER_BYTES, end - position - done));
            if (readAt(buffer, position + done) < 0) {
                break;
            }
            buffer.flip();
            done += target.write(buffer);
            if (buffer.hasRemaining()) {
                break; // the target takes no more now
            }
        }
        return done;
    }

    private int readAt(ByteBuffer to, long position) throws IOException {
        if (to.isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
        }
        long bytes = Math.min(to.remaining(), snapshot.sizeBytes() - position);
        if (bytes <= 0) {
            return to.hasRemaining() ? -1 : 0;
        }
        MemorySegment into = MemorySegment.ofBuffer(to);
        SnapshotCursor cursor = cursors.poll();
        try {
            snapshot.check(); // what a cursor has of a page outlives the snapshot
            if (cursor == null) {
                cursor = snapshot.cursor();
            }
            for (long done = 0; done < bytes; ) {
                done += readPage(cursor, position + done, into.asSlice(done, bytes - done));
            }
        } catch (UncheckedIOException
                | SnapshotLostException
                | FileFencedException
                | OutOfFramesException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            if (cursor != null) {
                cursors.add(cursor);
            }
        }
        to.position(to.position() + (int) bytes);
        return (int) bytes;
    }

    private int readPage(SnapshotCursor cursor, long position, MemorySegment into) {
        long page = position / pageBytes;
        int offset = (int) (position % pageBytes);
        int length = (int) Math.min(pageBytes - offset, into.byteSize());
        if (cursor.page() != page) {
            cursor.read(page);
        }
        cursor.copyTo(offset, into, 0, length);
        return length;
    }

    // ---- position and size

    @Override
    public long position() throws IOException {
        checkOpen();
        positionLock.lock();
        try {
            return position;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
        checkPosition(newPosition);
        checkOpen();
        positionLock.lock();
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
        return snapshot.sizeBytes();
    }

    /** There is nothing to be made durable. */
    @Override
    public void force(boolean metaData) throws IOException {
        checkOpen();
    }

    // ---- what it does not do

    @Override
    public int write(ByteBuffer from) throws IOException {
        throw notWritable();
    }

    @Override
    public long write(ByteBuffer[] from, int first, int count) throws IOException {
        throw notWritable();
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        throw notWritable();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
            throws IOException {
        throw notWritable();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
        throw notWritable();
    }

    private NonWritableChannelException notWritable() throws IOException {
        checkOpen();
        return new NonWritableChannelException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw unsupported("locked: nobody can change it");
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw unsupported("locked: nobody can change it");
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw unsupported("mapped as one range: read it by a cursor");
    }

    @Override
    public MemorySegment map(MapMode mode, long offset, long size, Arena arena) {
        throw unsupported("mapped as one range: read it by a cursor");
    }

    private UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("a snapshot cannot be " + what + ": " + snapshot);
    }

    private void checkOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private static void checkPosition(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("Negative position: position=" + position);
        }
    }

    @Override
    protected void implCloseChannel() {
        cursors.clear();
    }

    @Override
    public String toString() {
        return "FileChannel[" + snapshot + (isOpen() ? "]" : ", closed]");
    }
}
