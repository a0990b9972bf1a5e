package dev.quire.bench.pages;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A temporary file of pages with their numbers in them, in the kernel's cache and on the disk. */
final class PageFile implements AutoCloseable {
    private static final int PAGES_AT_ONCE = 128;

    private final Path path;
    private final FileChannel channel;

    PageFile(int pages) throws IOException {
        path = Files.createTempFile("quire-bench", ".pages");
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ByteBuffer some = buffer(PAGES_AT_ONCE * PageSubject.PAGE_BYTES);
        for (int page = 0; page < pages; page += PAGES_AT_ONCE) {
            some.clear();
            for (int i = 0; i < PAGES_AT_ONCE; i++) {
                some.putLong(i * PageSubject.PAGE_BYTES, page + i);
            }
            some.limit(Math.min(PAGES_AT_ONCE, pages - page) * PageSubject.PAGE_BYTES);
            while (some.hasRemaining()) {
                channel.write(some, (long) page * PageSubject.PAGE_BYTES + some.position());
            }
        }
        // The kernel shall not be writing it while something is measured.
        channel.force(true);
    }

    FileChannel channel() {
        return channel;
    }

    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** The sum of a page that a buffer holds. */
    static long sum(ByteBuffer page) {
        long sum = 0;
        for (int offset = 0; offset < PageSubject.PAGE_BYTES; offset += Long.BYTES) {
            sum += page.getLong(offset);
        }
        return sum;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.delete(path);
    }
}
