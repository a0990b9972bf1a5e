/** How statistics get into the platform's MBean server, and out of it again. */
@NullMarked
package dev.quire.allocator.jmx;

import org.jspecify.annotations.NullMarked;
