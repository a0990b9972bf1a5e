package dev.quire.aio;

import dev.quire.aio.os.RingException;
import dev.quire.aio.os.Uring;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A ring and the thread that owns it, seen from other threads: requests go in, completions run on
 * the owner.
 */
final class UringLane implements Lane {
    private final IoThread thread;
    private final RingInbox inbox;

    private UringLane(IoThread thread, RingInbox inbox) {
        this.thread = thread;
        this.inbox = inbox;
    }

    /** Starts the owner, which makes the ring: the kernel holds them together. */
    static UringLane start(String threadName, int queueDepth, IoWorkers workers)
            throws RingException {
        CompletableFuture<RingInbox> opened = new CompletableFuture<>();
        IoThread thread = new IoThread(threadName, () -> own(queueDepth, workers, opened));
        thread.start();
        try {
            return new UringLane(thread, opened.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof RingException refused) {
                throw refused;
            }
            throw e;
        }
    }

    @Override
    public boolean takes(IoRequest request) {
        EngineFile file = request.file;
        if (file != null && request.abort.isPossible()) {
            return false;
        }
        return switch (request.operation) {
            case READ, READ_VECTOR -> true;
            case WRITE, WRITE_VECTOR -> request.progress.durability == WriteDurability.NONE;
            case SYNC, SYNC_DATA -> file != null && !file.isDirectoryUnsynced();
            default -> false;
        };
    }

    @Override
    public void offer(IoRequest request) {
        inbox.offer(request);
    }

    @Override
    public void close() {
        inbox.close();
        thread.joinUninterruptibly();
    }

    private static void own(
            int queueDepth, IoWorkers workers, CompletableFuture<RingInbox> opened) {
        try (Uring ring = Uring.open(queueDepth);
                Arena arena = Arena.ofConfined()) {
            RingInbox inbox = new RingInbox(queueDepth, ring::wake);
            RingOwner owner = new RingOwner(ring, inbox, queueDepth, arena, workers);
            opened.complete(inbox);
            owner.serve();
        } catch (RingException | RuntimeException | Error e) {
            if (!opened.completeExceptionally(e)) {
                throw new IllegalStateException("the owner of a ring failed", e);
            }
        }
    }
}
