package dev.quire.aio;

import dev.quire.aio.os.MemoryRun;
import dev.quire.aio.os.RingCapabilities;
import dev.quire.aio.os.RingException;
import dev.quire.aio.os.RingOptions;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A ring and the thread that owns it, seen from other threads. */
final class UringLane {
    private final IoThread thread;
    private final RingInbox inbox;
    private final RingOwner owner;
    private final RingCapabilities capabilities;

    private UringLane(IoThread thread, Made made) {
        this.thread = thread;
        inbox = made.inbox;
        owner = made.owner;
        capabilities = made.capabilities;
    }

    /** What the owner has made. */
    private record Made(RingInbox inbox, RingOwner owner, RingCapabilities capabilities) {}

    /** Starts the owner, which makes the ring: the kernel holds them together. */
    static UringLane start(String threadName, AsyncIoConfig config, int depth, IoWorkers workers)
            throws RingException {
        CompletableFuture<Made> made = new CompletableFuture<>();
        IoThread thread = new IoThread(threadName, () -> own(config, depth, workers, made));
        thread.start();
        try {
            return new UringLane(thread, made.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RingException refused) {
                throw refused;
            }
            throw e;
        }
    }

    RingCapabilities capabilities() {
        return capabilities;
    }

    /** The owner, when it is the calling thread and has room; else null. */
    @Nullable RingOwner ownerHere() {
        return Thread.currentThread() == thread && owner.hasRoom() ? owner : null;
    }

    void offer(IoRequest request) {
        inbox.offer(request);
    }

    void lookForAborts() {
        inbox.lookForAborts();
    }

    /** Lets go of a descriptor that is about to be closed; not in a completion. */
    void forget(int fd) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        inbox.command(() -> complete(done, () -> owner.forget(fd)));
        done.join();
    }

    /** Registers memory; answers the refusal, or null. Not in a completion. */
    @Nullable RingException register(MemoryRun run) {
        CompletableFuture<@Nullable RingException> done = new CompletableFuture<>();
        inbox.command(
                () -> {
                    try {
                        owner.register(run);
                        done.complete(null);
                    } catch (RingException e) {
                        done.complete(e);
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                });
        return done.join();
    }

    /** Waits until the kernel has let go of memory; not in a completion. */
    void unregister(MemoryRun run) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Runnable released = () -> done.complete(null);
        inbox.command(
                () -> {
                    try {
                        owner.unregister(run, released);
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                });
        done.join();
    }

    void close() {
        inbox.close();
        thread.joinUninterruptibly();
    }

    private static void complete(CompletableFuture<Void> done, Runnable step) {
        try {
            step.run();
            done.complete(null);
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
    }

    private static void own(
            AsyncIoConfig config, int depth, IoWorkers workers, CompletableFuture<Made> made) {
        RingOptions options = new RingOptions(depth, config.submissionPollMillis(), false);
        try (Uring ring = Uring.open(options);
                PolledRing polled = PolledRing.open(config, depth);
                Arena arena = Arena.ofConfined()) {
            RingInbox inbox = new RingInbox(config.queueDepth(), ring::wake);
            RingOwner owner = new RingOwner(ring, polled, inbox, depth, arena, workers);
            made.complete(new Made(inbox, owner, ring.capabilities()));
            owner.serve();
        } catch (RingException | RuntimeException | Error e) {
            if (!made.completeExceptionally(e)) {
                throw new IllegalStateException("the owner of a ring failed", e);
            }
        }
    }
}
