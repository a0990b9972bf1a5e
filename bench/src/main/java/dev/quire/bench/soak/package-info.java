/**
 * {@code quire soak}: everything that can be wrong, looked for over and over on real files. Each
 * suite runs for some seconds at a time with a seed of its own.
 */
@NullMarked
package dev.quire.bench.soak;

import org.jspecify.annotations.NullMarked;
