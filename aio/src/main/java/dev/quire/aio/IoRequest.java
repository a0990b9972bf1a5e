package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Objects;

/**
 * One request on its way: what to do, where its report goes, and who still holds it.
 *
 * <p>Pooled; {@link RequestState} says when its fields may be touched. It keeps the caller's
 * segment reachable until the report.
 */
final class IoRequest {
    private static final VarHandle WORD = wordHandle();

    private final boolean pooled;

    @SuppressWarnings("unused") // only through WORD
    private long word;

    // Written before the queue takes the request, read by the thread that runs it.
    IoOperation operation = IoOperation.OPEN;
    @Nullable Path path;
    @Nullable EngineFile file;
    final Progress progress = new Progress();
    final IoAbort abort;
    final Fragments fragments = new Fragments();
    @Nullable IoCall call;
    @Nullable IoCompletion completion;

    // Ordering: the result is stored before finished() releases the word.
    // Pairs:    whoever makes the word quiet, or meets it in the queue, loads it with acquire.
    // Gives:    the report shows the result although another thread ran the operation.
    // Checked:  jcstress SubmittedAgainstFinished;
    //           AsyncIoContract.shouldMatchAModelWhenManyRequestsRace.
    long bytes;
    @Nullable IoException failure;

    /** One that only its caller may call off. */
    IoRequest(boolean pooled) {
        this(pooled, new IoCancellation());
    }

    IoRequest(boolean pooled, IoCancellation all) {
        this.pooled = pooled;
        abort = new IoAbort(all);
    }

    boolean pooled() {
        return pooled;
    }

    /** Starts a life held by both sides; answers its generation. */
    int begin() {
        long seen = (long) WORD.getAcquire(this);
        long next = RequestState.begin(seen);
        if (next == RequestState.REFUSED || !WORD.compareAndSet(this, seen, next)) {
            throw misuse("begin");
        }
        return RequestState.generation(next);
    }

    int generation() {
        return RequestState.generation((long) WORD.getAcquire(this));
    }

    /** Whether the operation is still to be done. */
    boolean isRunning() {
        return RequestState.isRunning((long) WORD.getAcquire(this));
    }

    /** Whether an end of this life would be refused, as a second one has to be. */
    boolean refusesToFinish(int generation) {
        long seen = (long) WORD.getAcquire(this);
        return RequestState.finished(seen, generation) == RequestState.REFUSED;
    }

    /** The submit side lets go; true when it was the last, and has to see to the report. */
    boolean submitted(int generation) {
        for (; ; ) { // bound: the other side changes the word once
            long seen = (long) WORD.getAcquire(this);
            long next = RequestState.submitted(seen, generation);
            if (next == RequestState.REFUSED) {
                throw misuse("submitted");
            }
            if (WORD.compareAndSet(this, seen, next)) {
                return RequestState.isQuiet(next);
            }
        }
    }

    /** The operation is over; true when this was the last side, and has to see to the report. */
    boolean finished(int generation) {
        for (; ; ) { // bound: the other side changes the word once
            long seen = (long) WORD.getAcquire(this);
            long next = RequestState.finished(seen, generation);
            if (next == RequestState.REFUSED) {
                throw misuse("finished");
            }
            if (WORD.compareAndSet(this, seen, next)) {
                return RequestState.isQuiet(next);
            }
        }
    }

    /** What is told when the request ended before its time. */
    IoException aborted(int errno) {
        boolean late = errno == Errno.ETIMEDOUT;
        return new IoException(
                operation.word(),
                Objects.requireNonNull(path),
                progress.position,
                operation.transfers() ? progress.length : -1,
                errno,
                Errno.name(errno)
                        + " ("
                        + errno
                        + (late ? "), its deadline has passed" : "), it was called off"),
                null);
    }

    /** Ends the life of a quiet request and lets go of all that belongs to its caller. */
    void free() {
        clear();
        long seen = (long) WORD.getAcquire(this);
        long next = RequestState.free(seen);
        if (next == RequestState.REFUSED || !WORD.compareAndSet(this, seen, next)) {
            throw misuse("free");
        }
    }

    /** Lets go of all that belongs to its caller. */
    void clear() {
        path = null;
        file = null;
        progress.clear();
        abort.clear();
        call = null;
        completion = null;
        failure = null;
    }

    /** What it does, for a reader; null when it is not under way. Any thread; may be stale. */
    @Nullable String describe() {
        Path named = path;
        if (!isRunning() || named == null) {
            return null;
        }
        return operation.word()
                + " file="
                + named
                + (operation.transfers()
                        ? ", position=" + progress.position + ", length=" + progress.length
                        : "");
    }

    private IllegalStateException misuse(String step) {
        return new IllegalStateException(
                "request step refused: step="
                        + step
                        + ", request=["
                        + RequestState.text((long) WORD.getAcquire(this))
                        + "]");
    }

    private static VarHandle wordHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(IoRequest.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
