/**
 * Microbenchmarks of the paths that have a budget, each beside the raw cost it is compared with.
 */
@NullMarked
package dev.quire.bench.jmh;

import org.jspecify.annotations.NullMarked;
