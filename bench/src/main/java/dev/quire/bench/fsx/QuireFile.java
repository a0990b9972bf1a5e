package dev.quire.bench.fsx;

import dev.quire.bench.console.InputException;
import dev.quire.bench.run.DirectOption;
import dev.quire.pagecache.FileSnapshot;
import dev.quire.pagecache.PageCache;
import dev.quire.pagecache.PageCursor;
import dev.quire.pagecache.PagedFile;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file in Quire's page cache: bytes through its channel, the rest by its own names. */
final class QuireFile implements ExercisedFile {
    private final PageCache cache;
    private final Path path;
    private final OpenOption[] options;
    private final long memoryBytes;
    private final MemorySegment direct =
            Arena.ofAuto().allocate(Operation.BYTES_MAX, OperationSource.DIRECT_BYTES);
    private PagedFile file;
    private FileChannel channel;

    QuireFile(PageCache cache, Path path, boolean direct) throws IOException {
        this.cache = cache;
        this.path = path;
        memoryBytes = cache.capacityBytes();
        options =
                direct
                        ? new OpenOption[] {
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE,
                            DirectOption.DIRECT
                        }
                        : new OpenOption[] {
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.CREATE
                        };
        file = cache.open(path, options);
        channel = file.channel();
        InputException.require(
                OperationSource.DIRECT_BYTES % file.directAlignment() == 0,
                "must be on a file system whose direct I/O is aligned to "
                        + OperationSource.DIRECT_BYTES
                        + " bytes or less, it is aligned to "
                        + file.directAlignment(),
                "--temp-dir",
                path.getParent());
    }

    @Override
    public long sizeBytes() throws IOException {
        return channel.size();
    }

    @Override
    public int read(int at, byte[] into, int count) throws IOException {
        return Channels.read(channel, at, into, count);
    }

    @Override
    public void write(int at, byte[] written) throws IOException {
        Channels.write(channel, at, written);
    }

    @Override
    public void append(byte[] written) throws IOException {
        try (FileChannel appending = file.channel(StandardOpenOption.APPEND)) {
            ByteBuffer buffer = ByteBuffer.wrap(written);
            while (buffer.hasRemaining()) {
                appending.write(buffer);
            }
        }
    }

    @Override
    public void truncate(int size) throws IOException {
        file.truncate(size);
    }

    @Override
    public void punchHole(int at, int count) throws IOException {
        file.punchHole(at, count);
    }

    @Override
    public void sync() throws IOException {
        channel.force(true);
    }

    @Override
    public int readDirect(int at, byte[] into, int count) throws IOException {
        int got = (int) file.readDirect(direct.asSlice(0, count), at);
        MemorySegment.copy(direct, 0, MemorySegment.ofArray(into), 0, got);
        return got;
    }

    @Override
    public void writeDirect(int at, byte[] written) throws IOException {
        MemorySegment.copy(MemorySegment.ofArray(written), 0, direct, 0, written.length);
        long took = file.writeDirect(direct.asSlice(0, written.length), at);
        if (took != written.length) {
            throw new IOException("direct write took " + took + " of " + written.length + " bytes");
        }
    }

    @Override
    public View snapshot() {
        FileSnapshot snapshot = file.snapshot();
        FileChannel bytes = snapshot.channel();
        return new View() {
            @Override
            public long sizeBytes() {
                return snapshot.sizeBytes();
            }

            @Override
            public int read(int at, byte[] into, int count) throws IOException {
                return Channels.read(bytes, at, into, count);
            }

            @Override
            public void close() {
                snapshot.close();
            }
        };
    }

    @Override
    public byte[] behindEnd() {
        int inside = (int) (file.sizeBytes() % file.pageBytes());
        byte[] found = new byte[inside == 0 ? 0 : file.pageBytes() - inside];
        if (found.length > 0) {
            try (PageCursor cursor = file.cursor()) {
                do {
                    cursor.read(file.sizePages() - 1);
                    cursor.copyTo(inside, MemorySegment.ofArray(found), 0, found.length);
                } while (cursor.retry());
            }
        }
        return found;
    }

    @Override
    public void invalidate(int at, int count) throws IOException {
        long first = at / file.pageBytes();
        long pages = count / file.pageBytes() + 1L;
        if (count % 2 == 0) {
            file.tryInvalidate(first, pages);
        } else {
            file.invalidate(first, pages);
        }
    }

    @Override
    public void prefetch(int at, int count) {
        file.prefetchRange(at / file.pageBytes(), count / file.pageBytes() + 1L);
    }

    @Override
    public void reopen() throws IOException {
        close();
        file = cache.open(path, options);
        channel = file.channel();
    }

    @Override
    public void resize(int percent) {
        cache.resize(memoryBytes * percent / 100);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
