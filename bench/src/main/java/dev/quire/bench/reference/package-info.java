/**
 * Replacement policies to compare a page cache with: each simulated by itself, one thread, page
 * numbers only, written from the paper that published it.
 */
@NullMarked
package dev.quire.bench.reference;

import org.jspecify.annotations.NullMarked;
