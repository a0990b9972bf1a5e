package dev.quire.pagecache.direct;

import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.CacheContext;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One direct read. The store has no older bytes of the range than those that were written before
 * the call: pages that were dirty are written back by now. What lies beyond the end is not told of,
 * and the end is where it was when the read was given to the store (S2.7).
 */
final class DirectRead {
    private final CacheContext context;
    private final AddressSpace space;
    private final DirectStore store;
    private final MemorySegment into;
    private final long position;
    private final AtomicBoolean over = new AtomicBoolean();
    private long inside;

    DirectRead(
            CacheContext context,
            AddressSpace space,
            DirectStore store,
            MemorySegment into,
            long position) {
        this.context = context;
        this.space = space;
        this.store = store;
        this.into = into;
        this.position = position;
    }

    /** Reads on the calling thread, which waits; answers how many bytes. */
    long readHere() throws IOException {
        space.directTransfers().begin();
        try {
            sample();
            return inside == 0 ? 0 : zeroed(store.read(part(), position));
        } finally {
            space.directTransfers().end();
        }
    }

    /**
     * Gives the read to the store, unless transfers are kept out.
     *
     * @param answer told of the end, if this answers true; never on this stack
     */
    @SuppressWarnings("CatchThrowable") // From here on, whatever happens is told by the answer.
    boolean tryStart(Answer answer) {
        if (!space.directTransfers().tryBegin()) {
            return false;
        }
        try {
            sample();
            if (inside > 0) {
                store.read(part(), position, (bytes, failure) -> over(answer, bytes, failure));
                return true;
            }
        } catch (Throwable e) {
            overElsewhere(answer, e);
            return true;
        }
        overElsewhere(answer, null);
        return true;
    }

    /** Looks where the file ends; counted by now, so that it is not cut until the end. */
    private void sample() {
        space.checkOpen();
        inside = Math.clamp(space.sizeBytes() - position, 0, into.byteSize());
        space.counters().directReads.increment();
    }

    /** What is to be read: no more blocks than there are. */
    private MemorySegment part() {
        if (inside == into.byteSize()) {
            return into;
        }
        long unit = store.alignmentBytes();
        return into.asSlice(0, (inside + unit - 1) / unit * unit);
    }

    /** The store may be shorter than the content, whose end reads as zeros then. */
    private long zeroed(long bytes) throws IOException {
        if (bytes < 0) {
            throw new IOException(
                    "store must answer at least 0 bytes: bytes="
                            + bytes
                            + ", position="
                            + position
                            + ", file="
                            + space.name());
        }
        if (bytes < inside) {
            into.asSlice(bytes, inside - bytes).fill((byte) 0);
        }
        return inside;
    }

    @SuppressWarnings("CatchThrowable") // It is counted in until here.
    private void over(Answer answer, long bytes, @Nullable Throwable failure) {
        if (!isFirst()) {
            return;
        }
        long told = -1;
        Throwable why = failure;
        if (why == null) {
            try {
                told = zeroed(bytes);
            } catch (Throwable e) { // an answer that cannot be, or the memory is gone
                why = e;
            }
        }
        space.directTransfers().end();
        answer.over(told, why);
    }

    private void overElsewhere(Answer answer, @Nullable Throwable failure) {
        if (isFirst()) {
            space.directTransfers().end();
            answer.overElsewhere(failure == null ? 0 : -1, failure);
        }
    }

    /** A store that answers twice, or throws and answers, would be counted out twice. */
    private boolean isFirst() {
        if (over.compareAndSet(false, true)) {
            return true;
        }
        context.callbacks()
                .contained(
                        "directRead",
                        space,
                        position >>> context.pageShift(),
                        new IllegalStateException("a read was answered twice"));
        return false;
    }
}
