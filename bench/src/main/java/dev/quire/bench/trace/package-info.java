/**
 * Page-access traces and the formats they come in: what was asked of a cache, one page after the
 * other, without the cache.
 */
@NullMarked
package dev.quire.bench.trace;

import org.jspecify.annotations.NullMarked;
