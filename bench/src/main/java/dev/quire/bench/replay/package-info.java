/**
 * Traces replayed through the real page cache: how many accesses find their page, for which policy
 * and which size of the cache.
 *
 * <p>The store behind the cache answers at once and touches no memory, so that only the policy
 * counts. Each access is one optimistic read; a hit is an access without a fault, counted by the
 * cache. The cache's agents run in the threads that replay, after each miss: so they are as quick
 * as they can be, and one thread gives the same hits every time; in caches of 4096 frames or more
 * nearly, as the reclaimer begins the earlier the faster frames are taken.
 */
@NullMarked
package dev.quire.bench.replay;

import org.jspecify.annotations.NullMarked;
