/**
 * What an allocator knows more when asked to: who allocated and freed a block, whether a handle is
 * stale, and whether a free frame was written. Nothing here is on the way of an allocator without
 * debug modes.
 */
@NullMarked
package dev.quire.allocator.debug;

import org.jspecify.annotations.NullMarked;
