package dev.quire.aio;

import dev.quire.aio.os.Errno;
import dev.quire.aio.os.RingException;
import dev.quire.aio.os.RingOptions;
import dev.quire.aio.os.Uring;

import org.jspecify.annotations.Nullable;

import java.util.BitSet;

/**
 * The second ring of an owner, whose events are fetched from the device: for reads and writes of
 * direct files. The owner's.
 *
 * <p>Whether a device can be polled shows only when it is asked: a file that refuses goes to the
 * ordinary ring from then on.
 */
final class PolledRing implements AutoCloseable {
    private final Uring ring;
    private final BitSet refused = new BitSet();
    private boolean logged;

    private PolledRing(Uring ring) {
        this.ring = ring;
    }

    static @Nullable PolledRing open(AsyncIoConfig config, int depth) throws RingException {
        return config.completionPolling()
                ? new PolledRing(Uring.open(new RingOptions(depth, 0, true)))
                : null;
    }

    Uring ring() {
        return ring;
    }

    /** Whether a request goes here. */
    boolean takes(IoRequest request, EngineFile file) {
        return request.operation.transfers()
                && file.direct()
                && request.progress.durability == WriteDurability.NONE
                && !refused.get(file.fd());
    }

    /**
     * Whether an answer says that the device cannot be polled; then the file comes here no more.
     */
    boolean isRefusal(int result, EngineFile file, IoWorkers workers) {
        if (result != -Errno.EOPNOTSUPP) {
            return false;
        }
        refused.set(file.fd());
        if (!logged) {
            logged = true;
            workers.warn(
                    "completion polling is refused, the ordinary ring is used: file="
                            + file.path()
                            + ": the device has no queues for it; give it some (for NVMe the module"
                            + " parameter nvme.poll_queues), or do not ask for completion polling");
        }
        return true;
    }

    void forget(int fd) {
        refused.clear(fd);
        ring.forget(fd);
    }

    @Override
    public void close() {
        ring.close();
    }
}
