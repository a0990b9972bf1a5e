package dev.quire.aio;

import dev.quire.aio.os.RingException;

import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Set;

/**
 * Linux io_uring: one thread owns a ring, submits the requests of all others, and runs their
 * completions.
 *
 * <p>Reads, writes and syncs go to the ring. What it is not used for (open, close, length, the sync
 * of a directory, a transfer that must pause) goes to a few threads beside it. A platform thread in
 * a blocking form makes the call itself, as in {@link ThreadPoolEngine}: no ring is faster for one
 * page.
 */
final class UringEngine extends AsyncIo {
    private UringEngine(IoWorkers workers) {
        super(workers);
    }

    static UringEngine start(AsyncIoConfig config) throws EngineRefusedException {
        IoWorkers workers = new IoWorkers(config);
        try {
            workers.useRing(
                    UringLane.start(
                            config.threadNamePrefix() + "ring", config.queueDepth(), workers));
            return new UringEngine(workers);
        } catch (RingException e) {
            workers.close();
            throw new EngineRefusedException(e);
        }
    }

    @Override
    public Engine engine() {
        return Engine.URING;
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
