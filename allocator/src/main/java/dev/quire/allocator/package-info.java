/** Placeholder until the first class. */
@NullMarked
package dev.quire.allocator;

import org.jspecify.annotations.NullMarked;
