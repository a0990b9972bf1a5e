package dev.quire.bench.compare;

import dev.quire.bench.console.Names;

import java.io.IOException;
import java.nio.file.Path;

/** What stands between a program and the pages of its file. */
public enum Subject {
    /** Quire's page cache, past the kernel's. */
    QUIRE,
    /** A mapping of the file: the kernel's page cache. */
    MMAP,
    /** The same, of which the kernel is told that it is read here and there. */
    MMAP_RANDOM,
    /** Reads and writes of a channel: the kernel's page cache, and a copy. */
    FILECHANNEL;

    /** Whether its pages lie in the kernel's page cache, which only a control group can limit. */
    boolean isKernels() {
        return this != QUIRE;
    }

    /** What it needs of the heap for tables that lie within its budget; 0 if none. */
    long heapBytes(int pageBytes, long memoryBytes) {
        return this == QUIRE ? QuireStore.heapBytes(pageBytes, memoryBytes) : 0;
    }

    /** Opens a file this way. */
    Store open(Path file, int pageBytes, long memoryBytes) throws IOException {
        return switch (this) {
            case QUIRE -> new QuireStore(file, pageBytes, memoryBytes);
            case MMAP -> new MmapStore(file, pageBytes, false);
            case MMAP_RANDOM -> new MmapStore(file, pageBytes, true);
            case FILECHANNEL -> new ChannelStore(file, pageBytes);
        };
    }

    @Override
    public String toString() {
        return Names.of(this);
    }
}
