/**
 * Address spaces: which frame holds which page of a file, and how a page comes and goes.
 *
 * <pre>
 *   page number  --&gt;  directory[page / 512]  --&gt;  chunk.slots[page % 512]  --&gt;  frame
 *
 *   ABSENT or SHADOW --fault: insert, locked--&gt; BUSY --filled--&gt; READABLE --write latch--&gt; BUSY
 *      ^                                          |                 |  ^                     |
 *      +------------- read failed ----------------+                 |  +------ release ------+
 *      +---- AddressSpace.remove: reclaim, truncate, close ---------+
 * </pre>
 */
@NullMarked
package dev.quire.pagecache.space;

import org.jspecify.annotations.NullMarked;
