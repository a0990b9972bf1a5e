package dev.quire.bench.io;

import dev.quire.aio.WriteDurability;
import dev.quire.bench.run.DirectOption;

import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** How the JDK's channels are opened and what they read into. */
final class Channels {
    /** Enough for direct I/O on every file system: no block of one is larger than a page. */
    private static final int ALIGNMENT_BYTES = 4096;

    private Channels() {}

    static Set<OpenOption> optionsOf(IoShape shape) {
        Set<OpenOption> options = new HashSet<>();
        if (shape.pattern().reads()) {
            options.add(StandardOpenOption.READ);
        }
        if (shape.pattern().writes()) {
            options.add(StandardOpenOption.WRITE);
        }
        if (shape.direct()) {
            options.add(DirectOption.DIRECT);
        }
        if (shape.durability() != WriteDurability.NONE) {
            options.add(StandardOpenOption.DSYNC);
        }
        return options;
    }

    /** A block of random bytes. */
    static ByteBuffer bufferOf(IoShape shape, Random random) {
        byte[] bytes = new byte[shape.blockBytes()];
        random.nextBytes(bytes);
        return ByteBuffer.allocateDirect(shape.blockBytes() + ALIGNMENT_BYTES)
                .alignedSlice(ALIGNMENT_BYTES)
                .slice(0, shape.blockBytes())
                .put(bytes);
    }
}
