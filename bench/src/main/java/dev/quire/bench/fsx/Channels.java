package dev.quire.bench.fsx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Whole reads and writes through a channel. */
final class Channels {
    private Channels() {}

    /** Answers how many bytes there were. */
    static int read(FileChannel channel, long at, byte[] into, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into, 0, count);
        while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) > 0) {
            // a read may be short
        }
        return buffer.position();
    }

    static void write(FileChannel channel, long at, byte[] written) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(written);
        while (buffer.hasRemaining()) {
            channel.write(buffer, at + buffer.position());
        }
    }
}
