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

/** Asks the system. */
public final class WaysHere implements Ways {
    /** Made by its loader. */
    public WaysHere() {}

    @Override
    public List<String> in(Path directory) {
        String kind = hasDirect(directory.resolve("probe")) ? "/direct" : "/buffered";
        return UringSupport.refusal().isEmpty()
                ? List.of("URING" + kind, "THREAD_POOL/buffered")
                : List.of("THREAD_POOL" + kind);
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
