package dev.quire.pagecache;

import dev.quire.pagecache.backing.AddressSpaceOps;
import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.backing.ReadCompletion;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;

/** The direct side of a {@link MemoryBacking}: waits, and fails, where a test says. */
final class MemoryDirect implements DirectStore {
    static final int ALIGNMENT = 512;

    private final MemoryBacking store;

    final AtomicInteger reads = new AtomicInteger();
    final AtomicInteger writes = new AtomicInteger();

    /** What happens at a position before, and after, bytes are moved there. */
    volatile MemoryBacking.Step beforeRead = position -> {};

    /** How many bytes it says it has read. */
    volatile LongUnaryOperator answered = bytes -> bytes;

    volatile MemoryBacking.Step beforeWrite = position -> {};
    volatile MemoryBacking.Step afterWrite = position -> {};

    /** What an asynchronous write does on the stack that asked for it, its done included. */
    volatile Submit onSubmit = (position, done) -> {};

    interface Submit {
        void run(long position, AddressSpaceOps.WriteDone done) throws IOException;
    }

    MemoryDirect(MemoryBacking store) {
        this.store = store;
    }

    void heal() {
        beforeRead = position -> {};
        answered = bytes -> bytes;
        beforeWrite = position -> {};
        afterWrite = position -> {};
        onSubmit = (position, done) -> {};
    }

    @Override
    public int alignmentBytes() {
        return ALIGNMENT;
    }

    @Override
    public int memoryAlignmentBytes() {
        return ALIGNMENT;
    }

    @Override
    public long read(MemorySegment into, long position) throws IOException {
        reads.incrementAndGet();
        beforeRead.run(position);
        return answered.applyAsLong(store.readBytes(into, position));
    }

    @Override
    public void read(MemorySegment into, long position, ReadCompletion completion) {
        Running.run(
                () -> {
                    long bytes;
                    try {
                        bytes = read(into, position);
                    } catch (IOException | RuntimeException | Error e) {
                        completion.complete(-1, e);
                        return;
                    }
                    completion.complete(bytes, null);
                });
    }

    @Override
    public void write(MemorySegment from, long position) throws IOException {
        writes.incrementAndGet();
        beforeWrite.run(position);
        store.writeBytes(from, position);
        afterWrite.run(position);
    }

    @Override
    public void write(MemorySegment from, long position, AddressSpaceOps.WriteDone done)
            throws IOException {
        onSubmit.run(position, done);
        Running.run(
                () -> {
                    try {
                        write(from, position);
                    } catch (IOException | RuntimeException | Error e) {
                        done.done(e);
                        return;
                    }
                    done.done(null);
                });
    }
}
