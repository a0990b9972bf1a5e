package dev.quire.aio;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/** An open file of any engine: checks, counts its users, and sends requests their way. */
final class EngineFile extends AsyncFile {
    private static final MemorySegment[] NO_SEGMENTS = {};

    private final AsyncIo io;
    private final IoWorkers workers;
    private final Path path;
    private final OpenMode mode;
    private final RawFile raw;
    private final Transfer transfer;
    private final RequestCheck check;
    private final FileUse use = new FileUse();
    private final ReentrantLock closeLock = new ReentrantLock();

    private final IoCall sync = () -> syncNow(true);
    private final IoCall syncData = () -> syncNow(false);

    // True until the first sync of a file that this open may have created.
    private volatile boolean directoryUnsynced;
    private boolean closed; // under closeLock
    // Plain: written before a request ends its use, read after all have.
    private boolean ringUsed;

    EngineFile(AsyncIo io, Path path, OpenMode mode, RawFile raw) {
        this.io = io;
        this.path = path;
        this.mode = mode;
        this.raw = raw;
        workers = io.workers;
        transfer = new Transfer(raw, path, workers.counters().transfersResumed);
        check = new RequestCheck(path, raw.offsetAlignmentBytes(), raw.memoryAlignmentBytes());
        directoryUnsynced = mode.mayCreate();
    }

    @Override
    public int read(MemorySegment segment, long position) throws IoException {
        checkReadable();
        check.target(segment, position);
        return (int) await(IoOperation.READ, segment, NO_SEGMENTS, 0, 0, position, null);
    }

    @Override
    public int write(MemorySegment segment, long position) throws IoException {
        checkWritable();
        check.source(segment, position);
        return (int) await(IoOperation.WRITE, segment, NO_SEGMENTS, 0, 0, position, null);
    }

    @Override
    public long read(MemorySegment[] segments, int from, int count, long position)
            throws IoException {
        checkReadable();
        check.targets(segments, from, count, position);
        return await(IoOperation.READ_VECTOR, null, segments, from, count, position, null);
    }

    @Override
    public long write(MemorySegment[] segments, int from, int count, long position)
            throws IoException {
        checkWritable();
        check.sources(segments, from, count, position);
        return await(IoOperation.WRITE_VECTOR, null, segments, from, count, position, null);
    }

    @Override
    public void read(MemorySegment segment, long position, IoCompletion completion) {
        checkReadable();
        check.target(segment, position);
        check.shared(segment);
        submit(IoOperation.READ, segment, NO_SEGMENTS, 0, 0, position, null, completion);
    }

    @Override
    public void write(MemorySegment segment, long position, IoCompletion completion) {
        checkWritable();
        check.source(segment, position);
        check.shared(segment);
        submit(IoOperation.WRITE, segment, NO_SEGMENTS, 0, 0, position, null, completion);
    }

    @Override
    public void read(
            MemorySegment[] segments, int from, int count, long position, IoCompletion completion) {
        checkReadable();
        check.targets(segments, from, count, position);
        check.shared(segments, from, count);
        submit(IoOperation.READ_VECTOR, null, segments, from, count, position, null, completion);
    }

    @Override
    public void write(
            MemorySegment[] segments, int from, int count, long position, IoCompletion completion) {
        checkWritable();
        check.sources(segments, from, count, position);
        check.shared(segments, from, count);
        submit(IoOperation.WRITE_VECTOR, null, segments, from, count, position, null, completion);
    }

    @Override
    public void sync() throws IoException {
        await(IoOperation.SYNC, null, NO_SEGMENTS, 0, 0, -1, sync);
    }

    @Override
    public void sync(IoCompletion completion) {
        submit(IoOperation.SYNC, null, NO_SEGMENTS, 0, 0, -1, sync, completion);
    }

    @Override
    public void syncData() throws IoException {
        await(IoOperation.SYNC_DATA, null, NO_SEGMENTS, 0, 0, -1, syncData);
    }

    @Override
    public void syncData(IoCompletion completion) {
        submit(IoOperation.SYNC_DATA, null, NO_SEGMENTS, 0, 0, -1, syncData, completion);
    }

    @Override
    public long sizeBytes() throws IoException {
        return await(IoOperation.SIZE, null, NO_SEGMENTS, 0, 0, -1, raw::sizeBytes);
    }

