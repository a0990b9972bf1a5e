/** Stress tests of the buddy zone and of its parts, which lie in the package of the same name. */
@NullMarked
package dev.quire.allocator.zone;

import org.jspecify.annotations.NullMarked;
