/** The {@code quire} command line and its benchmarks. */
@NullMarked
package dev.quire.bench;

import org.jspecify.annotations.NullMarked;
