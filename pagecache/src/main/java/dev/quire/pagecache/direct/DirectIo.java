package dev.quire.pagecache.direct;

import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.backing.WouldBlockException;
import dev.quire.pagecache.backing.WriteFailedException;
import dev.quire.pagecache.direct.DirectWrite.Clearing;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;
import dev.quire.pagecache.space.FileOps;
import dev.quire.pagecache.writeback.Writeback;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The direct reads and writes of a file: those that wait, those that do not, and the way through
 * the cached pages for what cannot go directly.
 */
public final class DirectIo {
    /** As often is a range cleared whose pages come in again, or are written again, meanwhile. */
    private static final int ROUNDS_MAX = 3;

    /** The same transfers through cached pages. */
    public interface Buffered {
        /**
         * Reads bytes.
         *
         * @param into memory to fill
         * @param position where they begin in the file
         * @return how many; 0 at the end of the file
         * @throws IOException if the first of them cannot be read
         */
        long read(MemorySegment into, long position) throws IOException;

        /**
         * Writes bytes.
         *
         * @param from what is to be written
         * @param position where it begins in the file
         * @throws IOException if not all of it was written
         */
        void write(MemorySegment from, long position) throws IOException;
    }

    private final CacheContext context;
    private final AddressSpace space;
    private final Writeback writeback;
    private final Buffered buffered;
    private final DirectCheck check;

    /**
     * The transfers of one handle.
     *
     * @param context the cache
     * @param space the file
     * @param writeback writes its pages back
     * @param buffered the way through its pages
     */
    public DirectIo(
            CacheContext context, AddressSpace space, Writeback writeback, Buffered buffered) {
        this.context = context;
        this.space = space;
        this.writeback = writeback;
        this.buffered = buffered;
        check = new DirectCheck(space, context.pageShift());
    }

    /**
     * What the file's store offers.
     *
     * @return its direct transfers
     * @throws UnsupportedOperationException if there are none
     */
    public DirectStore store() {
        DirectStore store = space.ops().directStore();
        if (store == null) {
            throw new UnsupportedOperationException(
                    space.ops() instanceof FileOps
                            ? "direct I/O would pass by the hooks of the file, which do not say"
                                    + " allowsDirect: file="
                                    + space.name()
                            : "the store has no direct I/O (AddressSpaceOps.directStore): file="
                                    + space.name());
        }
        return store instanceof FileOps
                ? store
                : new GuardedStore(store, space, context.callbacks());
    }

    // ---- reads

    /**
     * Reads directly; waits.
     *
     * @param into memory to fill
     * @param position where the bytes begin
     * @return how many bytes; 0 at the end of the file
     * @throws IOException if they cannot be read, or a dirty page of the range not be written
     */
    public long read(MemorySegment into, long position) throws IOException {
        DirectStore store = store();
        check.target(store, into, position);
        context.checkMayWait("readDirect", space);
        space.checkOpen();
        return readWaiting(store, into, position);
    }

    private long readWaiting(DirectStore store, MemorySegment into, long position)
            throws IOException {
        if (isDirty(into, position)) {
            try {
                writeback.writeOut(
                        space, firstPage(position), endPage(into, position), "readDirect");
            } catch (WouldBlockException held) { // for longer than a read should wait
                context.counters().directFallbacks.increment();
                return buffered.read(into, position);
            }
        }
        return new DirectRead(context, space, store, into, position).readHere();
    }

    /**
     * Reads directly, and tells of it; waits for nothing but a place in the store.
     *
     * @param into memory to fill
     * @param position where the bytes begin
     * @param told told once, unless this throws
     * @param executor where
     */
    public void read(MemorySegment into, long position, Told told, Executor executor) {
        DirectStore store = checkAsyncRead(into, position);
        context.checkMayWait("readDirect", space);
        promise(
                told,
                executor,
                answer -> {
                    space.checkOpen();
                    if (!tryRead(store, into, position, answer)) {
                        later(answer, () -> readWaiting(store, into, position));
                    }
                    return true;
                });
    }

    /**
     * As {@link #read(MemorySegment, long, Told, Executor)}, if it can be begun at once.
     *
     * @param into memory to fill
     * @param position where the bytes begin
     * @param told told once, if this answers true
     * @param executor where
     * @return false, nothing done, if a page of the range is dirty, or the file is being cut
     */
    public boolean tryRead(MemorySegment into, long position, Told told, Executor executor) {
        DirectStore store = checkAsyncRead(into, position);
        context.callbacks().checkMayStart("readDirect", space);
        return promise(
                told,
                executor,
                answer -> {
                    space.checkOpen();
                    return tryRead(store, into, position, answer);
                });
    }

    private DirectStore checkAsyncRead(MemorySegment into, long position) {
        DirectStore store = store();
        check.target(store, into, position);
        check.shared(into);
        return store;
    }

    private boolean tryRead(DirectStore store, MemorySegment into, long position, Answer answer) {
        return !isDirty(into, position)
                && new DirectRead(context, space, store, into, position).tryStart(answer);
    }

    // ---- writes

    /**
     * Writes directly; waits.
     *
     * @param from what is to be written
     * @param position where it begins
     * @return how many bytes: all
     * @throws IOException if not all was written, or a dirty page of the range could not be
     */
    public long write(MemorySegment from, long position) throws IOException {
        DirectStore store = store();
        check.source(store, from, position);
        context.checkMayWait("writeDirect", space);
        space.checkWritable();
        return writeWaiting(store, from, position);
    }

