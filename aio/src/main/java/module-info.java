/**
 * Asynchronous direct file I/O: one contract, several engines, exactly one completion a request.
 */
module dev.quire.aio {
    requires static transitive org.jspecify;
    requires transitive dev.quire.allocator;
    requires jdk.jfr;
    requires org.jctools.core.jdk11;

    exports dev.quire.aio;
}
