package dev.quire.pagecache.direct;

import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;

/**
 * The one report that somebody who does not wait is owed: run by his executor, with no lock held
 * and after the transfer was counted out (S2.14).
 */
final class Answer implements Told, Runnable {
    private final CacheContext context;
    private final AddressSpace space;
    private final Told told;
    private final Executor executor;

    // Stored before the executor is given this.
    private long bytes;
    private @Nullable Throwable failure;

    /** From now on it is owed. */
    Answer(CacheContext context, AddressSpace space, Told told, Executor executor) {
        this.context = context;
        this.space = space;
        this.told = told;
        this.executor = executor;
        space.directTransfers().owe();
    }

    /** It is not owed: whoever asked gets an exception. */
    void dismiss() {
        space.directTransfers().oweNothing();
    }

    @Override
    public void over(long bytes, @Nullable Throwable failure) {
        this.bytes = bytes;
        this.failure = failure;
        try {
            executor.execute(this);
        } catch (RuntimeException | Error e) { // refused: better elsewhere than never
            Thread.startVirtualThread(this);
        }
    }

    /** As {@link #over}, on the stack of who asked, where no completion may run. */
    void overElsewhere(long bytes, @Nullable Throwable failure) {
        space.directLane().execute(() -> over(bytes, failure));
    }

    /** The executor's. */
    @Override
    public void run() {
        space.directTransfers()
                .answer(() -> context.callbacks().run("completion", space, this::tell));
    }

    private void tell() {
        told.over(bytes, failure);
    }
}
