/**
 * Cached pages as one has them with Quire, and as one has them without: the peers that hits, pins,
 * writes and scans are measured against.
 */
@NullMarked
package dev.quire.bench.pages;

import org.jspecify.annotations.NullMarked;
