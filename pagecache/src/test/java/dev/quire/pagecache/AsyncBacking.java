package dev.quire.pagecache;

import dev.quire.pagecache.backing.AddressSpaceOps;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A store in memory whose writes are under way until the test ends them, in any order. */
final class AsyncBacking implements AddressSpaceOps {
    private final MemoryBacking memory;
    final List<Write> underWay = new CopyOnWriteArrayList<>();

    /** A write that the store has accepted. */
    @SuppressWarnings("ArrayRecordComponent") // as they came, to be handed on
    record Write(long firstPage, MemorySegment[] pages, int count, long endBytes, WriteDone done) {}

    AsyncBacking(int pageBytes) {
        memory = new MemoryBacking(pageBytes);
    }

    @Override
    public void writePagesAsync(
            long firstPage, MemorySegment[] pages, int count, long endBytes, WriteDone done) {
        underWay.add(new Write(firstPage, pages, count, endBytes, done));
    }

    /** Ends a write well. */
    void store(Write write) {
        underWay.remove(write);
        try {
            memory.writePages(write.firstPage, write.pages, write.count, write.endBytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        write.done.done(null);
    }

    /** Ends a write badly. */
    void fail(Write write) {
        underWay.remove(write);
        write.done.done(new IOException("on purpose"));
    }

    /** Ends all writes well, the last one first. */
    void storeAll() {
        new ArrayList<>(underWay).reversed().forEach(this::store);
    }

    MemoryBacking memory() {
        return memory;
    }

    @Override
    public void writePages(long firstPage, MemorySegment[] pages, int count, long endBytes) {
        throw new AssertionError("has an asynchronous form");
    }

    @Override
    public int readPage(long page, MemorySegment into) throws IOException {
        return memory.readPage(page, into);
    }

    @Override
    public void sync() throws IOException {
        memory.sync();
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        memory.truncate(sizeBytes);
    }

    @Override
    public long sizeBytes() throws IOException {
        return memory.sizeBytes();
    }
}
