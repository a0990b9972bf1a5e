package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

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
class Transfer {
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

    /** What is to be done after a try. */
    enum Step {
        /** Nothing: all moved, or a read met the end of the file. */
        OVER,

        /** The next try, at once. */
        AGAIN,

        /** The next try, after a pause. */
        PAUSE
    }

    /** Does all that is left of a transfer, on the calling thread; answers the bytes moved. */
    long run(Progress progress) throws IOException {
        while (!progress.isDone()) {
            Step step = step(progress, tryOnce(progress));
            if (step == Step.OVER) {
                break;
            }
            if (step == Step.PAUSE) {
                pause(progress.tries);
            }
        }
        if (progress.durability == WriteDurability.WRITE_THEN_SYNC) {
            sync(false);
        }
        return progress.done;
    }

    /** Takes account of one try, which moved {@code n} bytes or failed with minus an errno. */
    Step step(Progress progress, long n) throws IoException {
        if (n < 0) {
            return retry(progress, (int) -n);
        }
        long whole = wholeBlocks(progress, n);
        progress.advance(moved(progress, whole));
        return progress.isDone() || atEnd(progress.write, whole) ? Step.OVER : Step.AGAIN;
    }

    void sync(boolean metadata) throws IOException {
        raw.sync(metadata);
    }

    int blockBytes() {
        return blockBytes;
    }

    static long lengthBytes(MemorySegment[] segments, int from, int count) {
        long length = 0;
        for (int i = from; i < from + count; i++) {
            length = Math.addExact(length, segments[i].byteSize());
        }
        return length;
    }

    private long tryOnce(Progress p) throws IoException {
        try {
            MemorySegment single = p.single;
            long at = p.position + p.done;
            if (single != null) {
                return p.write
                        ? raw.write(single, p.done, p.length - p.done, at, p.isDataSync())
                        : raw.read(single, p.done, p.length - p.done, at);
            }
            return p.write
                    ? raw.writeVector(p.segments, p.from, p.count(), p.skip, at, p.isDataSync())
                    : raw.readVector(p.segments, p.from, p.count(), p.skip, at);
        } catch (IoException e) {
            throw e;
        } catch (IOException e) {
            throw failed(p, Errno.ofMessage(e.getMessage()), e);
        }
    }

    /** The system cuts a long read where it likes, which is not the end of the file. */
    private long wholeBlocks(Progress p, long n) {
        boolean cut = !p.write && n == AsyncFile.TRANSFER_BYTES_MAX && n < p.length - p.done;
        return cut ? n - n % blockBytes : n;
    }

    /** What counts of {@code n} bytes moved: all, or the whole blocks of a short direct write. */
    private long moved(Progress p, long n) throws IoException {
        // A direct write goes on at a block: the partial block is written again, with the same
        // bytes.
        long left = p.length - p.done;
        long moved = p.write && n < left ? n - n % blockBytes : n;
        if (p.write && moved == 0) {
            throw new IoException(
                    "write",
                    path,
                    p.position,
                    p.length,
                    Errno.NONE,
                    "no progress, the system wrote " + n + " of " + left + " bytes",
                    null);
        }
        if (moved < left && !atEnd(p.write, n)) {
            resumed.increment();
        }
        return moved;
    }

    /** A read is at the end of the file after 0 bytes, and in direct mode after part of a block. */
    private boolean atEnd(boolean write, long n) {
        return !write && (n == 0 || n % blockBytes != 0);
    }

    private Step retry(Progress p, int errno) throws IoException {
        // EINTR: a signal came first, nothing moved. EAGAIN: the kernel is out of requests for now,
        // also seen on regular files when a large direct request is split.
        boolean again =
                errno == Errno.EINTR
                        ? p.tries < INTERRUPTED_TRIES_MAX
                        : errno == Errno.EAGAIN && p.tries < AGAIN_TRIES_MAX;
        if (!again) {
            throw failed(p, errno, null);
        }
        p.tries++;
        return errno == Errno.EAGAIN ? Step.PAUSE : Step.AGAIN;
    }

    /** Waits before a try, the longer the more have failed. */
    private static void pause(int tries) {
        // A pending interrupt would end each pause at once, so it is kept aside meanwhile.
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(
                Math.min(AGAIN_PAUSE_NANOS_MIN << Math.min(tries - 1, 20), AGAIN_PAUSE_NANOS_MAX));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private IoException failed(Progress p, int errno, @Nullable Throwable cause) {
        return new IoException(
                p.write ? "write" : "read", path, p.position, p.length, errno, cause);
    }
}
