/**
 * A disk in memory behind {@code java.nio.file}, that is slow, out of order, short and broken as it
 * is told, and loses what a disk may lose when the power goes. Nothing in here is woven.
 */
@NullMarked
package dev.quire.simulation.disk;

import org.jspecify.annotations.NullMarked;
