package dev.quire.pagecache;

import dev.quire.pagecache.backing.ReadCompletion;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** Asynchronous reads of a {@link MemoryBacking} that a test ends when it likes, on its thread. */
final class ReadsUnderWay {
    private final MemoryBacking backing;

    /** Those that were begun, ended or not. */
    final List<Read> all = new CopyOnWriteArrayList<>();

    record Read(long firstPage, List<MemorySegment> pages, ReadCompletion completion) {
        int count() {
            return pages.size();
        }
    }

    ReadsUnderWay(MemoryBacking backing) {
        this.backing = backing;
        backing.onReadPages =
                (firstPage, pages, count, completion) ->
                        all.add(read(firstPage, pages, count, completion));
    }

    private static Read read(
            long firstPage, MemorySegment[] pages, int count, ReadCompletion completion) {
        return new Read(firstPage, List.of(Arrays.copyOf(pages, count)), completion);
    }

    /** From now on reads are ended by an executor, well or badly, as the store has it. */
    ReadsUnderWay endedBy(Executor executor) {
        backing.onReadPages =
                (firstPage, pages, count, completion) -> {
                    Read read = read(firstPage, pages, count, completion);
                    all.add(read);
                    executor.execute(() -> end(read));
                    return true;
                };
        return this;
    }

    private void end(Read read) {
        try {
            finish(read);
        } catch (IOException e) {
            fail(read, e);
        }
    }

    /** Ends a read: the store has its part of the pages. */
    void finish(Read read) throws IOException {
        long bytes = 0;
        long whole = 0;
        // Up to where the store ends: it may have grown again behind that by the next page.
        for (int i = 0; i < read.count() && bytes == whole; i++) {
            MemorySegment page = read.pages.get(i);
            bytes += backing.readPage(read.firstPage + i, page);
            whole += page.byteSize();
        }
        read.completion.complete(bytes, null);
    }

    void finishAll() throws IOException {
        for (Read read : all) {
            finish(read);
        }
    }

    void fail(Read read, Throwable failure) {
        read.completion.complete(-1, failure);
    }
}
