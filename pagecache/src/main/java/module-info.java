/** A page cache over files: optimistic reads, pins, exclusive writes, reclaim and write-back. */
@SuppressWarnings({
    "requires-automatic", // Agrona names its module in the manifest only
    "requires-transitive-automatic"
})
module dev.quire.pagecache {
    requires static transitive org.jspecify;
    requires transitive dev.quire.aio;
    requires java.management;
    requires jdk.jfr;
    requires transitive org.agrona;

    exports dev.quire.pagecache;
    exports dev.quire.pagecache.backing;
    exports dev.quire.pagecache.warm;
}
