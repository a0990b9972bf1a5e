package dev.quire.aio;

import dev.quire.aio.os.Errno;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The threads of an engine and the way of a request through them: admitted, queued, run, reported.
 *
 * <p>No lock is held while an operation or a completion runs.
 */
final class IoWorkers {
    private final IoCounters counters = new IoCounters();
    private final IoCancellation callOff = new IoCancellation();
    private final AbortLook abortLook = new AbortLook();
    private final RequestPool pool;
    private final WorkQueue queue;
    private final Lane slow; // the queue
    private final @Nullable FaultPlan faults;
    private final List<IoThread> threads;
    private @Nullable Lane ring; // set before the first request

    IoWorkers(AsyncIoConfig config) {
        pool = new RequestPool(config.queueDepth(), callOff);
        queue = new WorkQueue(config.queueDepth());
        faults = config.faults();
        slow = faulty(queue);
        List<IoThread> made = new ArrayList<>();
        for (int i = 0; i < config.threads(); i++) {
            made.add(new IoThread(config.threadNamePrefix() + i, this::serve));
        }
        threads = List.copyOf(made);
        queue.serve(threads);
        try {
            threads.forEach(Thread::start);
        } catch (Error e) { // no more threads: those that there are must not wait for ever
            close();
            throw e;
        }
    }

    /** Sends all that a ring can do to one; before the first request. */
    void useRing(Lane lane) {
        ring = faulty(lane);
        abortLook.lane = ring;
    }

    /** Leaves the rest of a transfer to these threads, which may pause. */
    void goOn(IoRequest request) {
        queue.offer(request);
    }

    IoCounters counters() {
        return counters;
    }

    @Nullable FaultPlan faults() {
        return faults;
    }

    /** Places free for admission; exact only when nothing is under way. */
    int freeSlots() {
        return pool.freeSlots();
    }

    AsyncIoStats stats(int openFiles) {
        return counters.snapshot(pool, openFiles);
    }

    static void refuseInCompletion(String operation) {
        if (IoThread.restricted()) {
            throw new IllegalStateException(
                    "a completion may not block: operation="
                            + operation
                            + ", thread="
                            + Thread.currentThread().getName());
        }
    }

    /** A request to fill and {@link #start}; waits for one, but never in a completion. */
    IoRequest admit() {
        if (!IoThread.restricted()) {
            return pool.take();
        }
        IoRequest request = pool.tryTake();
        return request != null ? request : new IoRequest(false, callOff);
    }

    /** Takes an admitted request back that is not to be started after all. */
    void abandon(IoRequest request) {
        request.fragments.leave();
        request.clear();
        if (request.pooled()) {
            pool.putBack(request);
            launchOverflow();
        }
    }

    /** Hands a filled request over: from here on only its completion speaks for it. */
    void start(IoRequest request) {
        if (request.pooled()) {
            launch(request);
        } else {
            counters.overflowed.increment();
            pool.overflow(request);
            launchOverflow();
        }
    }

    /** Calls off all requests, those under way and those to come. */
    void callOff() {
        callOff.cancel();
        abortLook.run();
    }

    /** What the requests under way do; may be stale. */
    List<String> inFlight() {
        return pool.inFlight();
    }

    /** Tells the engine that some request may have to end before its time; always the same. */
    Runnable abortLook() {
        return abortLook;
    }

    /** Runs a call on a thread of the engine and waits for it. */
    long call(IoOperation operation, Path path, IoCall call) throws IoException {
        BlockingWait wait = new BlockingWait();
        IoRequest request = admit();
        request.operation = operation;
        request.path = path;
        request.call = call;
        request.completion = wait;
        start(request);
        return wait.await();
    }

    /**
     * What an advice holds of an engine, perhaps for longer than there is one. Requests in the
     * queue of the threads are looked at when a thread takes them up.
     */
    private static final class AbortLook implements Runnable {
        private volatile @Nullable Lane lane;

        @Override
        public void run() {
            Lane told = lane;
            if (told != null) {
                told.lookForAborts();
            }
        }
    }

    /** Ends the threads; every file is closed, so nothing is queued. */
    void close() {
        abortLook.lane = null;
        Lane lane = ring;
        if (lane != null) {
            lane.close();
        }
        slow.close();
        threads.forEach(IoThread::joinUninterruptibly);
    }

