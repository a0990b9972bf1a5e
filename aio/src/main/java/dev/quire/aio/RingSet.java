package dev.quire.aio;

import dev.quire.aio.os.MemoryRun;
import dev.quire.aio.os.RingException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The rings of an engine.
 *
 * <p>A request of a completion stays on the ring whose thread runs it; those of other threads are
 * dealt out in turns.
 */
final class RingSet implements Lane {
    private final UringLane[] lanes;
    private final boolean everyFile;
    private final boolean allocates;
    private final AtomicInteger turn = new AtomicInteger();

    private RingSet(List<UringLane> lanes, boolean everyFile) {
        this.lanes = lanes.toArray(UringLane[]::new);
        this.everyFile = everyFile;
        allocates = lanes.getFirst().capabilities().allocate();
    }

    static RingSet start(AsyncIoConfig config, IoWorkers workers) throws RingException {
        int count = config.rings();
        // Each has room for all that is admitted: one that is stuck keeps no other request waiting.
        int depth = config.queueDepth();
        List<UringLane> lanes = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                String name = config.threadNamePrefix() + "ring" + (count == 1 ? "" : "-" + i);
                lanes.add(UringLane.start(name, config, depth, workers));
            }
            return new RingSet(lanes, config.ringForEveryFile());
        } catch (RingException | RuntimeException | Error e) { // no memory, no more threads
            lanes.forEach(UringLane::close);
            throw e;
        }
    }

    @Override
    public boolean takes(IoRequest request) {
        EngineFile file = request.file;
        if (file == null || !(everyFile || file.isNonBlocking())) {
            return false;
        }
        return switch (request.operation) {
            case READ, WRITE, READ_VECTOR, WRITE_VECTOR -> true;
            case SYNC, SYNC_DATA -> !file.isDirectoryUnsynced();
            case ALLOCATE, PUNCH_HOLE -> allocates && request.progress.position >= 0;
            case OPEN, TRUNCATE, SIZE, CLOSE -> false;
        };
    }

    @Override
    public void offer(IoRequest request) {
        if (IoThread.restricted()) {
            for (UringLane lane : lanes) {
                RingOwner here = lane.ownerHere();
                if (here != null) {
                    here.offerOwn(request);
                    return;
                }
            }
        }
        int next = lanes.length == 1 ? 0 : Math.floorMod(turn.getAndIncrement(), lanes.length);
        lanes[next].offer(request);
    }

    @Override
    public void lookForAborts() {
        for (UringLane lane : lanes) {
            lane.lookForAborts();
        }
    }

    /** Lets go of a descriptor that is about to be closed. */
    void forget(int fd) {
        for (UringLane lane : lanes) {
            lane.forget(fd);
        }
    }

    /** Registers memory on all rings, or on none; answers the refusal, or null. */
    @Nullable RingException register(MemoryRun run) {
        for (UringLane lane : lanes) {
            RingException refusal = lane.register(run);
            if (refusal != null) {
                unregister(run);
                return refusal;
            }
        }
        return null;
    }

    /** Waits until no ring holds memory any more. */
    void unregister(MemoryRun run) {
        for (UringLane lane : lanes) {
            lane.unregister(run);
        }
    }

    @Override
    public void close() {
        for (UringLane lane : lanes) {
            lane.close();
        }
    }
}
