/**
 * Page frames: their numbers, flags and reference counts, one word each.
 *
 * <pre>
 *            allocate                 insert                    pin, write
 *   FREE ---------------&gt; OWNED ---------------&gt; CACHED &lt;------------------&gt; IN USE
 *    ^                      |                      |                            |
 *    |                      | last put             | freeze, or last put        | last put, off every list
 *    |                      v                      v                            v
 *    +---- free ---------- FROZEN &lt;---------------------------------------------+
 *    |                      ^   \ a check fails
 *    |          claimDeferred    +-----------&gt; QUARANTINED   never used again
 *    |                      |
 *    |                   DEFERRED &lt;--- last put while still on an LRU list
 *
 *   transitions: FrameState (pure)      the one CAS loop: FrameTable.update
 * </pre>
 */
@NullMarked
package dev.quire.allocator.frame;

import org.jspecify.annotations.NullMarked;
