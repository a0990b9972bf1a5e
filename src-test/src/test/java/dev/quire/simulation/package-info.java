/**
 * The page cache on a simulated machine with a simulated disk, and all states that a crash can
 * leave.
 */
@NullMarked
package dev.quire.simulation;

import org.jspecify.annotations.NullMarked;