    private long writeWaiting(DirectStore store, MemorySegment from, long position)
            throws IOException {
        if (from.byteSize() == 0) {
            return 0;
        }
        for (int round = 0; round < ROUNDS_MAX && clear(from, position); round++) {
            Waiter waiter = new Waiter();
            DirectWrite write = new DirectWrite(context, space, store, from, position, waiter);
            if (write.tryPrepare(Clearing.WAITING)) {
                write.writeHere();
                return waiter.await();
            }
        }
        context.counters().directFallbacks.increment();
        buffered.write(from, position);
        return from.byteSize();
    }

    /**
     * Writes back and drops the pages of a range, waiting for who is inside.
     *
     * @return false if one stays that is pinned, or kept by the store or the engine
     */
    private boolean clear(MemorySegment from, long position) throws WriteFailedException {
        long first = firstPage(position);
        long end = endPage(from, position);
        if (isDirty(from, position)) {
            try {
                writeback.writeOut(space, first, end, "writeDirect");
            } catch (WouldBlockException held) {
                return false;
            }
        }
        // Those that were written again may go the next time.
        return context.invalidation().invalidate(space, first, end) == 0 || isDirty(from, position);
    }

    /**
     * Writes directly, and tells of it; waits for nothing but a place in the store.
     *
     * @param from what is to be written
     * @param position where it begins
     * @param told told once, unless this throws
     * @param executor where
     */
    public void write(MemorySegment from, long position, Told told, Executor executor) {
        DirectStore store = checkAsyncWrite(from, position);
        context.checkMayWait("writeDirect", space);
        promise(
                told,
                executor,
                answer -> {
                    space.checkWritable();
                    if (!tryWrite(store, from, position, answer, Clearing.AT_ONCE)) {
                        later(answer, () -> writeWaiting(store, from, position));
                    }
                    return true;
                });
    }

    /**
     * As {@link #write(MemorySegment, long, Told, Executor)}, if it can be begun at once.
     *
     * @param from what is to be written
     * @param position where it begins
     * @param told told once, if this answers true
     * @param executor where
     * @return false, nothing done, if a page of the range is cached, or the file is being cut
     */
    public boolean tryWrite(MemorySegment from, long position, Told told, Executor executor) {
        DirectStore store = checkAsyncWrite(from, position);
        context.callbacks().checkMayStart("writeDirect", space);
        return promise(
                told,
                executor,
                answer -> {
                    space.checkWritable();
                    return tryWrite(store, from, position, answer, Clearing.NONE);
                });
    }

    private DirectStore checkAsyncWrite(MemorySegment from, long position) {
        DirectStore store = store();
        check.source(store, from, position);
        check.shared(from);
        return store;
    }

    private boolean tryWrite(
            DirectStore store, MemorySegment from, long position, Answer answer, Clearing how) {
        if (from.byteSize() == 0) {
            answer.overElsewhere(0, null);
            return true;
        }
        DirectWrite write = new DirectWrite(context, space, store, from, position, answer);
        try {
            if (!write.tryPrepare(how)) {
                return false;
            }
        } catch (IOException e) {
            answer.overElsewhere(-1, e);
            return true;
        }
        write.start();
        return true;
    }

    // ---- those who do not wait

    /** What may be told by an answer. */
    private interface Begun {
        /** Answers whether it will be. */
        boolean by(Answer answer);
    }

    /** Owes an answer while something is begun, and afterwards only if it was. */
    private boolean promise(Told told, Executor executor, Begun begun) {
        Answer answer = new Answer(context, space, told, executor);
        boolean owed = false;
        try {
            owed = begun.by(answer);
        } finally {
            if (!owed) {
                answer.dismiss();
            }
        }
        return owed;
    }

    private interface Waiting {
        long run() throws IOException;
    }

    /** Has a thread wait that is nobody's. */
    @SuppressWarnings("CatchThrowable") // The answer tells it.
    private void later(Answer answer, Waiting transfer) {
        context.startReader(
                () -> {
                    long bytes;
                    try {
                        bytes = transfer.run();
                    } catch (Throwable e) {
                        answer.over(-1, e);
                        return;
                    }
                    answer.over(bytes, null);
                });
    }

    // ---- those who wait

    /** A thread that waits for its own write. */
    private static final class Waiter implements Told {
        private record Outcome(long bytes, @Nullable Throwable failure) {}

        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

        @Override
        public void over(long bytes, @Nullable Throwable failure) {
            outcome.complete(new Outcome(bytes, failure));
        }

        long await() throws IOException {
            Outcome now = outcome.join();
            if (now.failure == null) {
                return now.bytes;
            }
            throw checked(now.failure);
        }

        private static IOException checked(Throwable failure) {
            return switch (failure) {
                case IOException e -> e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> new IOException(failure);
            };
        }
    }

    // ---- ranges

    private boolean isDirty(MemorySegment segment, long position) {
        return context.dirtyMarks().any(space, firstPage(position), endPage(segment, position));
    }

    private long firstPage(long position) {
        return position >>> context.pageShift();
    }

    private long endPage(MemorySegment segment, long position) {
        return (position + segment.byteSize() + context.pageBytes() - 1) >>> context.pageShift();
    }
}
