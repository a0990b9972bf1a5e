/** What may use what, held against the compiled classes. */
@NullMarked
package dev.quire.layering;

import org.jspecify.annotations.NullMarked;
