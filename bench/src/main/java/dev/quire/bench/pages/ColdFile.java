package dev.quire.bench.pages;

import dev.quire.bench.run.DirectOption;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** A temporary file of pages on the disk, to be read past the kernel's cache. */
final class ColdFile implements AutoCloseable {
    private static final int WRITE_BYTES = 1 << 20;

    private final Path path;

    ColdFile(int pages) throws IOException {
        path = Files.createTempFile("quire-bench", ".pages");
        long bytes = (long) pages * PageSubject.PAGE_BYTES;
        ByteBuffer some = ByteBuffer.allocateDirect(WRITE_BYTES);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes; at += some.position()) {
                some.clear();
                while (some.hasRemaining()) {
                    some.put((byte) (at >>> 20));
                }
                some.flip().limit((int) Math.min(WRITE_BYTES, bytes - at));
                while (some.hasRemaining()) {
                    channel.write(some);
                }
            }
            channel.force(true);
        }
    }

    Path path() {
        return path;
    }

    static Set<OpenOption> options() {
        return Set.of(StandardOpenOption.READ, DirectOption.DIRECT);
    }

    /** A page of memory that direct I/O takes. */
    static ByteBuffer page() {
        return ByteBuffer.allocateDirect(2 * PageSubject.PAGE_BYTES)
                .alignedSlice(PageSubject.PAGE_BYTES)
                .slice(0, PageSubject.PAGE_BYTES)
                .order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() throws IOException {
        Files.delete(path);
    }
}
