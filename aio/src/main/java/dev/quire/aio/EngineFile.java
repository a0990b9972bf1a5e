package dev.quire.aio;

import dev.quire.allocator.IoMemory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/** An open file of any engine: checks, counts its users, and sends requests their way. */
final class EngineFile extends AsyncFile {
    private final AsyncIo io;
    private final IoWorkers workers;
    private final Path path;
    private final OpenMode mode;
    private final RawFile raw;
    private final Transfer transfer;
    private final RequestCheck check;
    private final FileUse use = new FileUse();
    private final FileRequests requests;
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
        FaultPlan faults = workers.faults();
        LongAdder resumed = workers.counters().transfersResumed;
        transfer =
                faults == null
                        ? new Transfer(raw, path, resumed)
                        : new FaultyTransfer(raw, path, resumed, faults);
        requests = new FileRequests(io, this, path, transfer, use);
        check =
                new RequestCheck(
                        path, raw.offsetAlignmentBytes(), raw.memoryAlignmentBytes(), io.known);
        directoryUnsynced = mode.mayCreate();
    }

    @Override
    public int read(MemorySegment segment, long position, IoOptions options) throws IoException {
        checkReadable(options);
        check.target(segment, position);
        return (int) requests.await(IoOperation.READ, segment, position, options);
    }

    @Override
    public int write(MemorySegment segment, long position, IoOptions options) throws IoException {
        checkWritable();
        check.source(segment, position);
        return (int) requests.await(IoOperation.WRITE, segment, position, options);
    }

    @Override
    public long read(
            MemorySegment[] segments, int from, int count, long position, IoOptions options)
            throws IoException {
        checkReadable(options);
        check.targets(segments, from, count, position);
        return requests.await(IoOperation.READ_VECTOR, segments, from, count, position, options);
    }

    @Override
    public long write(
            MemorySegment[] segments, int from, int count, long position, IoOptions options)
            throws IoException {
        checkWritable();
        check.sources(segments, from, count, position);
        return requests.await(IoOperation.WRITE_VECTOR, segments, from, count, position, options);
    }

    @Override
    public void read(
            MemorySegment segment, long position, IoOptions options, IoCompletion completion) {
        checkReadable(options);
        check.target(segment, position);
        check.shared(segment);
        requests.submit(IoOperation.READ, segment, position, options, completion);
    }

    @Override
    public void write(
            MemorySegment segment, long position, IoOptions options, IoCompletion completion) {
        checkWritable();
        check.source(segment, position);
        check.shared(segment);
        requests.submit(IoOperation.WRITE, segment, position, options, completion);
    }

    @Override
    public void read(
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion) {
        checkReadable(options);
        check.targets(segments, from, count, position);
        check.shared(segments, from, count);
        requests.submit(
                IoOperation.READ_VECTOR, segments, from, count, position, options, completion);
    }

    @Override
    public void write(
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion) {
        checkWritable();
        check.sources(segments, from, count, position);
        check.shared(segments, from, count);
        requests.submit(
                IoOperation.WRITE_VECTOR, segments, from, count, position, options, completion);
    }

    @Override
    public void read(IoMemory memory, long position, IoOptions options, IoCompletion completion) {
        checkReadable(options);
        check.target(memory.segment(), position);
        check.shared(memory.segment());
        requests.submit(IoOperation.READ, memory, position, options, completion);
    }

    @Override
    public void write(IoMemory memory, long position, IoOptions options, IoCompletion completion) {
        checkWritable();
        check.source(memory.segment(), position);
        check.shared(memory.segment());
        requests.submit(IoOperation.WRITE, memory, position, options, completion);
    }

    @Override
    public void read(
            IoMemory[] memory,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion) {
        checkReadable(options);
        check.targets(memory, from, count, position);
        requests.submit(
                IoOperation.READ_VECTOR, memory, from, count, position, options, completion);
    }

    @Override
    public void write(
            IoMemory[] memory,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion) {
        checkWritable();
        check.sources(memory, from, count, position);
        requests.submit(
                IoOperation.WRITE_VECTOR, memory, from, count, position, options, completion);
    }

    @Override
    public void sync() throws IoException {
        requests.await(IoOperation.SYNC, sync);
    }

    @Override
    public void sync(IoCompletion completion) {
        requests.submit(IoOperation.SYNC, sync, completion);
    }

    @Override
    public void syncData() throws IoException {
        requests.await(IoOperation.SYNC_DATA, syncData);
    }

    @Override
    public void syncData(IoCompletion completion) {
        requests.submit(IoOperation.SYNC_DATA, syncData, completion);
    }

    @Override
    public long sizeBytes() throws IoException {
        return requests.await(IoOperation.SIZE, raw::sizeBytes);
    }

    @Override
    public void truncate(long bytes) throws IoException {
        checkWritable();
        if (bytes < 0) {
            throw new IllegalArgumentException(
                    "length must be 0 or more: bytes=" + bytes + ", file=" + path);
        }
        requests.await(IoOperation.TRUNCATE, call(() -> raw.truncate(bytes)));
    }

    @Override
    public void allocate(long position, long bytes) throws IoException {
        checkWritable();
        check.range(position, bytes);
        requests.await(IoOperation.ALLOCATE, call(() -> raw.allocate(position, bytes)));
    }

    @Override
    public void allocate(long position, long bytes, IoCompletion completion) {
        checkWritable();
        check.range(position, bytes);
        requests.submit(
                IoOperation.ALLOCATE,
                call(() -> raw.allocate(position, bytes)),
                position,
                bytes,
                completion);
    }

    @Override
    public void punchHole(long position, long bytes) throws IoException {
        checkWritable();
        check.range(position, bytes);
        requests.await(IoOperation.PUNCH_HOLE, call(() -> raw.punchHole(position, bytes)));
    }

    @Override
    public void punchHole(long position, long bytes, IoCompletion completion) {
        checkWritable();
        check.range(position, bytes);
        requests.submit(
                IoOperation.PUNCH_HOLE,
                call(() -> raw.punchHole(position, bytes)),
                position,
                bytes,
                completion);
    }

    @Override
    public FileCapabilities capabilities() {
        return raw.capabilities();
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
                try {
                    if (ringUsed) {
                        io.detach(raw.fd());
                    }
                } finally {
                    closeRaw();
                }
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

    /** Refuses further requests. */
    void refuse() {
        use.refuse();
    }

    /** Whether all requests were over at the deadline, after a {@link #refuse}. */
    boolean awaitIdle(long deadlineNanos) {
        return use.awaitIdle(deadlineNanos);
    }

    /** Operations under way; may be stale. */
    long uses() {
        return use.count();
    }

    void endUse() {
        use.end();
    }

    private void checkReadable(IoOptions options) {
        if (options.durability() != WriteDurability.NONE) {
            throw new IllegalArgumentException(
                    "durability of a read must be NONE: durability="
                            + options.durability()
                            + ", file="
                            + path);
        }
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
        transfer.sync(metadata);
        if (directoryUnsynced) {
            raw.syncDirectory();
            // Only after success: a sync beside this one must not return before the entry is
            // durable.
            directoryUnsynced = false;
        }
        return 0;
    }

    private void closeRaw() throws IoException {
        IoCall close = call(raw::close);
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

    /** A call that answers nothing. */
    private interface Step {
        void run() throws IOException;
    }

    private static IoCall call(Step step) {
        return () -> {
            step.run();
            return 0;
        };
    }
}
