package dev.quire.aio;

import dev.quire.allocator.IoMemory;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The requests of one open file on their way out, after its checks: done on the calling thread, or
 * admitted, filled and handed to the engine.
 */
final class FileRequests {
    private static final MemorySegment[] NO_SEGMENTS = {};

    private final AsyncIo io;
    private final IoWorkers workers;
    private final EngineFile file;
    private final Path path;
    private final Transfer transfer;
    private final FileUse use;
    private final @Nullable FaultPlan faults;

    FileRequests(AsyncIo io, EngineFile file, Path path, Transfer transfer, FileUse use) {
        this.io = io;
        this.file = file;
        this.path = path;
        this.transfer = transfer;
        this.use = use;
        workers = io.workers;
        faults = workers.faults();
    }

    // ---- blocking forms

    long await(IoOperation operation, MemorySegment segment, long position, IoOptions options)
            throws IoException {
        return await(operation, segment, NO_SEGMENTS, 0, 0, position, options);
    }

    long await(
            IoOperation operation,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options)
            throws IoException {
        return await(operation, null, segments, from, count, position, options);
    }

    private long await(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options)
            throws IoException {
        IoWorkers.refuseInCompletion(operation.word());
        if (io.isNative() && !Thread.currentThread().isVirtual() && !options.mayAbort()) {
            return runHere(operation, segment, segments, from, count, position, options);
        }
        if (!io.isNative() && Bounce.isNeeded(segment, segments, from, count)) {
            return awaitBounced(operation, segment, segments, from, count, position, options);
        }
        BlockingWait wait = new BlockingWait();
        if (segment != null) {
            submit(operation, segment, position, options, wait);
        } else {
            submit(operation, segments, from, count, position, options, wait);
        }
        return wait.await();
    }

    long await(IoOperation operation, IoCall call) throws IoException {
        IoWorkers.refuseInCompletion(operation.word());
        if (io.isNative() && !Thread.currentThread().isVirtual()) {
            return runHere(operation, -1, call);
        }
        BlockingWait wait = new BlockingWait();
        submit(operation, call, wait);
        return wait.await();
    }

    private long runHere(
            IoOperation operation,
            @Nullable MemorySegment segment,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options)
            throws IoException {
        Progress progress = new Progress();
        boolean write = operation.writes();
        if (segment != null) {
            progress.one(write, segment, position, options.durability());
        } else {
            progress.vector(write, segments, from, count, position, options.durability());
        }
        return runHere(operation, position, () -> transfer.run(progress));
    }

    private long runHere(IoOperation operation, long position, IoCall call) throws IoException {
        beginUse(operation);
        IoCounters counters = workers.counters();
        counters.submitted.increment();
        long bytes = -1;
        try {
            bytes = call.run();
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
            long position,
            IoOptions options)
            throws IoException {
        MemorySegment[] parts = segment != null ? new MemorySegment[] {segment} : segments;
        int first = segment != null ? 0 : from;
        int parted = segment != null ? 1 : count;
        try (Arena arena = Arena.ofShared()) {
            Bounce bounce = new Bounce(arena, parts, first, parted, file.directMemoryAlignment());
            if (operation.writes()) {
                bounce.fill();
            }
            BlockingWait wait = new BlockingWait();
            IoOperation vector =
                    operation.writes() ? IoOperation.WRITE_VECTOR : IoOperation.READ_VECTOR;
            submit(vector, bounce.copies(), 0, parted, position, options, wait);
            long bytes = wait.await();
            if (operation.reads()) {
                bounce.drain(bytes);
            }
            return bytes;
        }
    }

    // ---- asynchronous forms, after the checks

    void submit(
            IoOperation operation,
            MemorySegment segment,
            long position,
            IoOptions options,
            IoCompletion completion) {
        IoRequest request = begin(operation, options, completion);
        request.progress.one(operation.writes(), segment, position, options.durability());
        workers.start(request);
    }

    void submit(
            IoOperation operation,
            MemorySegment[] segments,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion) {
        IoRequest request = begin(operation, options, completion);
        request.progress.vector(
                operation.writes(), segments, from, count, position, options.durability());
        workers.start(request);
    }

    void submit(
            IoOperation operation,
            IoMemory memory,
            long position,
            IoOptions options,
            IoCompletion completion) {
        IoRequest request = begin(operation, options, completion);
        try {
            MemorySegment segment = request.fragments.take(memory);
            request.progress.one(operation.writes(), segment, position, options.durability());
        } catch (RuntimeException e) { // a claim closed meanwhile
            abandon(request);
            throw e;
        }
        workers.start(request);
    }

    void submit(
            IoOperation operation,
            IoMemory[] memory,
            int from,
            int count,
            long position,
            IoOptions options,
            IoCompletion completion) {
        IoRequest request = begin(operation, options, completion);
        try {
            request.fragments.take(memory, from, count);
            request.progress.vector(
                    operation.writes(),
                    request.fragments.segments(),
                    0,
                    count,
                    position,
                    options.durability());
        } catch (RuntimeException e) { // a claim closed meanwhile
            abandon(request);
            throw e;
        }
        workers.start(request);
    }

    void submit(IoOperation operation, IoCall call, IoCompletion completion) {
        submit(operation, call, -1, 0, completion);
    }

    /** A call about a range of the file. */
    void submit(
            IoOperation operation,
            IoCall call,
            long position,
            long bytes,
            IoCompletion completion) {
        IoRequest request = begin(operation, IoOptions.NONE, completion);
        request.progress.range(position, bytes);
        request.call = call;
        workers.start(request);
    }

    /** A request that is admitted and counted, to be filled with what it transfers. */
    private IoRequest begin(IoOperation operation, IoOptions options, IoCompletion completion) {
        Objects.requireNonNull(completion, "completion");
        boolean mayAbort = options.mayAbort();
        // The wait for a place is part of the time that a deadline gives.
        long nowNanos = mayAbort ? System.nanoTime() : 0;
        beginUse(operation);
        workers.counters().submitted.increment();
        IoRequest request = workers.admit();
        request.operation = operation;
        request.path = path;
        request.file = file;
        request.completion = completion;
        if (mayAbort) {
            request.abort.begin(options, nowNanos, workers.abortLook());
        }
        return request;
    }

    private void abandon(IoRequest request) {
        workers.abandon(request);
        workers.counters().submitted.decrement();
        use.end();
    }

    private void beginUse(IoOperation operation) {
        if (faults != null && faults.strikes(Fault.REFUSED, operation)) {
            throw new IllegalStateException(
                    "refused as planned: operation="
                            + operation.word()
                            + ", file="
                            + path
                            + ", plan="
                            + faults);
        }
        if (!use.tryBegin()) {
            throw new IllegalStateException("file is closed: file=" + path);
        }
    }
}