    private void launch(IoRequest request) {
        int generation = request.begin();
        Lane fast = ring;
        Lane lane = fast != null && fast.takes(request) ? fast : slow;
        lane.offer(request);
        if (request.submitted(generation)) {
            // The operation was faster than these lines. A report never runs on this stack, so the
            // request goes through the lane once more.
            lane.offer(request);
        }
    }

    private void launchOverflow() {
        for (; ; ) { // bound: requests of completions that wait for a slot
            IoRequest request = pool.nextOverflowed();
            if (request == null) {
                return;
            }
            launch(request);
        }
    }

    private void serve() {
        IoThread self = (IoThread) Thread.currentThread();
        for (; ; ) { // an event loop: ends when the queue is closed
            IoRequest request = queue.take(self);
            if (request == null) {
                return;
            }
            if (!request.isRunning() || run(request)) {
                report(request);
            }
        }
    }

    /** Runs the operation; true when the report is up to this thread. */
    private boolean run(IoRequest request) {
        int generation = request.generation();
        EngineFile file = request.file;
        try {
            // Opening and closing have no file yet, or no longer: they are always done.
            if (file != null && request.abort.isPossible()) {
                refuseAborted(request);
            }
            request.bytes =
                    file != null
                            ? file.execute(request)
                            : Objects.requireNonNull(request.call).run();
            request.failure = null;
        } catch (Throwable t) {
            request.bytes = -1;
            request.failure = failure(request, t);
        }
        return request.finished(generation);
    }

    /** Fails a request that is to end before it has begun, or between two tries. */
    private static void refuseAborted(IoRequest request) throws IoException {
        int errno = request.abort.errno(System.nanoTime());
        if (errno != Errno.NONE) {
            throw request.aborted(errno);
        }
    }

    /** Gives the memory back, frees the request and its slot, then tells the caller. */
    void report(IoRequest request) {
        IoCompletion completion = Objects.requireNonNull(request.completion);
        EngineFile file = request.file;
        long bytes = request.bytes;
        IoException failure = request.failure;
        if (file != null) {
            counters.over(request.operation, bytes, failure != null);
        }
        // Before the completion: what it does next may need the frames.
        request.fragments.close();
        request.free();
        pool.putBack(request);
        launchOverflow();
        try {
            completion.complete(bytes, failure);
        } catch (Throwable t) {
            contain(completion, file, t);
        } finally {
            if (file != null) {
                file.endUse();
            }
        }
    }

    /** The end of a request is signalled once more: its generation is over, whoever has it now. */
    void overAgain(IoRequest request, int generation) {
        if (!request.refusesToFinish(generation)) {
            throw new IllegalStateException(
                    "a request was reported before its end: generation=" + generation);
        }
        counters.completionsIgnored.increment();
    }

    private Lane faulty(Lane lane) {
        return faults == null ? lane : new FaultyLane(lane, faults, this);
    }

    private void contain(IoCompletion completion, @Nullable EngineFile file, Throwable t) {
        counters.completionsThrown.increment();
        try {
            System.getLogger(AsyncIo.class.getName())
                    .log(
                            System.Logger.Level.ERROR,
                            "a completion threw: completion="
                                    + completion.getClass().getName()
                                    + ", file="
                                    + (file == null ? "none" : file.path()),
                            t);
        } catch (Throwable unsaid) {
            // A log that throws, or a throwable that does, must not end a thread of the engine; it
            // is counted.
            return;
        }
    }

    void warn(String message) {
        System.getLogger(AsyncIo.class.getName()).log(System.Logger.Level.WARNING, message);
    }

    void log(String message) {
        System.getLogger(AsyncIo.class.getName()).log(System.Logger.Level.ERROR, message);
    }

    private static IoException failure(IoRequest request, Throwable t) {
        if (t instanceof IoException failure) {
            return failure;
        }
        Path path = Objects.requireNonNull(request.path);
        int errno = t instanceof IOException ? Errno.ofMessage(t.getMessage()) : Errno.NONE;
        return new IoException(
                request.operation.word(), path, request.progress.position, -1, errno, t);
    }
}