    @Override
    public void truncate(long bytes) throws IoException {
        checkWritable();
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "length must be 0 or more: bytes=" + bytes + ", file=" + path);
        }
        IoCall truncate =
                () -> {
                    raw.truncate(bytes);
                    return 0;
                };
        await(IoOperation.TRUNCATE, null, NO_SEGMENTS, 0, 0, -1, truncate);
    }

    @Override
    public boolean direct() {
        return raw.direct();
    }

    @Override
    public int directAlignment() {
        return raw.offsetAlignmentBytes();
    }

    @Override
    public int directMemoryAlignment() {
        return raw.memoryAlignmentBytes();
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public void close() throws IoException {
        IoWorkers.refuseInCompletion("close");
        closeLock.lock();
        try {
            if (!closed) {
                closed = true;
                use.close();
                if (ringUsed) {
                    io.detach(raw.fd());
                }
                closeRaw();
            }
        } finally {
            io.forget(this);
            closeLock.unlock();
        }
    }

    @Override
    public String toString() {
        return "AsyncFile[file="
                + path
                + ", engine="
                + io.engine()
                + (direct() ? ", direct" : ", buffered")
                + (use.isClosing() ? ", closed]" : "]");
    }

    /** Does what a request asks, or what is left of it, on the calling thread. */
    long execute(IoRequest request) throws IOException {
        return request.operation.transfers()
                ? transfer.run(request.progress)
                : Objects.requireNonNull(request.call).run();
    }

    /** The transfers of this file, for who makes the tries himself. */
    Transfer transfer() {
        return transfer;
    }

    /** Linux descriptor, or -1. */
    int fd() {
        return raw.fd();
    }

    /** Whether a ring can work on it without a thread. */
    boolean isNonBlocking() {
        return raw.isNonBlocking();
    }

    /** A ring may know the descriptor from now on. */
    void useRing() {
        if (!ringUsed) { // read first: threads of several rings come by
            ringUsed = true;
        }
    }

    /** Whether a sync is more than a sync of the file. */
    boolean isDirectoryUnsynced() {
        return directoryUnsynced;
    }

    void endUse() {
        use.end();
    }

    private long execute(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            @Nullable IoCall call)
            throws IOException {
        return switch (operation) {
            case READ, WRITE ->
                    transfer.one(operation.writes(), Objects.requireNonNull(segment), position);
            case READ_VECTOR, WRITE_VECTOR ->
                    transfer.vector(operation.writes(), segments, from, count, position);
            default -> Objects.requireNonNull(call).run();
        };
    }

    private long await(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            @Nullable IoCall call)
            throws IoException {
        IoWorkers.refuseInCompletion(operation.word());
        if (io.isNative() && !Thread.currentThread().isVirtual()) {
            return runHere(operation, segment, segments, from, count, position, call);
        }
        if (!io.isNative() && Bounce.isNeeded(segment, segments, from, count)) {
            return awaitBounced(operation, segment, segments, from, count, position);
        }
        BlockingWait wait = new BlockingWait();
        submit(operation, segment, segments, from, count, position, call, wait);
        return wait.await();
    }

    private long runHere(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            @Nullable IoCall call)
            throws IoException {
        beginUse();
        IoCounters counters = workers.counters();
        counters.submitted.increment();
        long bytes = -1;
        try {
            bytes = execute(operation, segment, segments, from, count, position, call);
            return bytes;
        } catch (IoException e) {
            throw e;
        } catch (IOException e) {
            throw new IoException(operation.word(), path, position, -1, 0, e);
        } finally {
            counters.over(operation, bytes, bytes < 0);
            use.end();
        }
    }

    /**
     * A channel reaches memory as its thread, which a confined arena refuses: go through a copy.
     */
    private long awaitBounced(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position)
            throws IoException {
        MemorySegment[] parts = segment != null ? new MemorySegment[] {segment} : segments;
        int first = segment != null ? 0 : from;
        int parted = segment != null ? 1 : count;
        try (Arena arena = Arena.ofShared()) {
            Bounce bounce = new Bounce(arena, parts, first, parted, directMemoryAlignment());
            if (operation.writes()) {
                bounce.fill();
            }
            BlockingWait wait = new BlockingWait();
            submit(
                    operation.writes() ? IoOperation.WRITE_VECTOR : IoOperation.READ_VECTOR,
                    null,
                    bounce.copies(),
                    0,
                    parted,
                    position,
                    null,
                    wait);
            long bytes = wait.await();
            if (operation.reads()) {
                bounce.drain(bytes);
            }
            return bytes;
        }
    }

    private void submit(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            @Nullable IoCall call,
            IoCompletion completion) {
        Objects.requireNonNull(completion, "completion");
        beginUse();
        workers.counters().submitted.increment();
        IoRequest request = workers.admit();
        request.operation = operation;
        request.path = path;
        request.file = this;
        switch (operation) {
            case READ, WRITE ->
                    request.progress.one(
                            operation.writes(), Objects.requireNonNull(segment), position);
            case READ_VECTOR, WRITE_VECTOR ->
                    request.progress.vector(operation.writes(), segments, from, count, position);
            default -> request.progress.clear();
        }
        request.call = call;
        request.completion = completion;
        workers.start(request);
    }

    private void beginUse() {
        if (!use.tryBegin()) {
            throw new IllegalStateException("file is closed: file=" + path);
        }
    }

    private void checkReadable() {
        if (!mode.read()) {
            throw new IllegalStateException("file was opened without READ: file=" + path);
        }
    }

    private void checkWritable() {
        if (!mode.write()) {
            throw new IllegalStateException("file was opened without WRITE: file=" + path);
        }
    }

    private long syncNow(boolean metadata) throws IOException {
        raw.sync(metadata);
        if (directoryUnsynced) {
            raw.syncDirectory();
            // Only after success: a sync beside this one must not return before the entry is
            // durable.
            directoryUnsynced = false;
        }
        return 0;
    }

    private void closeRaw() throws IoException {
        IoCall close =
                () -> {
                    raw.close();
                    return 0;
                };
        if (!io.isNative() || Thread.currentThread().isVirtual()) {
            workers.call(IoOperation.CLOSE, path, close);
            return;
        }
        try {
            close.run();
        } catch (IoException e) {
            throw e;
        } catch (IOException e) {
            throw new IoException("close", path, -1, -1, 0, e);
        }
    }
}
