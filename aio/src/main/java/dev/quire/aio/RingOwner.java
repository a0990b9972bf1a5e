package dev.quire.aio;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.MemoryRun;
import dev.quire.aio.os.RingException;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the thread of a ring does: requests in, events out, reports. No other thread calls it.
 *
 * <pre>
 *   inbox, or its own completions -> entries -> enter -> events -> report, or once more
 * </pre>
 */
final class RingOwner {
    /**
     * How many requests of completions go to the device before the rest of the completions run;
     * without it the device waits for all of them. bench/results/aio.md
     */
    private static final int EARLY_REQUESTS = 4;

    private static final long REFUSED_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long UNTIMED_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Uring ring;
    private final @Nullable PolledRing polled;
    private final RingInbox inbox;
    private final RingSlots slots;
    private final RingEntries entries;
    private final RingAborts aborts;
    private final IoWorkers workers;
    private final @Nullable FaultPlan faults;

    // Transfers that moved a part and go on; as few as there are slots.
    private final ArrayDeque<IoRequest> again = new ArrayDeque<>();
    // What completions on this thread submitted.
    private final ArrayDeque<IoRequest> own = new ArrayDeque<>();
    private final ArrayDeque<Release> releases = new ArrayDeque<>();
    private boolean ownFirst;
    private boolean refusalLogged;

    RingOwner(
            Uring ring,
            @Nullable PolledRing polled,
            RingInbox inbox,
            int depth,
            Arena arena,
            IoWorkers workers) {
        this.ring = ring;
        this.polled = polled;
        this.inbox = inbox;
        this.workers = workers;
        faults = workers.faults();
        slots = new RingSlots(depth, arena);
        entries = new RingEntries(ring, polled, slots);
        aborts = new RingAborts(slots, inbox);
    }

    /** Memory that is to be let go, and who waits for it. */
    private record Release(MemoryRun run, Runnable done) {}

    /** Serves until the inbox is closed and nothing is under way. */
    void serve() {
        for (; ; ) { // an event loop
            runCommands();
            takeRequests();
            if (isOver()) {
                break;
            }
            aborts.look();
            enter();
            takeEvents();
        }
        // Who ended a sleep may not have rung yet, and the doorbell is about to go.
        while (ring.wakes() < inbox.ringsPromised()) { // bound: rings promised
            ring.enter(Uring.FOREVER);
            takeEvents();
        }
    }

    // ---- from the owner's own thread, in completions and commands

    /** Whether a request of a completion is begun here as soon as anywhere. */
    boolean hasRoom() {
        return slots.used() + again.size() + own.size() < slots.all().length;
    }

    /** A request of a completion: begun after it, not on its stack. */
    void offerOwn(IoRequest request) {
        own.add(request);
    }

    /** Lets go of a descriptor that is about to be closed. */
    void forget(int fd) {
        ring.forget(fd);
        if (polled != null) {
            polled.forget(fd);
        }
    }

    /** Uses memory as registered from now on, on all that this thread owns or on none. */
    void register(MemoryRun run) throws RingException {
        ring.register(run);
        if (polled != null) {
            try {
                polled.ring().register(run);
            } catch (RingException e) {
                ring.unregister(run);
                throw e;
            }
        }
    }

    /** Uses memory as registered no more; {@code done} runs when the kernel has let go of it. */
    void unregister(MemoryRun run, Runnable done) {
        handOver(ring);
        ring.unregister(run);
        if (polled != null) {
            handOver(polled.ring());
            polled.ring().unregister(run);
        }
        releases.add(new Release(run, done));
    }

    /** Waits until the kernel has read all entries: some may name places of memory. */
    private void handOver(Uring to) {
        while (to.hasEntries()) { // ends when the kernel has the resources for them
            check(to.enter(0));
            noteCuts();
            takeEvents();
            if (to.hasEntries()) { // a thread of the kernel's submits
                LockSupport.parkNanos(REFUSED_PAUSE_NANOS);
            }
        }
    }

    // ---- requests in

    private void runCommands() {
        for (Runnable next = inbox.pollCommand(); next != null; next = inbox.pollCommand()) {
            next.run();
        }
        if (!releases.isEmpty()) {
            releases.removeIf(this::isReleased);
        }
    }

    private boolean isReleased(Release release) {
        boolean held =
                ring.holds(release.run) || (polled != null && polled.ring().holds(release.run));
        if (!held) {
            release.done.run();
        }
        return !held;
    }

    private boolean isOver() {
        return inbox.isClosed()
                && slots.isEmpty()
                && again.isEmpty()
                && own.isEmpty()
                && releases.isEmpty()
                && inbox.isEmpty();
    }

