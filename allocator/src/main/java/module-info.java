/** Page frames: native memory, one state word a frame, and a buddy allocator over them. */
@SuppressWarnings("module") // The modules that frames are exported to are built later.
module dev.quire.allocator {
    requires static transitive org.jspecify;
    requires java.management;
    requires jdk.jfr;

    exports dev.quire.allocator;
    exports dev.quire.allocator.frame to
            dev.quire.aio,
            dev.quire.pagecache;
    exports dev.quire.allocator.jmx to
            dev.quire.pagecache;
    exports dev.quire.allocator.os to
            dev.quire.pagecache;
}
