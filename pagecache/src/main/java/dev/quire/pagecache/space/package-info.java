/**
 * Address spaces: which frame holds which page of a file, and how a page comes and goes.
 *
 * <pre>
 *   page number  --&gt;  window[page / 2^24]  --&gt;  slot[page % 2^24]  --&gt;  frame
 *
 *   ABSENT or SHADOW --fault: insert, locked--&gt; BUSY --filled--&gt; READABLE --write latch--&gt; BUSY
 *      ^                                          |                 |  ^                     |
 *      +------------- read failed ----------------+                 |  +------ release ------+
 *      +---- Removal: reclaim, truncate, hole, invalidation, close -+
 * </pre>
 */
@NullMarked
package dev.quire.pagecache.space;

import org.jspecify.annotations.NullMarked;
