package dev.quire.aio;

import dev.quire.allocator.PageAllocator;
import dev.quire.allocator.SlabRegistration;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An engine for file I/O with its threads: the front door of this module.
 *
 * <p>All engines keep one contract, written in {@link AsyncFile}. Any thread may use one; it costs
 * threads, so a program has one or few.
 */
public abstract sealed class AsyncIo implements AutoCloseable
        permits UringEngine, ThreadPoolEngine, ChannelEngine {
    final IoWorkers workers;
    final KnownMemory known = new KnownMemory();

    private final Set<EngineFile> files = ConcurrentHashMap.newKeySet();
    private final Set<MemoryRegistration> memory = ConcurrentHashMap.newKeySet();
    private final ReentrantLock closeLock = new ReentrantLock();
    // Opens under way: after its close the files are all there are.
    private final FileUse opening = new FileUse();
    private boolean closed; // under closeLock

    AsyncIo(IoWorkers workers) {
        this.workers = workers;
    }

    /**
     * Starts an engine.
     *
     * @param config its settings
     * @return the engine, to be closed by the caller
     * @throws IllegalStateException the engine asked for does not work here; the message says why
     *     and what helps. With {@link Engine#AUTO} the next one is taken instead.
     */
    public static AsyncIo open(AsyncIoConfig config) {
        return EngineLadder.here().start(config.engine(), engine -> start(engine, config));
    }

    private static AsyncIo start(Engine engine, AsyncIoConfig config)
            throws EngineRefusedException {
        return switch (engine) {
            case URING -> UringEngine.start(config);
            case THREAD_POOL -> new ThreadPoolEngine(config);
            case CHANNEL -> new ChannelEngine(config);
            case AUTO -> throw new AssertionError("the ladder answered AUTO");
        };
    }

    /**
     * Opens a file: READ when neither READ nor WRITE is given.
     *
     * <p>Options: READ, WRITE; with WRITE also CREATE, CREATE_NEW, TRUNCATE_EXISTING; SPARSE
     * (ignored), DSYNC, SYNC; and {@code com.sun.nio.file.ExtendedOpenOption.DIRECT} for direct
     * I/O.
     *
     * @param path a regular file or a block device
     * @param options see above
     * @return the open file, to be closed by the caller or with this engine
     * @throws IllegalArgumentException an option that is not supported, or not together
     * @throws IllegalStateException this engine is closed, or this is a completion
     * @throws IOException the system refused, for instance because the file is missing
     */
    public final AsyncFile open(Path path, OpenOption... options) throws IOException {
        IoWorkers.refuseInCompletion("open");
        Set<OpenOption> given = Set.copyOf(Arrays.asList(options));
        OpenMode mode = OpenMode.of(path, given);
        if (!opening.tryBegin()) {
            throw new IllegalStateException(
                    "engine is closed: engine=" + engine() + ", file=" + path);
        }
        try {
            EngineFile file = new EngineFile(this, path, mode, openRaw(path, mode, given));
            files.add(file);
            return file;
        } finally {
            opening.end();
        }
    }

    /**
     * Which engine this is.
     *
     * @return never {@link Engine#AUTO}
     */
    public abstract Engine engine();

    /**
     * Counts since the start.
     *
     * @return a snapshot; see there for what may be stale
     */
    public final AsyncIoStats stats() {
        return workers.stats(files.size());
    }

    /**
     * Refuses further files and requests, closes the open files after all their completions have
     * run, lets go of registered memory, and ends the threads. Closing again does nothing but wait
     * for the first close.
     *
     * @throws IllegalStateException this is a completion
     * @throws IOException a file could not be closed without an error; all are closed all the same
     */
    @Override
    public final void close() throws IOException {
        IoWorkers.refuseInCompletion("close");
        closeLock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            opening.close();
            closeAll();
        } finally {
            closeLock.unlock();
        }
    }

    /**
     * Makes the memory of an allocator known: where this engine has rings, it is registered with
     * them as fixed buffers, which takes all of that memory at once and may take a while. They are
     * used by asynchronous reads and writes of a single segment; longer vectors are looked up as
     * ever. Where rings refuse it, a warning says why and what helps, and all else works the same.
     * On every engine, a request with a plain segment of that memory is refused from then on when
     * nobody holds a reference to its block (thread S0).
     *
     * @param allocator whose memory
     * @return the registration, to be closed by the caller or with this engine
     * @throws IllegalStateException this engine is closed, or this is a completion
     */
    public final MemoryRegistration registerMemory(PageAllocator allocator) {
        IoWorkers.refuseInCompletion("registerMemory");
        if (!opening.tryBegin()) {
            throw new IllegalStateException("engine is closed: engine=" + engine());
        }
        try {
            MemoryRegistration registration = MemoryRegistration.of(this, allocator);
            memory.add(registration);
            known.add(allocator);
            return registration;
        } finally {
            opening.end();
        }
    }

    /** Memory that rings may know. */
    interface FixedMemory {
        /** Why they do not, or null. */
        @Nullable String refusal();

        /** Waits until no ring knows it any more. */
        void release();
    }

    /** Makes slabs known to the rings, where there are any. */
    FixedMemory fix(List<SlabRegistration> slabs) {
        return new FixedMemory() {
            @Override
            public String refusal() {
                return "this engine has no rings: engine=" + engine();
            }

            @Override
            public void release() {}
        };
    }

    /** Lets go of a descriptor that is about to be closed. */
    void detach(int fd) {}

    /**
     * As {@link #close()}, but gives up waiting: refuses further requests and files, calls off what
     * is under way (advice, as an {@link IoCancellation}), and waits for the completions.
     *
     * @param timeout how long to wait at most, 292 years or less; not at all when it is 0 or less
     * @throws IllegalStateException this is a completion
     * @throws StillInFlightException the system still holds requests; they complete when it lets
     *     go, and a further close waits for them again
     * @throws IOException as {@link #close()}
     */
    public final void close(Duration timeout) throws IOException {
        IoWorkers.refuseInCompletion("close");
        long deadlineNanos = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
        opening.refuse();
        files.forEach(EngineFile::refuse);
        workers.callOff();
        boolean over = opening.awaitIdle(deadlineNanos);
        // No file is opened any more: one that was still on its way when the others refused.
        files.forEach(EngineFile::refuse);
        workers.callOff();
        for (EngineFile file : files) {
            over &= file.awaitIdle(deadlineNanos);
        }
        if (!over) {
            throw new StillInFlightException(timeout, inFlight());
        }
        close();
    }

    /** Opens the file on the calling thread or one of the engine's. */
    abstract RawFile openRaw(Path path, OpenMode mode, Set<OpenOption> options) throws IOException;

    /**
     * Whether the calling thread may make system calls itself, and whether memory is reached by its
     * address, so that a segment of a confined arena can be used from another thread.
     */
    abstract boolean isNative();

    final void forget(EngineFile file) {
        files.remove(file);
    }

    final void forget(MemoryRegistration registration) {
        memory.remove(registration);
        known.remove(registration.allocator());
    }

    /** What is under way: the requests of the queue, and the files of all other calls. */
    private List<String> inFlight() {
        List<String> all = new ArrayList<>(workers.inFlight());
        for (EngineFile file : files) {
            long uses = file.uses();
            String name = "file=" + file.path();
            if (uses > 0 && all.stream().noneMatch(one -> (one + ",").contains(name + ","))) {
                all.add("calls " + name + ", calls=" + uses);
            }
        }
        return all;
    }

    private void closeAll() throws IOException {
        List<AutoCloseable> all = new ArrayList<>(files);
        all.addAll(memory);
        Exception first = null;
        try {
            for (AutoCloseable one : all) {
                try {
                    one.close();
                } catch (Exception e) {
                    if (first == null) {
                        first = e;
                    } else {
                        first.addSuppressed(e);
                    }
                }
            }
        } finally {
            workers.close(); // after an Error too: no thread is to be left
        }
        switch (first) {
            case null -> {}
            case IOException failed -> throw failed;
            case RuntimeException failed -> throw failed;
            default -> throw new AssertionError("unexpected failure of a close", first);
        }
    }
}
