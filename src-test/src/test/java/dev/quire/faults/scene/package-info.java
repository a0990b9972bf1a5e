/** What is done while something fails; loaded by {@link dev.quire.weave.WovenLoader}. */
@NullMarked
package dev.quire.faults.scene;

import org.jspecify.annotations.NullMarked;
