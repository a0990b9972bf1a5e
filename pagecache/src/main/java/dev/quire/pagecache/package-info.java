/**
 * A page cache for storage engines: pages of files, held in off-heap frames, found by two loads.
 *
 * <pre>
 *   PageCache --- PagedFile --- PageCursor          what users meet
 *      |             |              | read, pin, write
 *      |             v              v
 *      |         AddressSpace --- Translation --- slots        .space
 *      |             |
 *      +--- Reclaimer (.reclaim) --- Replacement (.lru)        frames back to the allocator
 *      +--- Flusher (.writeback) --- AddressSpaceOps (.backing)     dirty pages to the store
 * </pre>
 */
@NullMarked
package dev.quire.pagecache;

import org.jspecify.annotations.NullMarked;
