package dev.quire.aio;

import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * Pure Java: {@link java.nio.channels.FileChannel} on threads that nobody can interrupt, so that no
 * interrupt closes a channel.
 */
final class ChannelEngine extends AsyncIo {
    ChannelEngine(AsyncIoConfig config) {
        super(new IoWorkers(config));
    }

    @Override
    public Engine engine() {
        return Engine.CHANNEL;
    }

    @Override
    RawFile openRaw(Path path, OpenMode mode, Set<OpenOption> options) throws IOException {
        RawFile[] opened = new RawFile[1];
        workers.call(
                IoOperation.OPEN,
                path,
                () -> {
                    opened[0] = ChannelFile.open(path, mode, options);
                    return 0;
                });
        return opened[0];
    }

    @Override
    boolean isNative() {
        return false;
    }
}
