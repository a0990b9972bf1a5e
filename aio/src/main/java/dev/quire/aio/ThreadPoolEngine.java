package dev.quire.aio;

import java.io.IOException;
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
        super(new IoWorkers(config));
    }

    @Override
    public Engine engine() {
        return Engine.THREAD_POOL;
    }

    @Override
    RawFile openRaw(Path path, OpenMode mode, Set<OpenOption> options) throws IOException {
        return NativeFile.open(path, mode, workers);
    }

    @Override
    boolean isNative() {
        return true;
    }
}
