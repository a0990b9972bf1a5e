/** Placeholder until the first class. */
@NullMarked
package dev.quire.pagecache;

import org.jspecify.annotations.NullMarked;