    private void takeRequests() {
        // Some are over at once, and their completions may submit more of the kind: the kernel and
        // the commands have their turns in between.
        for (int taken = 0; taken < slots.all().length && !isFull(); taken++) {
            IoRequest request = next();
            if (request == null) {
                return;
            }
            if (request.isRunning()) {
                submit(request);
            } else {
                workers.report(request);
            }
        }
    }

    private boolean isFull() {
        return slots.isFull() || ring.isFull() || (polled != null && polled.ring().isFull());
    }

    private @Nullable IoRequest next() {
        IoRequest request = again.poll();
        if (request == null) {
            // In turns: neither may wait for the other to run dry.
            ownFirst = !ownFirst;
            request = ownFirst ? own.poll() : inbox.poll();
        }
        if (request == null) {
            request = ownFirst ? inbox.poll() : own.poll();
        }
        return request;
    }

    private void submit(IoRequest request) {
        EngineFile file = Objects.requireNonNull(request.file);
        IoAbort abort = request.abort;
        if (abort.isPossible()) {
            int errno = abort.errno(System.nanoTime());
            if (errno != Errno.NONE) {
                finish(request, -1, request.aborted(errno));
                return;
            }
            aborts.watch(abort);
        }
        boolean nothingLeft = request.operation.transfers() && request.progress.isDone();
        if (nothingLeft && !RingEntries.syncs(request)) {
            finish(request, request.progress.done, null);
            return;
        }
        file.useRing();
        try {
            entries.add(request, file);
        } catch (OutOfMemoryError e) { // of native memory: everybody's thread must not end by it
            finish(request, -1, failure(request, -Errno.ENOMEM, e));
        }
    }

    // ---- the kernel

    private void enter() {
        boolean polling = poll();
        boolean idle =
                !polling
                        && again.isEmpty()
                        && !hasEvents()
                        && (own.isEmpty() || isFull())
                        && !isClogged();
        if (idle) {
            sleep();
        } else if (ring.hasEntries() || ring.isBusy()) {
            check(ring.enter(0));
        }
        noteCuts();
    }

    /** Whether room for more is made by the kernel's taking of entries, not only by an event. */
    private boolean isClogged() {
        return !slots.isFull() && isFull() && ring.hasEntries();
    }

    /** Fetches what is over from the device; false when nothing is under way there. */
    private boolean poll() {
        if (polled == null || !(polled.ring().isBusy() || isReleasing(polled.ring()))) {
            return false;
        }
        check(polled.ring().enter(0));
        return true;
    }

    /** Whether an event is to come that would end nobody's sleep. */
    private boolean isReleasing(Uring silent) {
        for (Release release : releases) {
            if (silent.holds(release.run)) {
                return true;
            }
        }
        return false;
    }

    private void sleep() {
        boolean sleepy = inbox.fallAsleep(isFull());
        long nanos = sleepy ? aborts.sleepNanos() : 0;
        if (nanos == 0 || nanos == Uring.FOREVER || ring.capabilities().timedSleep()) {
            check(ring.enter(nanos));
        } else { // an old kernel: look in from time to time
            check(ring.enter(0));
            LockSupport.parkNanos(Math.min(nanos, UNTIMED_PAUSE_NANOS));
        }
        inbox.wakeUp();
    }

    private boolean hasEvents() {
        return ring.hasEvents() || (polled != null && polled.ring().hasEvents());
    }

    /** The kernel took less than it was given. What it has is safe, and the rest is tried again. */
    private void check(int answer) {
        if (answer >= 0) {
            return;
        }
        int errno = -answer;
        // EAGAIN: out of memory for entries, for now. EBUSY: events are to be taken first. Others
        // should not be: said once, because giving up would strand requests that the kernel holds.
        if (errno != Errno.EAGAIN && errno != Errno.EBUSY && !refusalLogged) {
            refusalLogged = true;
            workers.log("io_uring_enter failed, it is tried again: " + Errno.name(errno));
        }
        if (!hasEvents()) {
            LockSupport.parkNanos(REFUSED_PAUSE_NANOS);
        }
    }

    /** Where a sync may have begun before the end of its write, none so far counts. */
    private void noteCuts() {
        if (!ring.wasCut()) {
            return;
        }
        for (RingSlot slot : slots.all()) {
            if (slot.isUsed()) {
                slot.cutLink();
            }
        }
    }

    // ---- events out

    private void takeEvents() {
        takeEvents(ring);
        if (polled != null) {
            takeEvents(polled.ring());
        }
    }

    private void takeEvents(Uring from) {
        // What completions submit may be over before this ends: the rest of the loop has its turn.
        for (int taken = 0; taken < slots.all().length && from.next(); taken++) {
            long tag = from.tag();
            int result = from.result();
            boolean twice = faults != null && comesTwice(faults, tag);
            takeEvent(from, tag, result);
            if (twice) {
                takeEvent(from, tag, result);
            }
            if (own.size() >= EARLY_REQUESTS && !isFull()) {
                submitEarly();
            }
        }
    }

