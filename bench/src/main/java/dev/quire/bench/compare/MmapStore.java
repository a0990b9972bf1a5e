package dev.quire.bench.compare;

import dev.quire.bench.compare.os.MappingAdvice;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Pages in a mapping of the whole file. */
final class MmapStore implements Store {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment mapping;
    private final int pageBytes;

    MmapStore(Path path, int pageBytes, boolean random) throws IOException {
        this.pageBytes = pageBytes;
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            mapping = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), arena);
            if (random) {
                MappingAdvice.random(mapping);
            }
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public Session session() {
        return new Session() {
            @Override
            public void read(long page, MemorySegment copy) {
                MemorySegment.copy(mapping, page * pageBytes, copy, 0, pageBytes);
            }

            @Override
            public void write(long page, MemorySegment copy) {
                MemorySegment.copy(copy, 0, mapping, page * pageBytes, pageBytes);
            }
        };
    }

    @Override
    public void sync() {
        mapping.force();
    }

    @Override
    public long pageMemoryBytes() {
        return 0;
    }

    @Override
    public void close() {
        arena.close();
    }
}
