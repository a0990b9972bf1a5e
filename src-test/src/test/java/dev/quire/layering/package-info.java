/** What may use what, held against the compiled classes, and the README held to its word. */
@NullMarked
package dev.quire.layering;

import org.jspecify.annotations.NullMarked;