    /** The device works on what completions have asked for while others still run. */
    private void submitEarly() {
        takeRequests();
        check(ring.submit());
        if (polled != null) {
            check(polled.ring().submit());
        }
        noteCuts();
    }

    private void takeEvent(Uring from, long tag, int answer) {
        RingSlot slot = slots.find(tag);
        if (slot == null || !slot.answer(RingSlots.part(tag), answer)) {
            workers.counters().completionsIgnored.increment();
            workers.log("an event without a request: tag=0x" + Long.toHexString(tag));
        } else if (slot.isOver()) {
            int result = slot.result;
            int syncResult = slot.syncResult;
            IoRequest request = slots.free(slot);
            if (from == ring || !refusedPolling(request, result)) {
                over(request, result, syncResult);
            }
        }
    }

    private boolean comesTwice(FaultPlan plan, long tag) {
        RingSlot slot = slots.find(tag);
        IoRequest request = slot == null ? null : slot.request;
        return request != null && plan.strikes(Fault.DUPLICATED, request.operation);
    }

    private boolean refusedPolling(IoRequest request, int result) {
        EngineFile file = Objects.requireNonNull(request.file);
        boolean refused = polled != null && polled.isRefusal(result, file, workers);
        if (refused) {
            again.add(request);
        }
        return refused;
    }

    /** The kernel is done with one try of a request. */
    void over(IoRequest request, int result, int syncResult) {
        try {
            if (result == -Errno.ECANCELED || result == -Errno.EINTR) {
                refuseAborted(request);
            }
            if (result == -Errno.EOPNOTSUPP && request.progress.isDataSync()) {
                workers.goOn(request); // an old kernel: a write and a sync
            } else if (result == -Errno.EINTR && !request.operation.transfers()) {
                retry(request);
            } else if (!request.operation.transfers()) {
                finish(request, result < 0 ? -1 : 0, result < 0 ? failure(request, result) : null);
            } else if (request.progress.isDone()) {
                synced(request, syncResult);
            } else {
                step(request, result, syncResult);
            }
        } catch (IoException e) {
            finish(request, -1, e);
        }
    }

    /** A signal came before a sync or an allocation had done anything. */
    private void retry(IoRequest request) throws IoException {
        if (++request.progress.tries > Transfer.INTERRUPTED_TRIES_MAX) {
            throw failure(request, -Errno.EINTR);
        }
        again.add(request);
    }

    private void step(IoRequest request, int result, int syncResult) throws IoException {
        Transfer transfer = Objects.requireNonNull(request.file).transfer();
        Transfer.Step next = transfer.step(request.progress, result);
        // Where a link was cut the sync may have run beside a short write, and has taken the news
        // of what failed to reach the device: the one after the rest would not hear of it.
        if (next != Transfer.Step.OVER
                && syncResult < 0
                && syncResult != -Errno.ECANCELED
                && syncResult != -Errno.EINTR) {
            throw failure(request, syncResult);
        }
        switch (next) {
            case OVER -> synced(request, syncResult);
            case AGAIN -> again.add(request);
            case PAUSE -> workers.goOn(request); // a pause here would be everybody's
        }
    }

    /** All bytes moved; the sync after them may have been done too. */
    private void synced(IoRequest request, int syncResult) throws IoException {
        if (!RingEntries.syncs(request) || syncResult == 0) {
            finish(request, request.progress.done, null);
        } else if (syncResult == RingSlot.NOT_SYNCED || syncResult == -Errno.ECANCELED) {
            again.add(request); // the write was short, and its link broken: the sync alone
        } else if (syncResult == -Errno.EINTR) {
            refuseAborted(request);
            again.add(request);
        } else {
            throw failure(request, syncResult);
        }
    }

    private void finish(IoRequest request, long bytes, @Nullable IoException failure) {
        request.bytes = bytes;
        request.failure = failure;
        if (request.finished(request.generation())) {
            workers.report(request);
        }
    }

    private static void refuseAborted(IoRequest request) throws IoException {
        int errno = request.abort.errno(System.nanoTime());
        if (errno != Errno.NONE) {
            throw request.aborted(errno);
        }
    }

    private static IoException failure(IoRequest request, int answer) {
        return failure(request, answer, null);
    }

    private static IoException failure(IoRequest request, int answer, @Nullable Throwable cause) {
        Progress p = request.progress;
        return new IoException(
                request.operation.word(),
                Objects.requireNonNull(request.path),
                p.position,
                p.position < 0 ? -1 : p.length,
                -answer,
                cause);
    }
}
