package dev.quire.bench.run;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Passes over every page of a file by plain reads or writes, without the page cache: makes a file,
 * and looks at what really lies in one. Each thread takes a contiguous part.
 */
final class DiskScan {
    /** Large enough that a call costs little beside its bytes, small enough for the CPU's cache. */
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path path;
    private final long bytes;
    private final int pageBytes;
    private final int threads;

    /** What is done with a page. */
    @FunctionalInterface
    interface PageVisitor {
        /**
         * Looks at one page, or fills it.
         *
         * @param copy the page's bytes, zeros behind the end of the file; to be filled when writing
         * @param page its number
         */
        void visit(PageCopy copy, long page);
    }

    /**
     * A scan of one file.
     *
     * @param path an existing file
     * @param bytes how much of it, from its start
     * @param pageBytes the size of a page, a divisor of 1 MiB
     * @param threads how many threads share the work
     */
    DiskScan(Path path, long bytes, int pageBytes, int threads) {
        this.path = path;
        this.bytes = bytes;
        this.pageBytes = pageBytes;
        this.threads = threads;
    }

    /**
     * Reads every page.
     *
     * @param visitor called by several threads at once, for different pages
     * @throws IOException when the file cannot be read, or is shorter than it should be
     */
    void forEachPage(PageVisitor visitor) throws IOException {
        Parallel.run(threads, thread -> scan(thread, visitor, false));
    }

    /**
     * Writes every page.
     *
     * @param visitor fills the copy; called by several threads at once, for different pages
     * @throws IOException when the file cannot be written
     */
    void fillEachPage(PageVisitor visitor) throws IOException {
        Parallel.run(threads, thread -> scan(thread, visitor, true));
    }

    private void scan(int thread, PageVisitor visitor, boolean write) throws IOException {
        PageCopy copy = new PageCopy(pageBytes);
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (FileChannel file =
                FileChannel.open(
                        path, write ? StandardOpenOption.WRITE : StandardOpenOption.READ)) {
            long end = chunkStart(thread + 1);
            for (long at = chunkStart(thread); at < end; at += CHUNK_BYTES) {
                chunk.clear().limit((int) Math.min(CHUNK_BYTES, bytes - at));
                if (write) {
                    visitChunk(chunk, at, copy, visitor, true);
                    writeFully(file, chunk, at);
                } else {
                    readFully(file, chunk, at);
                    visitChunk(chunk, at, copy, visitor, false);
                }
            }
        }
    }

    private void visitChunk(
            ByteBuffer chunk, long at, PageCopy copy, PageVisitor visitor, boolean write) {
        MemorySegment bytesOfChunk = MemorySegment.ofBuffer(chunk.duplicate().rewind());
        for (int offset = 0; offset < chunk.limit(); offset += pageBytes) {
            int length = Math.min(pageBytes, chunk.limit() - offset);
            if (write) {
                visitor.visit(copy, (at + offset) / pageBytes);
                MemorySegment.copy(copy.segment(), 0, bytesOfChunk, offset, length);
            } else {
                copy.segment().asSlice(length).fill((byte) 0);
                MemorySegment.copy(bytesOfChunk, offset, copy.segment(), 0, length);
                visitor.visit(copy, (at + offset) / pageBytes);
            }
        }
    }

    private long chunkStart(int thread) {
        long chunks = Math.ceilDiv(bytes, CHUNK_BYTES);
        return chunks * thread / threads * CHUNK_BYTES;
    }

    private void readFully(FileChannel file, ByteBuffer chunk, long at) throws IOException {
        while (chunk.hasRemaining()) {
            if (file.read(chunk, at + chunk.position()) < 0) {
                throw new EOFException(
                        "the file ends at byte "
                                + file.size()
                                + ", it must have "
                                + bytes
                                + ": "
                                + path);
            }
        }
        chunk.flip();
    }

    private static void writeFully(FileChannel file, ByteBuffer chunk, long at) throws IOException {
        chunk.rewind();
        while (chunk.hasRemaining()) {
            file.write(chunk, at + chunk.position());
        }
    }
}
