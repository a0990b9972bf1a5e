/** What the cache asks of the store behind an address space, and how that store's failures look. */
@NullMarked
package dev.quire.pagecache.backing;

import org.jspecify.annotations.NullMarked;
