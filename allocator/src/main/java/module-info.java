/** Page frames: native memory, one state word a frame, and a buddy allocator over them. */
module dev.quire.allocator {
    requires static transitive org.jspecify;

    exports dev.quire.allocator;
}
