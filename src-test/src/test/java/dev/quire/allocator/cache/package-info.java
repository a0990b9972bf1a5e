/** jcstress of what frame caches keep to themselves. */
@NullMarked
package dev.quire.allocator.cache;

import org.jspecify.annotations.NullMarked;
