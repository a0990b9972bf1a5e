/** Placeholder until the first class. */
@NullMarked
package dev.quire.aio;

import org.jspecify.annotations.NullMarked;
