package dev.quire.bench.soak;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Where a test may reach into a suite, to break what the suite must notice. */
interface SoakHooks {
    /** Nothing is done. */
    SoakHooks NONE = new SoakHooks() {};

    /**
     * A file is closed, and what it holds was not looked at yet.
     *
     * @param file where it lies
     * @throws IOException when the test cannot do what it wants
     */
    default void beforeCheck(Path file) throws IOException {}

    /**
     * Somebody has memory of an allocator, and has written to it.
     *
     * @param memory all of it
     */
    default void written(MemorySegment memory) {}

    /**
     * What is killed.
     *
     * @return a class with a main method, which takes what {@link KillVictim} takes
     */
    default Class<?> victim() {
        return KillVictim.class;
    }
}
