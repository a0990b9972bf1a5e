package dev.quire.bench.compare;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Pages read and written through a channel, from and to native memory. */
final class ChannelStore implements Store {
    private final FileChannel channel;
    private final int pageBytes;

    ChannelStore(Path path, int pageBytes) throws IOException {
        this.pageBytes = pageBytes;
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public Session session() {
        return new Session() {
            @Override
            public void read(long page, MemorySegment copy) throws IOException {
                ByteBuffer buffer = copy.asByteBuffer();
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, page * pageBytes + buffer.position()) < 0) {
                        throw new EOFException("the file ends before page " + page);
                    }
                }
            }

            @Override
            public void write(long page, MemorySegment copy) throws IOException {
                ByteBuffer buffer = copy.asByteBuffer();
                while (buffer.hasRemaining()) {
                    channel.write(buffer, page * pageBytes + buffer.position());
                }
            }
        };
    }

    @Override
    public void sync() throws IOException {
        channel.force(false);
    }

    @Override
    public long pageMemoryBytes() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
