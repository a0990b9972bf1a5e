/** What every part of the cache shares: waiting for a frame, and counting. */
@NullMarked
package dev.quire.pagecache.core;

import org.jspecify.annotations.NullMarked;
