package dev.quire.aio;

import dev.quire.aio.os.Errno;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Moves a whole request through a {@link RawFile} that may move less at a time.
 *
 * <p>Every round moves at least a byte, ends the request, or counts against a limit of tries: there
 * is no loop without progress. A read ends early only at the end of the file. The first error ends
 * the request and hides the bytes moved before it.
 */
final class Transfer {
    /** How often a call interrupted by a signal is tried again without progress. */
    static final int INTERRUPTED_TRIES_MAX = 10_000;

    /** How often a call the kernel has no resources for is tried again; about 0.2 s in all. */
    static final int AGAIN_TRIES_MAX = 64;

    private static final long AGAIN_PAUSE_NANOS_MIN = TimeUnit.MICROSECONDS.toNanos(10);
    private static final long AGAIN_PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(4);

    private final RawFile raw;
    private final Path path;
    private final int blockBytes;
    private final LongAdder resumed;

    Transfer(RawFile raw, Path path, LongAdder resumed) {
        this.raw = raw;
        this.path = path;
        this.resumed = resumed;
        blockBytes = raw.offsetAlignmentBytes();
    }

    long one(boolean write, MemorySegment segment, long position) throws IoException {
        long length = segment.byteSize();
        long done = 0;
        int tries = 0;
        while (done < length) {
            long n = tryOne(write, segment, done, length - done, position + done, position, length);
            if (n < 0) {
                tries = pauseOrThrow(write, position, length, (int) -n, tries);
                continue;
            }
            long moved = progress(write, n, length - done, position, length);
            done += moved;
            tries = 0;
            if (atEnd(write, n)) {
                return done;
            }
        }
        return done;
    }

    long vector(boolean write, MemorySegment[] segments, int from, int count, long position)
            throws IoException {
        long length = lengthBytes(segments, from, count);
        int end = from + count;
        int segment = from;
        long skip = 0;
        long done = 0;
        int tries = 0;
        while (done < length) {
            while (segments[segment].byteSize() == skip) {
                segment++;
                skip = 0;
            }
            long n = tryVector(write, segments, segment, end, skip, position, done, length);
            if (n < 0) {
                tries = pauseOrThrow(write, position, length, (int) -n, tries);
                continue;
            }
            long moved = progress(write, n, length - done, position, length);
            done += moved;
            tries = 0;
            if (atEnd(write, n)) {
                return done;
            }
            for (long left = moved; left > 0; ) {
                long room = segments[segment].byteSize() - skip;
                if (left < room) {
                    skip += left;
                    left = 0;
                } else {
                    left -= room;
                    segment++;
                    skip = 0;
                }
            }
        }
        return done;
    }

    static long lengthBytes(MemorySegment[] segments, int from, int count) {
        long length = 0;
        for (int i = from; i < from + count; i++) {
            length = Math.addExact(length, segments[i].byteSize());
        }
        return length;
    }

    private long tryOne(
            boolean write,
            MemorySegment segment,
            long offset,
            long bytes,
            long at,
            long position,
            long length)
            throws IoException {
        try {
            return write
                    ? raw.write(segment, offset, bytes, at)
                    : raw.read(segment, offset, bytes, at);
        } catch (IOException e) {
            throw wrapped(write, position, length, e);
        }
    }

    private long tryVector(
            boolean write,
            MemorySegment[] segments,
            int segment,
            int end,
            long skip,
            long position,
            long done,
            long length)
            throws IoException {
        try {
            return write
                    ? raw.writeVector(segments, segment, end - segment, skip, position + done)
                    : raw.readVector(segments, segment, end - segment, skip, position + done);
        } catch (IOException e) {
            throw wrapped(write, position, length, e);
        }
    }

    /** What counts of {@code n} bytes moved: all, or the whole blocks of a short direct write. */
    private long progress(boolean write, long n, long left, long position, long length)
            throws IoException {
        // A direct write goes on at a block: the partial block is written again, with the same
        // bytes.
        long moved = write && n < left ? n - n % blockBytes : n;
        if (write && moved == 0) {
            throw new IoException(
                    "write",
                    path,
                    position,
                    length,
                    Errno.NONE,
                    "no progress, the system wrote " + n + " of " + left + " bytes",
                    null);
        }
        if (moved < left && !atEnd(write, n)) {
            resumed.increment();
        }
        return moved;
    }

    /** A read is at the end of the file after 0 bytes, and in direct mode after part of a block. */
    private boolean atEnd(boolean write, long n) {
        return !write && (n == 0 || n % blockBytes != 0);
    }

    private int pauseOrThrow(boolean write, long position, long length, int errno, int tries)
            throws IoException {
        // EINTR: a signal came first, nothing moved. EAGAIN: the kernel is out of requests for now,
        // also seen on regular files when a large direct request is split.
        boolean again =
                errno == Errno.EINTR
                        ? tries < INTERRUPTED_TRIES_MAX
                        : errno == Errno.EAGAIN && tries < AGAIN_TRIES_MAX;
        if (!again) {
            throw new IoException(write ? "write" : "read", path, position, length, errno, null);
        }
        if (errno == Errno.EAGAIN) {
            pause(tries);
        }
        return tries + 1;
    }

    private static void pause(int tries) {
        // A pending interrupt would end each pause at once, so it is kept aside meanwhile.
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(
                Math.min(AGAIN_PAUSE_NANOS_MIN << Math.min(tries, 20), AGAIN_PAUSE_NANOS_MAX));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private IoException wrapped(boolean write, long position, long length, IOException e) {
        return e instanceof IoException already
                ? already
                : new IoException(
                        write ? "write" : "read",
                        path,
                        position,
                        length,
                        Errno.ofMessage(e.getMessage()),
                        e);
    }
}
