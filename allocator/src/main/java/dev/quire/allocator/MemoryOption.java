package dev.quire.allocator;

/** How much an option about the region's memory matters. */
public enum MemoryOption {
    /** Not asked for. */
    OFF,

    /** Asked for; a system that refuses it costs one warning, which names the cure. */
    WANTED,

    /** Asked for; a system that refuses it makes {@link PageAllocator#create} fail, saying so. */
    REQUIRED
}
