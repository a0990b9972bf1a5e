/**
 * Page frames: their numbers, flags and reference counts, one word each.
 *
 * <pre>{@code
 *        allocate                         setLru
 * FREE --------------------->  LIVE  <--------------->  LISTED  on an LRU list
 * ^ ^|                        ^|  |^     claimLru        |  |
 * | || move             move  ||  ||                     |  | last put
 * | |+---------> SPARE <------+|  ||                     |  v
 * | +----------       ---------+  ||                     | DEFERRED  on the deferred stack too
 * |                               || freeze, last put    |  |
 * |                      unfreeze || unfreeze     freeze |  | claimDeferred
 * |        free                   v|                     v  v
 * +-----------------------------  FROZEN  <-----------------+
 *                                   |
 *                                   +--- a check fails --> QUARANTINED  never used again
 *
 * every edge               by               who may take it
 * FREE     -> LIVE         allocate         whom the zone gave the block to
 * FREE     -> SPARE        move             whom the zone gave a batch to, for its frame cache
 * SPARE    -> LIVE         move             the user of a frame cache: the winner has the block
 * SPARE    -> FREE         move             anybody who drains a cache: the winner frees the block
 * LIVE     -> SPARE        move             the last put of a block without marks
 * LIVE     -> FREE         move             the same in a batch
 * LIVE     -> FROZEN       put, unpin       who gives the last reference back
 * LIVE     -> FROZEN       endExclusive, endExclusiveDirty, endShared  a latch's reference too
 * LIVE     -> FROZEN       detachPrivate    the reference of private data too
 * LIVE     -> FROZEN       freeze           who knows of every reference
 * LISTED   -> FROZEN       freeze           the same
 * LISTED   -> FROZEN       freezeToMove     the same, who moves its page to another frame
 * LISTED   -> FROZEN       freezeListed     the same, who takes the frame for another page
 * LIVE     -> LISTED       setLru           who holds a reference; it links the frame
 * LISTED   -> LIVE         claimLru         anybody: the winner unlinks the frame, with a reference
 * LISTED   -> DEFERRED     put, unpin       who gives the last reference back; it pushes the frame
 * LISTED   -> DEFERRED     endExclusive, endExclusiveDirty, endShared  a latch's reference too
 * LISTED   -> DEFERRED     detachPrivate    the reference of private data too
 * DEFERRED -> FROZEN       claimDeferred    the DeferredHook of a drain, or a scan that meets the
 *                                           frame on its list: the winner unlinks and frees it
 * DEFERRED -> FROZEN       takeDeferred     who takes the frame for another page, as it is
 * FROZEN   -> LIVE         unfreeze         the one who froze it
 * FROZEN   -> LISTED       unfreeze         the same; it had not unlinked the frame
 * FROZEN   -> LISTED       unfreezeToFill   who took it so: it keeps its place for the other page
 * FROZEN   -> FREE         free             its one owner; then the zone gets the block
 * ANY      -> QUARANTINED  quarantine       the one owner of a FROZEN block, when a check fails at
 *                                           the free; and whom the zone gave a block whose word
 *                                           is not a free frame's, whatever it is
 * }</pre>
 *
 * <p>What only changes counts and flags within a state is not drawn. {@code FrameLifeTest} derives
 * the edges from the code and compares them with the table above.
 *
 * <p>A transition is a pure function of {@code FrameState}, applied by the one CAS loop {@code
 * FrameTable.update}; a move leaves from one word only, by one CAS ({@code FrameTable.move}).
 *
 * <p>DEFERRED (S1) waits for no scan: the put that made it so has pushed the frame on the {@code
 * DeferredStack}, and the next drain frees it. Who drains: an allocation that found nothing and may
 * block, before it fails or reclaims; reclaim; and {@code PageAllocator.drainDeferred}. A scan that
 * meets the frame on its list first may claim it there; then the entry on the stack is stale, and
 * is dropped when the chain is next walked.
 */
@NullMarked
package dev.quire.allocator.frame;

import org.jspecify.annotations.NullMarked;
