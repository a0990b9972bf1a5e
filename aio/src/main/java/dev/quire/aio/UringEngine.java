package dev.quire.aio;

import dev.quire.aio.os.RingException;
import dev.quire.aio.os.Uring;
import dev.quire.allocator.SlabRegistration;

import java.io.IOException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Linux io_uring: threads that own a ring each submit the requests of all others, and run their
 * completions.
 *
 * <p>Reads, writes, syncs and allocations go to a ring. What it is not used for (open, close,
 * length, the sync of a directory, a transfer that must pause) goes to a few threads beside it, and
 * so do files for which the kernel would only hand each request to a thread of its own, such as
 * those of tmpfs. A platform thread in a blocking form makes the call itself, as in {@link
 * ThreadPoolEngine}: no ring is faster for one page.
 */
final class UringEngine extends AsyncIo {
    private final RingSet rings;
    private final MemoryPlaces places = new MemoryPlaces(Uring.MEMORY_PLACES);

    private UringEngine(IoWorkers workers, RingSet rings) {
        super(workers);
        this.rings = rings;
    }

    static UringEngine start(AsyncIoConfig config) throws EngineRefusedException {
        IoWorkers workers = new IoWorkers(config);
        try {
            RingSet rings = RingSet.start(config, workers);
            workers.useRing(rings);
            return new UringEngine(workers, rings);
        } catch (RingException e) {
            workers.close();
            throw new EngineRefusedException(e);
        } catch (RuntimeException | Error e) {
            workers.close();
            throw e;
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

    @Override
    void detach(int fd) {
        rings.forget(fd);
    }

    @Override
    FixedMemory fix(List<SlabRegistration> slabs) {
        FixedSlabs fixed = new FixedSlabs(rings, places, slabs);
        String refusal = fixed.refusal();
        if (refusal != null) {
            workers.warn("memory is not registered with the rings, all else works: " + refusal);
        }
        return fixed;
    }
}
