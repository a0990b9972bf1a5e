/**
 * What the JDK's Flight Recorder is told: stalls, reclaim, write-back, syncs and faults. Nothing of
 * it is on the path of a hit; while nobody records, an event costs a branch.
 */
@NullMarked
package dev.quire.pagecache.events;

import org.jspecify.annotations.NullMarked;
