/** How fast a page cache is warm again after a restart, beside the rate of the device. */
@NullMarked
package dev.quire.bench.warm;

import org.jspecify.annotations.NullMarked;
