/**
 * Warm restart: the hot pages of a file, dumped by number and list, and brought in again after a
 * restart in the order in which they lie on the device.
 *
 * <pre>
 *   lists of the cache --HotPages--> DumpFile (temporary, synced, renamed)
 *   DumpFile --checked against FileIdentity--> HotPages --WarmLoad, ReadDepth--> pages and lists
 * </pre>
 */
@NullMarked
package dev.quire.pagecache.warm;

import org.jspecify.annotations.NullMarked;
