/** The statistics of a page cache as meters of Micrometer. */
@SuppressWarnings({
    "requires-automatic", // Micrometer names its module in the manifest only
    "requires-transitive-automatic"
})
module dev.quire.micrometer {
    requires static transitive org.jspecify;
    requires transitive dev.quire.pagecache;
    requires transitive micrometer.core;

    exports dev.quire.micrometer;
}
