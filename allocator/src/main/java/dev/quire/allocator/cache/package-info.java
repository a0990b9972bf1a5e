/**
 * Frame caches: small stocks of free blocks in front of the zone, one for each thread that
 * allocates.
 *
 * <pre>
 *  platform thread            virtual thread, stranger
 *    | owns                     | locks for one operation, by trying
 *    v                          v
 *  FrameCache  (slots)        FrameCache  (stripes)
 *    hints: which blocks may be SPARE; the frame word says whether they are
 *    | refill a batch  ^ take                 | drain: anybody, any time
 *    v                 | spill the older half v
 *  BuddyZone
 * </pre>
 */
@NullMarked
package dev.quire.allocator.cache;

import org.jspecify.annotations.NullMarked;
