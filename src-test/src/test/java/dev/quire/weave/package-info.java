/**
 * Classes as they are, but for the calls that a test wants to step in between: loaded a second time
 * by a {@link dev.quire.weave.WovenLoader}, changed as a {@link dev.quire.weave.Weaving} says.
 * Production code has no seam for it.
 */
@NullMarked
package dev.quire.weave;

import org.jspecify.annotations.NullMarked;
