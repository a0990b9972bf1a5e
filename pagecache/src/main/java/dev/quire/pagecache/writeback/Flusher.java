package dev.quire.pagecache.writeback;

import dev.quire.pagecache.core.Signal;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import org.agrona.concurrent.Agent;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Writes dirty pages back in the background: all of them once they are old enough, and as many as
 * needed when there are more than the background limit.
 *
 * <p>A file whose write-back fails is left alone for a while; its pages stay dirty, other files go
 * on.
 */
public final class Flusher implements Agent {
    private static final System.Logger LOG = System.getLogger(Flusher.class.getName());
    private static final int PAGES_PER_TURN = 1024;
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final CacheContext context;
    private final Writeback writeback;
    private final DirtyLimits limits;
    private final Signal signal;
    private final long ageNanos;
    private final Map<AddressSpace, Long> retryAt = new WeakHashMap<>();
    private long lastFullPassNanos = System.nanoTime();

    /**
     * The flusher of one cache.
     *
     * @param context the cache
     * @param writeback how pages are written
     * @param limits when there are too many
     * @param signal how it idles, and is woken
     * @param ageNanos how long a page stays dirty at most before it is written
     */
    public Flusher(
            CacheContext context,
            Writeback writeback,
            DirtyLimits limits,
            Signal signal,
            long ageNanos) {
        this.context = context;
        this.writeback = writeback;
        this.limits = limits;
        this.signal = signal;
        this.ageNanos = ageNanos;
    }

    /** Asks for work to be done soon, whatever the limits: somebody needs clean pages. */
    public void wake() {
        limits.requestFlush();
        signal.raise();
    }

    @Override
    public int doWork() {
        long now = System.nanoTime();
        boolean aged = now - lastFullPassNanos >= ageNanos / 2;
        if (!aged && !limits.flushWanted()) {
            return 0;
        }
        if (aged) {
            lastFullPassNanos = now;
        }
        retryAt.keySet().removeIf(AddressSpace::closed);
        limits.flushing();
        int written = 0;
        for (AddressSpace space : context.spaces().all()) {
            written += flush(space, aged ? Integer.MAX_VALUE : PAGES_PER_TURN, now);
        }
        limits.flushed(written);
        return written;
    }

    private int flush(AddressSpace space, int pagesMax, long now) {
        if (space.fenced() || now - retryAt.getOrDefault(space, now) < 0) {
            return 0;
        }
        try {
            int written = writeback.flush(space, pagesMax);
            retryAt.remove(space);
            return written;
        } catch (IOException | RuntimeException e) {
            if (retryAt.put(space, now + RETRY_NANOS) == null) {
                LOG.log(
                        Level.WARNING,
                        "write-back fails, pages stay dirty and are tried again: file={0}: {1}",
                        space.name(),
                        e.getMessage());
            }
            return 0;
        }
    }

    @Override
    public String roleName() {
        return "quire-flusher";
    }
}
