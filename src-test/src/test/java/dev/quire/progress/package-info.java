/**
 * Threads that are held up for good wherever they are, and others that go on all the same: what
 * "lock-free" means, tried at every point of the woven classes.
 */
@NullMarked
package dev.quire.progress;

import org.jspecify.annotations.NullMarked;
