/** What puppets do, loaded beside the woven classes. */
@NullMarked
package dev.quire.progress.scene;

import org.jspecify.annotations.NullMarked;
