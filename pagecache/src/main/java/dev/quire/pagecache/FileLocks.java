package dev.quire.pagecache;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks of file regions, against other processes and other channels, through a channel of the real
 * file that is opened when the first lock is asked for.
 *
 * <p>That channel would be closed by an interrupt while it waits for a lock, and would lose those
 * it has. So it never waits: who waits, tries again after a while.
 */
final class FileLocks implements AutoCloseable {
    private static final long POLL_NANOS_MIN = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long POLL_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(20);

    private final FileChannel owner;
    private final ChannelMode mode;
    private final PagedFile file;
    private final ReentrantLock opening = new ReentrantLock();
    private @Nullable FileChannel companion;

    FileLocks(FileChannel owner, ChannelMode mode, PagedFile file) {
        this.owner = owner;
        this.mode = mode;
        this.file = file;
    }

    /** A lock on the channel that was asked, kept by the companion. */
    private static final class Held extends FileLock {
        private final FileLock lock;

        Held(FileChannel owner, FileLock lock) {
            super(owner, lock.position(), lock.size(), lock.isShared());
            this.lock = lock;
        }

        @Override
        public boolean isValid() {
            return lock.isValid();
        }

        @Override
        public void release() throws IOException {
            if (!acquiredBy().isOpen()) {
                throw new ClosedChannelException();
            }
            lock.release();
        }
    }

    FileLock lock(long position, long size, boolean shared) throws IOException {
        long pause = POLL_NANOS_MIN;
        while (true) { // ends: when the lock is free, the channel closed, or the thread interrupted
            if (Thread.currentThread().isInterrupted()) {
                throw new FileLockInterruptionException();
            }
            FileLock lock = tryLock(position, size, shared);
            if (lock != null) {
                return lock;
            }
            LockSupport.parkNanos(this, pause);
            pause = Math.min(2 * pause, POLL_NANOS_MAX);
            if (!owner.isOpen()) {
                throw new AsynchronousCloseException();
            }
        }
    }

    @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
        if (shared && !mode.read()) {
            throw new NonReadableChannelException();
        }
        if (!shared && !mode.write()) {
            throw new NonWritableChannelException();
        }
        FileLock lock = companion().tryLock(position, size, shared);
        return lock == null ? null : new Held(owner, lock);
    }

    private FileChannel companion() throws IOException {
        opening.lock();
        try {
            FileChannel channel = companion;
            if (channel == null) {
                if (!owner.isOpen()) {
                    throw new ClosedChannelException();
                }
                channel = FileChannel.open(path(), options());
                companion = channel;
            }
            return channel;
        } finally {
            opening.unlock();
        }
    }

    private Path path() {
        Path path = file.path();
        if (path == null) {
            throw new UnsupportedOperationException(
                    "only a file opened by its path has regions to lock: name=" + file.name());
        }
        return path;
    }

    private Set<OpenOption> options() {
        Set<OpenOption> options = new HashSet<>();
        if (mode.read()) {
            options.add(StandardOpenOption.READ);
        }
        if (mode.write()) {
            options.add(StandardOpenOption.WRITE);
        }
        return options;
    }

    /** Releases every lock. */
    @Override
    public void close() throws IOException {
        opening.lock();
        try {
            if (companion != null) {
                companion.close();
            }
        } finally {
            opening.unlock();
        }
    }
}
