/** Memory from the operating system: the allocator's only native calls. */
@NullMarked
package dev.quire.allocator.os;

import org.jspecify.annotations.NullMarked;
