package dev.quire.aio;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * Linux file system calls.
 *
 * <p>A platform thread in a blocking form makes the call itself, which is the shortest way to one
 * page; asynchronous requests and virtual threads go to the engine's threads.
 */
final class ThreadPoolEngine extends AsyncIo {
    ThreadPoolEngine(AsyncIoConfig config) {
        super(config);
    }

    @Override
    public Engine engine() {
        return Engine.THREAD_POOL;
    }

    @Override
    RawFile openRaw(Path path, OpenMode mode, Set<OpenOption> options) throws IOException {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            throw new IllegalArgumentException(
                    "path must be of the default file system: path="
                            + path
                            + ", fileSystem="
                            + path.getFileSystem());
        }
        RawFile[] opened = new RawFile[1];
        IoCall open =
                () -> {
                    opened[0] = NativeFile.open(path, mode);
                    return 0;
                };
        if (Thread.currentThread().isVirtual()) {
            workers.call(IoOperation.OPEN, path, open);
        } else {
            open.run();
        }
        return opened[0];
    }

    @Override
    boolean isNative() {
        return true;
    }
}
