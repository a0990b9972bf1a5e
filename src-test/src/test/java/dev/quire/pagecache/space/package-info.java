/** jcstress tests of what is package-private. */
@NullMarked
package dev.quire.pagecache.space;

import org.jspecify.annotations.NullMarked;
