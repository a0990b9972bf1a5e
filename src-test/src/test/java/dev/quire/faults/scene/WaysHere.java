package dev.quire.faults.scene;

import dev.quire.aio.AsyncIo;
import dev.quire.aio.AsyncIoConfig;
import dev.quire.aio.Engine;
import dev.quire.aio.os.UringSupport;
import dev.quire.faults.Ways;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** Asks the system. */
public final class WaysHere implements Ways {
    /** Made by its loader. */
    public WaysHere() {}

    @Override
    public List<String> in(Path directory) {
        String kind = hasDirect(directory.resolve("probe")) ? "/direct" : "/buffered";
        Stream<String> ways =
                UringSupport.refusal().isEmpty()
                        ? Stream.of(
                                "URING" + kind,
                                "THREAD_POOL/buffered",
                                "CHANNEL/buffered",
                                "URING/buffered")
                        : Stream.of("THREAD_POOL" + kind, "CHANNEL/buffered");
        return ways.distinct().toList();
    }

    private static boolean hasDirect(Path probe) {
        AsyncIoConfig config = AsyncIoConfig.builder().engine(Engine.THREAD_POOL).build();
        try (AsyncIo io = AsyncIo.open(config)) {
            io.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE, DirectOption.DIRECT)
                    .close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
