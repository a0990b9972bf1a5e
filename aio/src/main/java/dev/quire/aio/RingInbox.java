package dev.quire.aio;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What others want of the owner of a ring, who sleeps in the kernel and is woken by a doorbell:
 * requests, commands, and a look at what is to be aborted.
 *
 * <p>Requests are bounded by admission, as in {@link WorkQueue}. Whoever ends a sleep rings once;
 * the owner counts those rings, so that it can wait for the last one before the doorbell goes.
 */
final class RingInbox {
    private final Queue<IoRequest> requests;
    private final Runnable doorbell;

    // Rare: a file is closed, memory is registered.
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();

    // True from before the owner's last look until somebody, itself included, takes it back.
    private final AtomicBoolean asleep = new AtomicBoolean();
    private volatile boolean abortsWanted;
    private volatile boolean closed;
    private long ringsPromised; // the owner's

    RingInbox(int queueDepth, Runnable doorbell) {
        this(new MpscVarHandleArrayQueue<>(Math.max(2, queueDepth)), doorbell);
    }

    /** Over a bounded queue with many threads on the offering side. */
    RingInbox(Queue<IoRequest> requests, Runnable doorbell) {
        this.requests = requests;
        this.doorbell = doorbell;
    }

    void offer(IoRequest request) {
        if (!requests.offer(request)) {
            throw new IllegalStateException(
                    "ring inbox over its admission: requests=" + requests.size());
        }
        endSleep();
    }

    /** Something for the owner to do, soon. */
    void command(Runnable command) {
        commands.add(command);
        endSleep();
    }

    /** Some request may have to end before its time. */
    void lookForAborts() {
        abortsWanted = true;
        endSleep();
    }

    /** The owner is to end once it has nothing left; callers offer nothing any more. */
    void close() {
        closed = true;
        endSleep();
    }

    // ---- the owner's side

    @Nullable IoRequest poll() {
        return requests.poll();
    }

    @Nullable Runnable pollCommand() {
        return commands.poll();
    }

    /** Whether a look was asked for since this was asked last. */
    boolean takeAbortsWanted() {
        if (!abortsWanted) {
            return false;
        }
        abortsWanted = false; // before the look: what is asked for during it gets another
        return true;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isEmpty() {
        return requests.isEmpty() && commands.isEmpty();
    }

    /**
     * Announces a sleep; false when there is a reason not to. {@link #wakeUp} follows anyway.
     *
     * @param full whether the owner has no room for requests, so that those are no reason
     */
    boolean fallAsleep(boolean full) {
        // Ordering: "asleep" is stored, then a full fence, then comes a look at all that is wanted.
        // Pairs:    endSleep, which looks at "asleep" only after its own store and a full fence.
        // Gives:    either the owner sees the request or the submitter sees the sleeper and rings.
        // Checked:  jcstress OfferAgainstSleep; RingInboxTest, UringEngineTest.shouldLoseNoWakeUp.
        asleep.setOpaque(true);
        VarHandle.fullFence();
        return (full || requests.isEmpty()) && commands.isEmpty() && !abortsWanted && !closed;
    }

    /** Takes the announcement back. */
    void wakeUp() {
        if (!asleep.compareAndSet(true, false)) {
            ringsPromised++;
        }
    }

    /** How often somebody has rung, or is about to. */
    long ringsPromised() {
        return ringsPromised;
    }

    private void endSleep() {
        VarHandle.fullFence();
        if (asleep.getOpaque() && asleep.compareAndSet(true, false)) {
            doorbell.run();
        }
    }
}
