/** Taking frames back from the cache when the allocator runs low. */
@NullMarked
package dev.quire.pagecache.reclaim;

import org.jspecify.annotations.NullMarked;
