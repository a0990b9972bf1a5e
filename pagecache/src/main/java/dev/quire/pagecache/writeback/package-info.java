/** Dirty pages on their way to the store: passes over a file, the flusher, and the limits. */
@NullMarked
package dev.quire.pagecache.writeback;

import org.jspecify.annotations.NullMarked;
