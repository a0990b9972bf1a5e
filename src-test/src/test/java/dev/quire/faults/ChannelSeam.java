package dev.quire.faults;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/**
 * What woven classes reach the JDK's channels through: each call may be made to fail, and {@link
 * Resources} is told of what is opened. A channel over the pages of a cache is left alone.
 */
public final class ChannelSeam {
    private ChannelSeam() {}

    /** In the place of {@link FileChannel#open(Path, Set, FileAttribute...)}. */
    public static FileChannel open(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        checkOpen(path);
        return Resources.opened(FileChannel.open(path, options, attributes));
    }

    /** In the place of {@link FileChannel#open(Path, OpenOption...)}. */
    public static FileChannel open(Path path, OpenOption... options) throws IOException {
        checkOpen(path);
        return Resources.opened(FileChannel.open(path, options));
    }

    /** In the place of {@link FileChannel#read(ByteBuffer, long)}. */
    public static int read(FileChannel channel, ByteBuffer bytes, long position)
            throws IOException {
        check(channel, "read");
        return channel.read(bytes, position);
    }

    /** In the place of {@link FileChannel#write(ByteBuffer, long)}. */
    public static int write(FileChannel channel, ByteBuffer bytes, long position)
            throws IOException {
        check(channel, "write");
        return channel.write(bytes, position);
    }

    /** In the place of {@link FileChannel#read(ByteBuffer)}. */
    public static int read(FileChannel channel, ByteBuffer bytes) throws IOException {
        check(channel, "read");
        return channel.read(bytes);
    }

    /** In the place of {@link FileChannel#write(ByteBuffer)}. */
    public static int write(FileChannel channel, ByteBuffer bytes) throws IOException {
        check(channel, "write");
        return channel.write(bytes);
    }

    /** In the place of {@link FileChannel#force}. */
    public static void force(FileChannel channel, boolean metadata) throws IOException {
        check(channel, "force");
        channel.force(metadata);
    }

    /** In the place of {@link FileChannel#size}. */
    public static long size(FileChannel channel) throws IOException {
        check(channel, "size");
        return channel.size();
    }

    /** In the place of {@link FileChannel#truncate}. */
    public static FileChannel truncate(FileChannel channel, long bytes) throws IOException {
        check(channel, "truncate");
        return channel.truncate(bytes);
    }

    /** In the place of {@link FileChannel#close}: gone, whatever is answered, but for a liar. */
    public static void close(FileChannel channel) throws IOException {
        Point struck = strike(channel, "close");
        Plan plan = Injector.plan();
        if (struck == null || plan == null || !plan.lies()) {
            channel.close();
            check(struck);
        }
    }

    private static void checkOpen(Path path) throws IOException {
        Point struck = Injector.strike("channel.open");
        if (struck != null) {
            throw new FileSystemException(path.toString(), null, Errors.message(struck.errno()));
        }
    }

    private static void check(FileChannel channel, String call) throws IOException {
        check(strike(channel, call));
    }

    private static @Nullable Point strike(FileChannel channel, String call) {
        boolean ofSystem = channel.getClass().getModule() == Object.class.getModule();
        return ofSystem ? Injector.strike("channel." + call) : null;
    }

    private static void check(@Nullable Point struck) throws IOException {
        if (struck != null) {
            throw new IOException(Errors.message(struck.errno()));
        }
    }
}
