package dev.quire.allocator;

/** How much an allocator remembers of who allocated and who freed. */
public enum Tracking {
    /** Nothing. */
    OFF,

    /**
     * One allocation in so many, chosen at random, and the free of those: cheap enough to find a
     * slow leak in production.
     */
    SAMPLED,

    /**
     * Every allocation and free. Frame numbers become handles that carry a generation, so that one
     * that was freed and allocated again is told from the new owner's.
     */
    FULL
}
