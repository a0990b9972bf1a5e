/**
 * What the JDK's Flight Recorder is told: misuse of frames, leaks, and frees that had to wait.
 * Nothing of it is on the path of an allocation or a free; while nobody records, an event costs a
 * branch.
 */
@NullMarked
package dev.quire.allocator.events;

import org.jspecify.annotations.NullMarked;
