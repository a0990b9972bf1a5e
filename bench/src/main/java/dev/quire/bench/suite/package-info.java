/**
 * Quire beside what one would use instead of it: what is measured, in which JVM, and what came of
 * it.
 */
@NullMarked
package dev.quire.bench.suite;

import org.jspecify.annotations.NullMarked;
