package dev.quire.pagecache.direct;

import dev.quire.pagecache.backing.AddressSpaceOps.WriteDone;
import dev.quire.pagecache.backing.DirectStore;
import dev.quire.pagecache.backing.ReadCompletion;
import dev.quire.pagecache.space.AddressSpace;
import dev.quire.pagecache.space.Callbacks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A store that is foreign code: what it does with the cache meanwhile works or is refused. */
record GuardedStore(DirectStore store, AddressSpace space, Callbacks callbacks)
        implements DirectStore {
    @Override
    public int alignmentBytes() {
        return store.alignmentBytes();
    }

    @Override
    public int memoryAlignmentBytes() {
        return store.memoryAlignmentBytes();
    }

    @Override
    public long read(MemorySegment into, long position) throws IOException {
        return callbacks.direct("directRead", space, () -> store.read(into, position));
    }

    @Override
    public void read(MemorySegment into, long position, ReadCompletion completion)
            throws IOException {
        callbacks.direct(
                "directRead",
                space,
                () -> {
                    store.read(into, position, completion);
                    return 0L;
                });
    }

    @Override
    public void write(MemorySegment from, long position) throws IOException {
        callbacks.direct(
                "directWrite",
                space,
                () -> {
                    store.write(from, position);
                    return 0L;
                });
    }

    @Override
    public void write(MemorySegment from, long position, WriteDone done) throws IOException {
        callbacks.direct(
                "directWrite",
                space,
                () -> {
                    store.write(from, position, done);
                    return 0L;
                });
    }
}
