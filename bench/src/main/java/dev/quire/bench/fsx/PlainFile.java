package dev.quire.bench.fsx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of the JDK. What the JDK has no word for is done by what it has. */
final class PlainFile implements ExercisedFile {
    private final Path path;
    private FileChannel channel;

    PlainFile(Path path) throws IOException {
        this.path = path;
        channel = open();
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
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
        Channels.write(channel, channel.size(), written);
    }

    @Override
    public void truncate(int size) throws IOException {
        long before = channel.size();
        channel.truncate(size);
        if (size > before) {
            channel.write(ByteBuffer.allocate(1), size - 1L);
        }
    }

    @Override
    public void punchHole(int at, int count) throws IOException {
        int inside = Math.clamp(channel.size() - at, 0, count);
        Channels.write(channel, at, new byte[inside]);
    }

    @Override
    public void sync() throws IOException {
        channel.force(true);
    }

    @Override
    public int readDirect(int at, byte[] into, int count) throws IOException {
        return read(at, into, count);
    }

    @Override
    public void writeDirect(int at, byte[] written) throws IOException {
        write(at, written);
    }

    @Override
    public View snapshot() throws IOException {
        byte[] copy = new byte[(int) channel.size()];
        read(0, copy, copy.length);
        return new View() {
            @Override
            public long sizeBytes() {
                return copy.length;
            }

            @Override
            public int read(int at, byte[] into, int count) {
                int inside = Math.clamp(copy.length - (long) at, 0, count);
                System.arraycopy(copy, Math.min(at, copy.length), into, 0, inside);
                return inside;
            }

            @Override
            public void close() {}
        };
    }

    /** A channel shows nothing there. */
    @Override
    public byte[] behindEnd() {
        return new byte[0];
    }

    @Override
    public void invalidate(int at, int count) {}

    @Override
    public void prefetch(int at, int count) {}

    @Override
    public void reopen() throws IOException {
        channel.close();
        channel = open();
    }

    @Override
    public void resize(int percent) {}

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
